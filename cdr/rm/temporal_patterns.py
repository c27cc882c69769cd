"""Which texts are dates, times, date-times and durations, as regular expressions for `re`.

The classes of `cdr.rm.quantity` carry the patterns, so that decoders check them; `cdr.rm.temporal` reads with them.
Source: BASE 1.2.0, foundation_types, Time Types: https://specifications.openehr.org/releases/BASE/Release-1.2.0
"""

from __future__ import annotations

from typing import Final

# Leap days are spelt out, so that the patterns alone decide and a decoder needs no second look at a date.
_LEAP = r"(?:[0-9]{2}(?:0[48]|[2468][048]|[13579][26])|(?:[02468][048]|[13579][26])00)"


def _date_pattern(dash: str) -> str:
    days = (
        rf"(?:0[13578]|1[02])(?:{dash}(?:0[1-9]|[12][0-9]|3[01]))?"
        rf"|(?:0[469]|11)(?:{dash}(?:0[1-9]|[12][0-9]|30))?"
        rf"|02(?:{dash}(?:0[1-9]|1[0-9]|2[0-8]))?"
    )
    return rf"(?:{_LEAP}{dash}02{dash}29|[0-9]{{4}}(?:{dash}(?:{days}))?)"


def _full_date_pattern(dash: str) -> str:
    days = (
        rf"(?:0[13578]|1[02]){dash}(?:0[1-9]|[12][0-9]|3[01])"
        rf"|(?:0[469]|11){dash}(?:0[1-9]|[12][0-9]|30)"
        rf"|02{dash}(?:0[1-9]|1[0-9]|2[0-8])"
    )
    return rf"(?:{_LEAP}{dash}02{dash}29|[0-9]{{4}}{dash}(?:{days}))"


def _time_pattern(colon: str) -> str:
    return rf"(?:[01][0-9]|2[0-3])(?:{colon}[0-5][0-9](?:{colon}[0-5][0-9](?:[.,][0-9]+)?)?)?"


_OFFSET = r"(?:Z|[+-](?:0[0-9]|1[0-4])(?::?[0-5][0-9])?)"
# The number of digits is bounded, so that no duration costs more than a few microseconds to compute with.
_N, _DIGITS = "[0-9]{1,18}", "[0-9]{1,1000}"
_DURATION = (
    rf"(-?)P(?=[0-9T])(?:({_N})Y)?(?:({_N})M)?(?:({_N})W)?(?:({_N})D)?"
    rf"(?:T(?=[0-9])(?:({_N})H)?(?:({_N})M)?(?:({_N})(?:[.,]({_DIGITS}))?S)?)?"
)
DATE_PATTERN: Final = rf"^(?:{_date_pattern('-')}|{_date_pattern('')})\Z"
"""What a DV_DATE may hold: `2024`, `2024-05`, `2024-05-17`, or compact `202405`, `20240517`."""
TIME_PATTERN: Final = rf"^(?:{_time_pattern(':')}|{_time_pattern('')}){_OFFSET}?\Z"
"""What a DV_TIME may hold: `10`, `10:15`, `10:15:30,5+02:00`, or compact `101530Z`; never `24:00`."""
DATE_TIME_PATTERN: Final = (
    rf"^(?:{_full_date_pattern('-')}T{_time_pattern(':')}{_OFFSET}?|{_full_date_pattern('')}T{_time_pattern('')}{_OFFSET}?"
    rf"|{_date_pattern('-')}|{_date_pattern('')})\Z"
)
"""What a DV_DATE_TIME may hold: a whole date with a time, or a date that is partial down to the year."""
DURATION_PATTERN: Final = rf"^{_DURATION}\Z"
"""What a DV_DURATION may hold: `P1Y2M3W4DT5H6M7.8S`, with weeks beside other parts and a sign in front."""
