"""Values of the parameters of a stored query against the types that it was stored with.

A value of another type would compare with nothing and give an empty answer, which looks like "there is none"; so it is
refused. Types that are not of the table (other tools write their own names) are not checked.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from zoneinfo import ZoneInfo

from aql.moments import PointKind, point
from cdr.errors import BadParameter
from cdr.ports import QueryRecord

_EXPECTED = {
    "ehr_id": "the id of an EHR",
    "date_time": "a date or date/time in ISO 8601",
    "text": "a text",
}


# `Any`: values come from outside and may be anything that JSON has.
def check_values(record: QueryRecord, values: Mapping[str, Any]) -> None:
    """Raise `BadParameter` with the names of all parameters whose values are not of their types.

    A parameter without a value is another matter: the query says itself which it needs.
    """
    faults = [
        f"${name} should be {_EXPECTED[kind]}"
        for name, kind in (record.parameters or {}).items()
        if kind in _EXPECTED and name in values and not _is_of(kind, values[name])
    ]
    if faults:
        raise BadParameter("; ".join(faults), code="QUERY_PARAMETER")


def _is_of(kind: str, value: object) -> bool:
    if isinstance(value, list):
        return all(_is_of(kind, each) for each in value)
    if not isinstance(value, str) or (kind == "ehr_id" and not value.strip()):
        return False
    return kind != "date_time" or point(value, PointKind.INSTANT, ZoneInfo("UTC")) is not None
