"""Dates and times of queries, and that they are those of the reference model: two readers of one notation."""

from __future__ import annotations

from datetime import UTC
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aql.moments import PointKind, Precision, point
from cdr.rm import temporal

OSLO = ZoneInfo("Europe/Oslo")
HOUR = 3_600_000_000_000


@pytest.mark.parametrize(
    ("text", "kind", "nanoseconds", "precision"),
    [
        ("1970", PointKind.INSTANT, 0, Precision.YEAR),
        ("1970-02", PointKind.INSTANT, 31 * 24 * HOUR, Precision.MONTH),
        ("19700102", PointKind.INSTANT, 24 * HOUR, Precision.DAY),
        ("1970-01-01T01", PointKind.INSTANT, HOUR, Precision.HOUR),
        ("1970-01-01T01:00+01:00", PointKind.INSTANT, 0, Precision.MINUTE),
        ("19700101T000000,5Z", PointKind.INSTANT, 500_000_000, Precision.SECOND),
        ("1970-01-01T00:00:00.123456789", PointKind.INSTANT, 123_456_789, Precision.SECOND),
        ("01:30", PointKind.TIME, HOUR * 3 // 2, Precision.MINUTE),
        ("T01", PointKind.TIME, HOUR, Precision.HOUR),
        ("00:00:00-02", PointKind.TIME, 2 * HOUR, Precision.SECOND),
        ("PT90M", PointKind.DURATION, HOUR * 3 // 2, Precision.SECOND),
        ("-P1DT0.5S", PointKind.DURATION, -24 * HOUR - 500_000_000, Precision.SECOND),
    ],
)
def test_text_is_a_point_with_a_precision(text: str, kind: PointKind, nanoseconds: int, precision: Precision) -> None:
    assert point(text, kind, UTC) == (kind, nanoseconds, precision)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "24",
        "2024-13",
        "2024-02-30",
        "2024-05T10",
        "2024-05-01T24:00",
        "2024-05-01T10:60",
        "2024-05-01 10:00",
        "20240501T",
        "x",
        "2024-0501",
        "2024-05-01T1000",
        "2024-05-01T10:00+15:00",
    ],
)
def test_what_is_no_date_is_no_point(text: str) -> None:
    assert point(text, PointKind.INSTANT, UTC) is None


def test_local_time_follows_summer_time() -> None:
    summer = point("2024-07-01T12:00:00", PointKind.INSTANT, OSLO)
    assert summer == point("2024-07-01T10:00:00Z", PointKind.INSTANT, OSLO)
    winter = point("2024-01-01T12:00:00", PointKind.INSTANT, OSLO)
    assert winter == point("2024-01-01T11:00:00Z", PointKind.INSTANT, OSLO)


_DATES = st.from_regex(temporal.DATE_TIME_PATTERN)
_TIMES = st.from_regex(temporal.TIME_PATTERN)
_DURATIONS = st.from_regex(
    r"^-?P([0-9]{1,4}Y)?([0-9]{1,3}M)?([0-9]{1,3}W)?[0-9]{1,4}D(T[0-9]{1,3}H([0-9]{1,2}[.,][0-9]{1,6}S)?)?\Z"
)


def _agrees(text: str, kind: PointKind, value: temporal.Temporal, zone: ZoneInfo) -> None:
    found = point(text, kind, zone)
    assert found is not None
    assert found.nanoseconds // 1000 == temporal.lower_bound(value, zone)


@given(_DATES, st.sampled_from([OSLO, ZoneInfo("America/New_York"), ZoneInfo("UTC")]))
def test_dates_are_those_of_the_reference_model(text: str, zone: ZoneInfo) -> None:
    _agrees(text, PointKind.INSTANT, temporal.parse_date_time(text), zone)


@given(_TIMES)
def test_times_are_those_of_the_reference_model(text: str) -> None:
    _agrees(text, PointKind.TIME, temporal.parse_time(text), OSLO)


@given(_DURATIONS)
def test_durations_are_those_of_the_reference_model(text: str) -> None:
    _agrees(text, PointKind.DURATION, temporal.parse_duration(text), OSLO)


@given(st.text("0123456789-T:Z+.,P", max_size=20))
def test_no_text_is_a_point_that_the_reference_model_refuses(text: str) -> None:
    readers = {PointKind.INSTANT: temporal.parse_date_time, PointKind.DURATION: temporal.parse_duration}
    for kind, read in readers.items():
        if point(text, kind, UTC) is not None:
            read(text)
