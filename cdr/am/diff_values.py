"""How the constraint on a value changes between two versions of a template: codes, units, ranges, lists, patterns.

A change that lets pass everything that passed before widens; every other one narrows, even if it also lets new values
pass.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from cdr.am.assertions import Assertion
from cdr.am.change import Change, Kind
from cdr.am.constraints import (
    ArchetypeSlot,
    CCodePhrase,
    CCodeReference,
    CDvOrdinal,
    CDvQuantity,
    CDvScale,
    CDvState,
    CObject,
    CPrimitiveObject,
)
from cdr.am.intervals import Interval
from cdr.am.primitives import CBoolean, CInteger, CPrimitive, CReal, CString
from cdr.rm.temporal import Duration, lower_bound, parse_date, parse_date_time, parse_duration, parse_time

_DATES = {"CDate": parse_date, "CTime": parse_time, "CDateTime": parse_date_time, "CDuration": parse_duration}


def leaf_changes(was: CObject, now: CObject, path: str, *, label: str) -> Iterator[Change]:
    """Compare two leaf constraints on the same value."""
    found: list[Change] = []
    if isinstance(was, ArchetypeSlot) and isinstance(now, ArchetypeSlot):
        found.extend(_slots(was, now, path))
    elif type(was) is not type(now):
        found.append(Change(Kind.TYPE_CHANGED, path, before=was.rm_type, after=now.rm_type))
    elif isinstance(was, CCodePhrase) and isinstance(now, CCodePhrase):
        found.extend(_codes(was, now, path))
    elif isinstance(was, CDvQuantity) and isinstance(now, CDvQuantity):
        found.extend(_quantity(was, now, path))
    elif isinstance(was, (CDvOrdinal, CDvScale)) and isinstance(now, (CDvOrdinal, CDvScale)):
        found.extend(_steps(was, now, path))
    elif isinstance(was, CDvState) and isinstance(now, CDvState):
        if was.states != now.states:
            found.append(Change(Kind.STATES_CHANGED, path))
    elif isinstance(was, CPrimitiveObject) and isinstance(now, CPrimitiveObject):
        found.extend(_primitive(was.item, now.item, path))
    for change in found:
        yield Change(change.kind, change.path, label=label, before=change.before, after=change.after)


def _slots(was: ArchetypeSlot, now: ArchetypeSlot, path: str) -> Iterator[Change]:
    before, after = _patterns(was.includes), _patterns(now.includes)
    closed_before, closed_after = _patterns(was.excludes), _patterns(now.excludes)
    if (before, closed_before) == (after, closed_after):
        return
    # No inclusion admits everything that no exclusion takes away.
    includes_more = not after or (bool(before) and before <= after)
    is_wider = includes_more and closed_after <= closed_before
    yield Change(Kind.SLOT_WIDENED if is_wider else Kind.SLOT_NARROWED, path)


def _patterns(assertions: Sequence[Assertion]) -> set[str]:
    """Return the alternatives that assertions on archetype ids list, each on its own."""
    found: set[str] = set()
    for assertion in assertions:
        pattern = assertion.archetype_id_pattern
        found.update([assertion.text] if pattern is None else pattern.split("|"))
    return found


def _codes(was: CCodePhrase, now: CCodePhrase, path: str) -> Iterator[Change]:
    if isinstance(was, CCodeReference) and isinstance(now, CCodeReference):
        if was.reference_set_uri != now.reference_set_uri:
            texts = {"before": was.reference_set_uri, "after": now.reference_set_uri}
            yield Change(Kind.VALUE_SET_CHANGED, path, **texts)
    elif was.terminology is not None and was.terminology != now.terminology:
        if now.terminology is None and not now.codes:
            yield Change(Kind.CODES_ADDED, path, before=was.terminology)
            return
        yield Change(Kind.TERMINOLOGY_CHANGED, path, before=was.terminology, after=now.terminology or "any")
        return
    elif was.terminology is None and now.terminology is not None:
        yield Change(Kind.TERMINOLOGY_CHANGED, path, before="any", after=now.terminology)
        return
    before, after = set(was.codes), set(now.codes)
    if before == after:
        if was.assumed != now.assumed:
            yield Change(Kind.ASSUMED_CHANGED, path)
        return
    # No codes listed allows all of the terminology.
    if after and (not before or before - after):
        yield Change(Kind.CODES_REMOVED, path, before=", ".join(sorted(before - after)) or "any")
    if before and (not after or after - before):
        yield Change(Kind.CODES_ADDED, path, after=", ".join(sorted(after - before)) or "any")


def _quantity(was: CDvQuantity, now: CDvQuantity, path: str) -> Iterator[Change]:
    if was.property != now.property:
        yield Change(Kind.PROPERTY_CHANGED, path, before=str(was.property or ""), after=str(now.property or ""))
    before, after = {item.units: item for item in was.items}, {item.units: item for item in now.items}
    if after and (not before or set(before) - set(after)):
        yield Change(Kind.UNITS_REMOVED, path, before=", ".join(u for u in before if u not in after) or "any")
    if before and (not after or set(after) - set(before)):
        yield Change(Kind.UNITS_ADDED, path, after=", ".join(u for u in after if u not in before) or "any")
    for units in before:
        if units in after:
            yield from _range(before[units].magnitude, after[units].magnitude, path)
            yield from _range(
                before[units].precision,
                after[units].precision,
                path,
                kinds=(Kind.PRECISION_WIDENED, Kind.PRECISION_NARROWED),
            )
    if was.assumed != now.assumed:
        yield Change(Kind.ASSUMED_CHANGED, path)


def _steps(was: CDvOrdinal | CDvScale, now: CDvOrdinal | CDvScale, path: str) -> Iterator[Change]:
    before = {(item.value, item.symbol) for item in was.items}
    after = {(item.value, item.symbol) for item in now.items}
    if after and (not before or before - after):
        yield Change(
            Kind.STEPS_REMOVED, path, before=", ".join(str(value) for value, _ in sorted(before - after, key=str))
        )
    if before and (not after or after - before):
        yield Change(
            Kind.STEPS_ADDED, path, after=", ".join(str(value) for value, _ in sorted(after - before, key=str))
        )
    if was.assumed != now.assumed:
        yield Change(Kind.ASSUMED_CHANGED, path)


def _primitive(was: CPrimitive | None, now: CPrimitive | None, path: str) -> Iterator[Change]:
    if was is None or now is None:
        if was is not now:
            yield Change(Kind.VALUE_FREED if now is None else Kind.VALUE_CONSTRAINED, path)
        return
    if type(was) is not type(now):
        yield Change(Kind.TYPE_CHANGED, path)
        return
    if isinstance(was, CBoolean) and isinstance(now, CBoolean):
        before = {value for value, allowed in ((True, was.true_valid), (False, was.false_valid)) if allowed}
        after = {value for value, allowed in ((True, now.true_valid), (False, now.false_valid)) if allowed}
        if before - after:
            yield Change(Kind.BOOLEAN_NARROWED, path)
        elif after - before:
            yield Change(Kind.BOOLEAN_WIDENED, path)
    elif isinstance(was, CString) and isinstance(now, CString):
        yield from _string(was, now, path)
    elif isinstance(was, (CInteger, CReal)) and isinstance(now, (CInteger, CReal)):
        yield from _listed(was.values, now.values, path)
        yield from _range(was.range, now.range, path)
    else:
        yield from _temporal(was, now, path)
    if was.assumed != now.assumed:
        yield Change(Kind.ASSUMED_CHANGED, path)


def _string(was: CString, now: CString, path: str) -> Iterator[Change]:
    yield from _pattern(was.pattern, now.pattern, path)
    if now.is_open and not was.is_open and was.values:
        yield Change(Kind.LIST_OPENED, path)
        return
    if was.is_open and not now.is_open and now.values:
        yield Change(Kind.LIST_CLOSED, path)
        return
    if not now.is_open:
        yield from _listed(was.values, now.values, path)
    elif set(now.values) != set(was.values):
        yield Change(Kind.TEXTS_ADDED, path)  # an open list binds nobody


def _listed(was: Sequence[object], now: Sequence[object], path: str) -> Iterator[Change]:
    before, after = set(was), set(now)
    if after and (not before or before - after):
        yield Change(Kind.TEXTS_REMOVED, path, before=", ".join(sorted(map(str, before - after))) or "any")
    if before and (not after or after - before):
        yield Change(Kind.TEXTS_ADDED, path, after=", ".join(sorted(map(str, after - before))) or "any")


def _pattern(was: str | None, now: str | None, path: str) -> Iterator[Change]:
    if was == now:
        return
    if now is None:
        yield Change(Kind.PATTERN_REMOVED, path, before=was or "")
    else:
        yield Change(Kind.PATTERN_CHANGED, path, before=was or "", after=now)


def _temporal(was: Any, now: Any, path: str) -> Iterator[Change]:  # two constraints of one temporal class
    yield from _pattern(was.pattern, now.pattern, path)
    if getattr(was, "timezone", None) != getattr(now, "timezone", None):
        yield Change(Kind.PATTERN_CHANGED, path)
    if was.range == now.range:
        return
    parse = _DATES[type(was).__name__]
    try:
        limits = _parsed(was.range, parse), _parsed(now.range, parse)
    except ValueError:
        # A bound that is no ISO 8601 value binds nobody in a way that could be compared.
        yield Change(Kind.PATTERN_CHANGED, path, before=str(was.range), after=str(now.range))
        return
    yield from _range(*limits, path)


def _parsed(limits: Interval[str] | None, parse: Any) -> Interval[Any] | None:  # one of the four parsers
    """Return a range with bounds that compare by time and not by spelling."""
    if limits is None:
        return None

    def instant(text: str | None) -> Any:
        if text is None:
            return None
        value = parse(text)
        return value.total_seconds if isinstance(value, Duration) else lower_bound(value)

    return Interval(instant(limits.lower), instant(limits.upper), limits.lower_included, limits.upper_included)


def _range(
    was: Interval[Any] | None,
    now: Interval[Any] | None,
    path: str,
    *,
    kinds: tuple[Kind, Kind] = (Kind.RANGE_WIDENED, Kind.RANGE_NARROWED),
) -> Iterator[Change]:
    before, after = was or Interval(), now or Interval()
    starts_later = _starts_later(after, before)
    ends_earlier = _ends_earlier(after, before)
    if starts_later or ends_earlier:
        yield Change(kinds[1], path, before=str(before), after=str(after))
    if _starts_later(before, after) or _ends_earlier(before, after):
        yield Change(kinds[0], path, before=str(before), after=str(after))


def _starts_later(left: Interval[Any], right: Interval[Any]) -> bool:
    """Tell whether the left range leaves out low values that the right one has."""
    if left.lower is None:
        return False
    if right.lower is None or left.lower > right.lower:
        return True
    return bool(left.lower == right.lower) and right.lower_included and not left.lower_included


def _ends_earlier(left: Interval[Any], right: Interval[Any]) -> bool:
    if left.upper is None:
        return False
    if right.upper is None or left.upper < right.upper:
        return True
    return bool(left.upper == right.upper) and right.upper_included and not left.upper_included
