"""Prints ODIN values as text that `read_odin` reads back to the same values.

Called by the archetype writer; `indent` counts tabs.
"""

from __future__ import annotations

from collections.abc import Mapping

from cdr.am.adl.odin import OdinInterval, OdinKeyed, OdinScalar, OdinTerm, OdinText, OdinValue


def write_attributes(attributes: Mapping[str, OdinValue], *, indent: int = 0) -> str:
    """Return the attributes as lines of ODIN, each ended by a newline."""
    tabs = "\t" * indent
    return "".join(f"{tabs}{name} = {write_value(value, indent=indent)}\n" for name, value in attributes.items())


def write_value(value: OdinValue, *, indent: int = 0) -> str:
    """Return one value in its angle brackets; nested values stand one tab deeper than `indent`."""
    if value is None:
        return "<>"
    if isinstance(value, dict):
        return _dict(value, indent)
    if isinstance(value, list):
        written = ", ".join(_single(member) for member in value)
        return f"<{written}, ...>" if len(value) == 1 else f"<{written}>"
    return f"<{_single(value)}>"


def _dict(value: dict[str, OdinValue], indent: int) -> str:
    tabs = "\t" * indent
    if not value:
        return "<>"
    is_keyed = isinstance(value, OdinKeyed)
    lines = [
        f"{tabs}\t{_key(name) if is_keyed else name} = {write_value(member, indent=indent + 1)}\n"
        for name, member in value.items()
    ]
    return f"<\n{''.join(lines)}{tabs}>"


def _key(name: str) -> str:
    return f'["{_escape(name)}"]'


def _single(value: OdinScalar | OdinInterval) -> str:
    if isinstance(value, str):
        return f'"{_escape(value)}"'
    if isinstance(value, bool):
        return "True" if value else "False"
    if isinstance(value, OdinTerm):
        return f"[{value.terminology}::{value.code}]"
    if isinstance(value, OdinText):
        return value.text
    if isinstance(value, OdinInterval):
        return _interval(value)
    return repr(value)


def _interval(value: OdinInterval) -> str:
    if value.lower is None and value.upper is not None:
        return f"|{'<=' if value.upper_included else '<'}{_single(value.upper)}|"
    if value.upper is None and value.lower is not None:
        return f"|{'>=' if value.lower_included else '>'}{_single(value.lower)}|"
    if value.lower is None or value.upper is None:
        return "|*..*|"
    if value.lower == value.upper and value.lower_included and value.upper_included:
        return f"|{_single(value.lower)}|"
    lower = _single(value.lower) if value.lower_included else f">{_single(value.lower)}"
    upper = _single(value.upper) if value.upper_included else f"<{_single(value.upper)}"
    return f"|{lower}..{upper}|"


def _escape(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"')
