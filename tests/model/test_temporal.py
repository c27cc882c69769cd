"""ISO 8601 values keep what was written, and order as instants."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from fractions import Fraction
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cdr.rm import temporal, temporal_patterns
from cdr.rm.temporal import (
    Precision,
    compare,
    is_same,
    lower_bound,
    parse_date,
    parse_date_time,
    parse_duration,
    parse_time,
    upper_bound,
)

OSLO = ZoneInfo("Europe/Oslo")
GOOD_DATES = [
    "2024",
    "2024-05",
    "2024-05-17",
    "202405",
    "20240517",
    "2024-02-29",
    "2000-02-29",
    "0000-02-29",
    "9999-12-31",
]
BAD_DATES = [
    "", "24", "2024-13", "2024-00", "2024-04-31", "2023-02-29", "1900-02-29", "2024-5-7", "2024-0517", "20240-17", "2024-05-17T",
    "2024-05-17Z", " 2024", "2024\n", "+2024-01-01", "2024-W20-1", "2024-137", "２０２４", "2024-05-17 ",
]  # fmt: skip
GOOD_TIMES = [
    "10",
    "10:15",
    "1015",
    "10:15:30",
    "101530",
    "10:15:30.5",
    "10:15:30,123456789012",
    "10:15Z",
    "10+02",
    "10:15+0200",
    "1015-02:30",
    "23:59:59.999",
]
BAD_TIMES = [
    "",
    "24:00",
    "24:00:00",
    "1",
    "10:60",
    "10:15:60",
    "10.5",
    "10:15.5",
    "10:15:30.",
    "T10:15",
    "10:1530",
    "10:15+15",
    "10:15 Z",
    "10:15z",
    "10:15+2",
]
GOOD_DATE_TIMES = [
    "2024-05-17T10:15:30+02:00",
    "2024-05-17T10",
    "20240517T1015",
    "2024-05-17T10:15:30.123Z",
    "2024",
    "2024-05",
    "2024-05-17",
]
BAD_DATE_TIMES = [
    "2024-05T10:15",
    "2024-05-17T",
    "2024-05-17 10:15",
    "2024-05-17T101530",
    "20240517T10:15",
    "2024-05-17T24:00:00",
    "2023-02-29T10:00",
    "2024-05-17t10:15",
]
GOOD_DURATIONS = [
    "P1Y",
    "P2M",
    "P3W",
    "P1W2D",
    "PT4H",
    "PT30M",
    "PT0.5S",
    "PT0,5S",
    "-P3M",
    "P1Y2M3W4DT5H6M7.8S",
    "P0D",
    "PT36H",
]
BAD_DURATIONS = ["", "P", "PT", "P1", "1Y", "P1.5Y", "P1DT", "P1H", "+P1D", "P-1D", "PT1M1H", "p1d", "P1Y\n", "--P1D"]


@pytest.mark.parametrize("text", GOOD_DATES)
def test_date_is_kept_as_written(text: str) -> None:
    assert str(parse_date(text)) == text


@pytest.mark.parametrize("text", GOOD_TIMES)
def test_time_is_kept_as_written(text: str) -> None:
    assert str(parse_time(text)) == text


@pytest.mark.parametrize("text", GOOD_DATE_TIMES)
def test_date_time_is_kept_as_written(text: str) -> None:
    assert str(parse_date_time(text)) == text


@pytest.mark.parametrize("text", GOOD_DURATIONS)
def test_duration_is_kept_as_written(text: str) -> None:
    assert str(parse_duration(text)) == text


@pytest.mark.parametrize(
    ("parse", "text"),
    [(parse_date, text) for text in BAD_DATES]
    + [(parse_time, text) for text in BAD_TIMES]
    + [(parse_date_time, text) for text in BAD_DATE_TIMES]
    + [(parse_duration, text) for text in BAD_DURATIONS],
)
def test_other_text_is_refused_without_repeating_it(parse: object, text: str) -> None:
    assert callable(parse)
    with pytest.raises(ValueError, match=r"^expected an ISO 8601 [a-z-]+ such as [0-9A-Za-z:+, -]+$") as caught:
        parse(text)
    assert f" {text} " not in f" {caught.value} " or text == ""


@pytest.mark.parametrize(
    ("pattern", "good", "bad"),
    [
        (temporal_patterns.DATE_PATTERN, GOOD_DATES, BAD_DATES),
        (temporal_patterns.TIME_PATTERN, GOOD_TIMES, BAD_TIMES),
        (temporal_patterns.DATE_TIME_PATTERN, GOOD_DATE_TIMES, BAD_DATE_TIMES),
        (temporal_patterns.DURATION_PATTERN, GOOD_DURATIONS, BAD_DURATIONS),
    ],
)
def test_pattern_and_parser_agree(pattern: str, good: list[str], bad: list[str]) -> None:
    assert [text for text in good if not re.search(pattern, text)] == []
    assert [text for text in bad if re.search(pattern, text)] == []


def test_pattern_knows_every_leap_year() -> None:
    for year in range(1, 10_000):
        is_leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
        assert bool(re.search(temporal_patterns.DATE_PATTERN, f"{year:04}-02-29")) == is_leap, year


def test_parts_of_a_date_time() -> None:
    value = parse_date_time("2024-05-17T10:15:30,250-03:30")
    assert value.time is not None
    assert (value.date.year, value.date.month, value.date.day) == (2024, 5, 17)
    assert (value.time.hour, value.time.minute, value.time.second, value.time.fraction) == (10, 15, 30, "250")
    assert value.offset == -210
    assert value.precision is Precision.FRACTION


@given(st.datetimes(min_value=datetime(1, 1, 2), max_value=datetime(9999, 12, 30)), st.integers(-14 * 60, 14 * 60))
@settings(max_examples=100)
def test_instant_agrees_with_the_calendar(moment: datetime, offset: int) -> None:
    sign, minutes = ("-", -offset) if offset < 0 else ("+", offset)
    text = f"{moment.isoformat(timespec='microseconds')}{sign}{minutes // 60:02}:{minutes % 60:02}"
    elapsed = moment - timedelta(minutes=offset) - datetime(1970, 1, 1)
    assert lower_bound(parse_date_time(text)) == elapsed // timedelta(microseconds=1)


def test_missing_offset_takes_the_zone() -> None:
    summer = parse_date_time("2024-07-01T12:00:00")
    winter = parse_date_time("2024-01-01T12:00:00")
    assert lower_bound(summer, OSLO) == lower_bound(parse_date_time("2024-07-01T12:00:00+02:00"))
    assert lower_bound(winter, OSLO) == lower_bound(parse_date_time("2024-01-01T12:00:00+01:00"))


def test_written_offset_wins_over_the_zone() -> None:
    assert lower_bound(parse_date_time("2024-07-01T12:00:00Z"), OSLO) == lower_bound(
        parse_date_time("2024-07-01T12:00:00Z")
    )


@pytest.mark.parametrize(
    ("text", "following"),
    [
        ("2024", "2025"), ("2024-12", "2025-01"), ("2024-02", "2024-03"), ("2024-02-29", "2024-03-01"), ("2024-05-17T23", "2024-05-18"),
        ("2024-05-17T10:59", "2024-05-17T11:00"), ("2024-05-17T10:15:59", "2024-05-17T10:16"), ("2024-05-17T10:15:59.9", "2024-05-17T10:16"),
        ("0000", "0001"),
    ],
)  # fmt: skip
def test_upper_bound_is_where_the_next_value_begins(text: str, following: str) -> None:
    for zone in (temporal.UTC, OSLO):
        assert upper_bound(parse_date_time(text), zone) == lower_bound(parse_date_time(following), zone)


def test_upper_bound_of_the_last_year_lies_after_its_last_day() -> None:
    assert upper_bound(parse_date("9999")) == upper_bound(parse_date("9999-12-31"))
    assert upper_bound(parse_date("9999"), OSLO) > lower_bound(parse_date("9999-12-31"), OSLO)


def test_lower_bound_of_the_year_zero_is_366_days_before_the_year_one() -> None:
    assert lower_bound(parse_date("0001")) - lower_bound(parse_date("0000")) == 366 * 86_400_000_000


def test_instants_are_whole_days_for_dates() -> None:
    assert lower_bound(parse_date("1970-01-02")) == 86_400_000_000
    assert lower_bound(parse_date("1969-12-31")) == -86_400_000_000
    assert lower_bound(parse_date("2024-05-17")) == (date(2024, 5, 17) - date(1970, 1, 1)).days * 86_400_000_000


def test_digits_beyond_microseconds_decide_the_order() -> None:
    earlier = parse_date_time("2024-05-17T10:15:30.0000000001Z")
    later = parse_date_time("2024-05-17T10:15:30.0000000002Z")
    assert compare(earlier, later) == -1
    assert lower_bound(earlier) == lower_bound(later)


def test_equal_instants_of_other_precision_are_not_the_same() -> None:
    year, day = parse_date("2024"), parse_date("2024-01-01")
    assert compare(year, day) == 0
    assert not is_same(year, day)


def test_same_instant_in_two_offsets_is_the_same() -> None:
    assert is_same(parse_date_time("2024-05-17T12:00+02:00"), parse_date_time("2024-05-17T10:00Z"))


def test_times_with_offsets_compare_as_instants() -> None:
    assert compare(parse_time("10:00+02:00"), parse_time("09:00Z")) == -1


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("P1W", 604_800), ("P1D", 86_400), ("PT1H1M1S", 3661), ("-PT1H", -3600), ("PT0.25S", Fraction(1, 4)),
        ("P1Y", Fraction(36524, 100) * 86_400), ("P1M", Fraction(3042, 100) * 86_400),
    ],
)  # fmt: skip
def test_length_of_a_duration(text: str, seconds: Fraction) -> None:
    assert parse_duration(text).total_seconds == seconds


def test_durations_of_one_length_are_the_same() -> None:
    assert is_same(parse_duration("PT60M"), parse_duration("PT1H"))
    assert compare(parse_duration("P1M"), parse_duration("P30D")) == 1


def test_calendar_part_of_a_duration_is_counted_in_months() -> None:
    assert parse_duration("-P1Y2M1WT1S").months_and_seconds == (-14, Fraction(-604_801))


def test_precision_of_a_duration_is_its_finest_part() -> None:
    assert parse_duration("P1Y2M").precision is Precision.MONTH
    assert parse_duration("PT1H").precision is Precision.HOUR
