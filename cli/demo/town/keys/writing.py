"""Writing values under FLAT keys: what all entries share.

Every writer of an entry is registered with `write` by the class of the entry and gets the key that the entry stands at.
"""

from __future__ import annotations

from functools import singledispatch

from cli.demo.town.statements import Coded, Entry, Identifier, Text

# FLAT: texts, numbers and booleans by key.
Flat = dict[str, str | int | float | bool]


@singledispatch
def write(entry: Entry, at: str, out: Flat) -> None:
    """Write the values of an entry below the key `at`."""
    raise TypeError(f"nobody writes {type(entry).__name__}")


def put(out: Flat, key: str, value: Text | float | bool | None) -> None:
    """Write one value, if there is one."""
    if value is None:
        return
    if not isinstance(value, Coded):
        out[key] = value
        return
    out[f"{key}|code"] = value.code
    # The template knows the texts of its own codes.
    if value.system:
        out[f"{key}|value"] = value.text
        out[f"{key}|terminology"] = value.system


def put_all(out: Flat, key: str, values: tuple[Text, ...]) -> None:
    """Write the values of a node that may repeat."""
    for number, value in enumerate(values):
        put(out, f"{key}:{number}", value)


def put_identifier(out: Flat, key: str, identifier: Identifier) -> None:
    """Write an identifier."""
    out[f"{key}|id"] = identifier.id
    out[f"{key}|issuer"] = identifier.issuer
    out[f"{key}|type"] = identifier.type


def put_unmeasured(out: Flat, key: str, value: int | None, *, unit: str) -> None:
    """Write a quantity, or that it could not be known."""
    if value is None:
        out[f"{key}/_null_flavour"] = "unknown"
    else:
        out[f"{key}|magnitude"] = value
        out[f"{key}|unit"] = unit
