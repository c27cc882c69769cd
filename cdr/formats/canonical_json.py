"""Canonical JSON: bytes to RM objects and back.

The hot path is msgspec's strict decoder, which stops at its first error; what it refuses, and what looks as if it would
not survive the round trip, goes through `canonical_json_lenient`, which mends what is obvious and lists every issue
otherwise. Services and the store call `decode` and `encode`; contributions and bulk loads call `decode_value`.
Source: https://specifications.openehr.org/releases/ITS-JSON/Release-1.0.0
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, reduce
from operator import or_
from typing import Any, TypeVar, cast

import msgspec

from cdr.formats import canonical_json_lenient as lenient
from cdr.formats.canonical_json_lenient import DEFAULT_LIMITS, Limits
from cdr.rm import RmObject
from cdr.rm.catalog import CATALOG

__all__ = ["DEFAULT_LIMITS", "Limits", "decode", "decode_any", "decode_value", "encode", "has_odd_text"]

R = TypeVar("R", bound=RmObject)

# Numbers of up to 15 digits survive a double; everything longer, and every exponent, is looked at closely.
_LONG_NUMBER = re.compile(rb":\s*(-?(?=[0-9.]{16}|[0-9.]+[eE])[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?)(?![0-9.eE+-])")
# Characters that no text may hold, raw or escaped, and colons that would spoil the count of keys. That a backslash may
# itself be escaped only makes the slow reading come in for nothing.
_ODD_TEXT = re.compile(rb"\\u00(?:0[0-8bBcCeEfF]|1[0-9a-fA-F]|3[aA])|\\[bf]|\\u[fF]{3}[eEfF]|\xef\xbf[\xbe\xbf]")
_TYPE_KEY = b'"_type"'
_NOT_BRACKETS = bytes(set(range(256)) - set(b"{}[]"))
_ENCODER = msgspec.json.Encoder()


@dataclass(frozen=True, slots=True)
class _Target:
    """What a body may be: the concrete classes by RM name, and a decoder for all of them."""

    choices: dict[str, type[RmObject]]
    python_type: Any  # a class or a union of classes; the type system has no name for that
    decoder: msgspec.json.Decoder[Any]


def decode(body: bytes, rm_class: type[R], *, limits: Limits = DEFAULT_LIMITS) -> R:
    """Return the object that a body of canonical JSON describes; `rm_class` may be abstract.

    A missing `_type` is filled in where the attribute's type leaves no doubt, numbers and booleans may be written
    as strings, and `null` means absent. Required attributes may be missing: the validator reports them.
    Errors: `BadInput` with all structural issues (codes `FMT_...`).

    >>> from cdr import rm
    >>> decode(b'{"_type":"DV_COUNT","magnitude":"5"}', rm.DvCount).magnitude
    5
    """
    return cast(R, _decode(body, _target((rm_class,)), limits))


def decode_any(body: bytes, rm_classes: Sequence[type[RmObject]], *, limits: Limits = DEFAULT_LIMITS) -> RmObject:
    """Return the object that a body describes, its `_type` choosing among several classes.

    Errors: as `decode`; a body without `_type` is `FMT_TYPE` if more than one class is possible.
    """
    return _decode(body, _target(tuple(rm_classes)), limits)


def decode_value(tree: object, rm_class: type[R], *, limits: Limits = DEFAULT_LIMITS) -> R:
    """Return the object that an already parsed tree of dicts and lists describes. Errors: as `decode`."""
    target = _target((rm_class,))
    return cast(R, _convert(lenient.normalise(tree, target.choices, limits=limits), target))


def encode(obj: RmObject) -> bytes:
    """Return the canonical bytes: `_type` on every object, attributes in RM order, absent ones left out, no spaces."""
    return _ENCODER.encode(obj)


def has_odd_text(body: bytes) -> bool:
    """Tell cheaply whether a JSON text may hold characters that no text may hold."""
    return (b"\\" in body or b"\xef" in body) and _ODD_TEXT.search(body) is not None


def _decode(body: bytes, target: _Target, limits: Limits) -> RmObject:
    try:
        obj = cast(RmObject, target.decoder.decode(body))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return _decode_leniently(body, target, limits)
    kept = _ENCODER.encode(obj)
    if (
        any(_is_lossy(match[1]) for match in _LONG_NUMBER.finditer(body))
        or _may_be_too_deep(kept, limits.depth)
        or has_odd_text(body)
        or (_may_repeat_keys(body, kept) and lenient.has_repeated_keys(body))
    ):
        return _decode_leniently(body, target, limits)
    return obj


def _decode_leniently(body: bytes, target: _Target, limits: Limits) -> RmObject:
    tree = lenient.parse(body, limits=limits)
    return _convert(lenient.normalise(tree, target.choices, limits=limits), target)


def _convert(tree: dict[str, Any], target: _Target) -> RmObject:
    try:
        return cast(RmObject, msgspec.convert(tree, target.python_type))
    except msgspec.ValidationError as error:
        # The lenient pass has found nothing, so the two readings of the format differ: that is our own mistake.
        raise AssertionError("the strict decoder refused a tree that the lenient pass accepted") from error


def _is_lossy(number: bytes) -> bool:
    """Tell whether a number may not be what was written any more; what looks like one inside a string may be, too."""
    text = number.decode("ascii")
    return len(text) > lenient.LONGEST_NUMBER or lenient.exact_number(text, float) is None or text.lstrip("-").isdigit()


def _may_be_too_deep(kept: bytes, depth: int) -> bool:
    """Tell cheaply whether nesting may pass the limit, by taking innermost pairs of brackets away.

    Brackets inside strings can only make it say True for a body that is not too deep.
    """
    if kept.count(b"{") <= depth // 2:
        return False
    brackets = kept.translate(None, _NOT_BRACKETS)
    rounds = 0
    while brackets and rounds <= depth:
        before = len(brackets)
        brackets = brackets.replace(b"{}", b"").replace(b"[]", b"")
        if len(brackets) == before:
            return True
        rounds += 2
    return bool(brackets)


def _may_repeat_keys(body: bytes, kept: bytes) -> bool:
    """Tell cheaply whether a key may stand twice in an object, by counting the colons that came in and those kept.

    msgspec takes the last of two equal keys silently. Every attribute that was kept has one key in the encoding and
    strings keep their colons (escaped ones have been looked for), so equal counts leave no room for a repeated key.
    """
    return body.count(b":") != kept.count(b":") or body.count(_TYPE_KEY) != kept.count(_TYPE_KEY)


@cache
def _target(rm_classes: tuple[type[RmObject], ...]) -> _Target:
    names = sorted({name for rm_class in rm_classes for name in CATALOG.subtypes(rm_class.rm_name())})
    choices = {name: CATALOG.python_class(name) for name in names}
    # A subclass of the class that was asked for is welcome: a body that says GROUP where PARTY was expected.
    python_type = reduce(or_, choices.values())
    return _Target(choices, python_type, msgspec.json.Decoder(python_type))
