"""The conditions that a template states in annotations, as checks of the objects at their node.

`checks_of` is asked once for each node of a template that is validated; most nodes have none.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TypeAlias

from cdr.am.code_systems import uri_of
from cdr.am.conditions import Conditions, CrossRule, conditions_of, is_about_absence
from cdr.am.constraints import CObject
from cdr.am.template import OperationalTemplate
from cdr.rm import DvCodedText, DvMultimedia, DvParsable, DvText, Element, RmObject
from cdr.validation import assertions
from cdr.validation.report import Finding

Check: TypeAlias = Callable[[RmObject], Finding | None]


def checks_of(node: CObject, template: OperationalTemplate) -> tuple[Check, ...]:
    """Return the checks of the conditions on a node, () where it has none."""
    conditions = template.derived(conditions_of).by_node.get(id(node))
    return tuple(_checks(conditions)) if conditions is not None else ()


def _checks(conditions: Conditions) -> Iterator[Check]:
    if conditions.code_systems:
        yield _code_systems(frozenset(conditions.code_systems))
    if conditions.max_length is not None:
        yield _length(conditions.max_length)
    if conditions.max_bytes is not None:
        yield _size(conditions.max_bytes)
    if conditions.media_types:
        yield _media_types(conditions.media_types)
    for rule in conditions.rules:
        yield _rule(rule)


def _value(obj: RmObject) -> RmObject | None:
    return obj.value if isinstance(obj, Element) else None


def _code_systems(allowed: frozenset[str]) -> Check:
    finding = Finding("TPL_TERMINOLOGY", f"a code of {' or '.join(sorted(allowed))}, or a text", attribute="value")

    def check(obj: RmObject) -> Finding | None:
        value = _value(obj)
        code = value.defining_code if isinstance(value, DvCodedText) else None
        if code is None or code.terminology_id is None:
            return None
        name = code.terminology_id.value or ""
        return None if name in allowed or uri_of(name) in allowed else finding

    return check


def _length(most: int) -> Check:
    finding = Finding("TPL_LENGTH", f"at most {most} characters", attribute="value")

    def check(obj: RmObject) -> Finding | None:
        value = _value(obj)
        return finding if isinstance(value, DvText) and len(value.value or "") > most else None

    return check


def _size(most: int) -> Check:
    finding = Finding("TPL_SIZE", f"at most {most} bytes", attribute="value")

    def check(obj: RmObject) -> Finding | None:
        value = _value(obj)
        if isinstance(value, DvParsable):
            text = value.value or ""
            # A character is one byte at least and four at most, so most texts need no encoding to be measured.
            return finding if len(text) > most or (len(text) * 4 > most and len(text.encode()) > most) else None
        if isinstance(value, DvMultimedia):
            # Three bytes are four characters of base64.
            return finding if max(value.size or 0, len(value.data or "") * 3 // 4 - 2) > most else None
        return None

    return check


def _media_types(allowed: tuple[str, ...]) -> Check:
    finding = Finding("TPL_MEDIA_TYPE", f"a file of the type {' or '.join(allowed)}", attribute="value")

    def check(obj: RmObject) -> Finding | None:
        value = _value(obj)
        if not isinstance(value, DvMultimedia) or value.media_type is None:
            return None
        return None if value.media_type.code_string in allowed else finding

    return check


def _rule(rule: CrossRule) -> Check:
    finding = Finding("TPL_RULE", rule.holds, is_missing=is_about_absence(rule.expression))
    holds = assertions.rule(rule.expression)
    return lambda obj: finding if holds(obj) is False else None
