"""Rules for elements, item structures and histories (RM, data_structures)."""

from __future__ import annotations

from cdr.rm import Element, History, ItemTable, temporal
from cdr.rm.invariants.rule import Rule

PAGE = "data_structures"


def _is_null_flavoured(element: Element) -> bool:
    return (element.value is None) == (element.null_flavour is not None)


def _is_null_reasoned(element: Element) -> bool:
    return element.null_reason is None or element.value is None


def _is_table(table: ItemTable) -> bool:
    rows = table.rows or []
    return all(isinstance(item, Element) for row in rows for item in row.items or [])


def _has_events(history: History) -> bool:
    return bool(history.events) or history.summary is not None


def _is_periodic(history: History) -> bool:
    """Check each event's distance to the origin; what cannot be computed exactly breaks no rule."""
    if history.period is None or history.origin is None or not history.events:
        return True
    try:
        months, seconds = temporal.parse_duration(history.period.value).months_and_seconds
        if months or seconds <= 0:
            return True
        origin = temporal.lower_bound(temporal.parse_date_time(history.origin.value))
        for event in history.events:
            if event.time is not None and event.time.value is not None:
                time = temporal.lower_bound(temporal.parse_date_time(event.time.value))
                if (time - origin) % (seconds * 1_000_000):
                    return False
    except (TypeError, ValueError):
        return True
    return True


RULES: tuple[Rule, ...] = (
    Rule(
        name="Inv_null_flavour_indicated", rm_type="ELEMENT", attribute="null_flavour",
        expected="either a value or a null_flavour", page=PAGE, check=_is_null_flavoured,
    ),
    Rule(
        name="Inv_null_reason_valid", rm_type="ELEMENT", attribute="null_reason",
        expected="a null_reason only where there is no value", page=PAGE, check=_is_null_reasoned,
    ),
    Rule(
        name="Valid_structure", rm_type="ITEM_TABLE", attribute="rows", expected="rows that hold elements only",
        page=PAGE, check=_is_table,
    ),
    Rule(
        name="Events_valid", rm_type="HISTORY", attribute="events", expected="events, or a summary of them",
        page=PAGE, check=_has_events,
    ),
    Rule(
        name="Period_consistency", rm_type="HISTORY", attribute="events",
        expected="events at whole periods after the origin", page=PAGE, check=_is_periodic,
    ),
)  # fmt: skip
