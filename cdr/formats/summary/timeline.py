"""A timeline as SVG: a row for each thing that has dates, a lane for each account of it, years across.

Positions are percentages and text keeps its size, so that the same picture fits a phone and a sheet of paper.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from html import escape

from cdr.formats.summary import wording as w
from cdr.formats.summary.wording import Language
from cdr.reconcile import Group, Kind, Statement, Status
from cdr.reconcile.moments import days
from cdr.reconcile.summary import Summary

_KINDS = frozenset((Kind.DIAGNOSIS, Kind.MEDICATION, Kind.PROCEDURE, Kind.SERVICE, Kind.SERVICE_EVENT))
_GOES_ON = frozenset((Status.ACTIVE, Status.SUSPENDED, Status.PLANNED))
_LABEL, _LANE, _NAMED, _GAP, _AXIS = 22, 14, 30, 12, 30
_MOST_TICKS = 8


@dataclass(frozen=True, slots=True)
class _Bar:
    """One account: from a day to a day, `end` None while it goes on; a moment where both are the same."""

    begin: date
    end: date | None
    is_moment: bool
    who: str
    said: str


@dataclass(frozen=True, slots=True)
class _Row:
    title: str
    is_contradicted: bool
    bars: tuple[_Bar, ...]

    @property
    def height(self) -> int:
        """Return the height in pixels."""
        return _LABEL + self.lane * len(self.bars) + _GAP

    @property
    def lane(self) -> int:
        """Return the height of one account: with its source under it where there are several."""
        return _NAMED if len(self.bars) > 1 else _LANE


def timeline(summary: Summary, language: Language) -> str:
    """Return the picture, or nothing where no group has a date."""
    rows = list(_rows(summary.groups, language))
    if not rows:
        return ""
    today = summary.created.date()
    first = min(bar.begin for row in rows for bar in row.bars)
    last = max([today, *(bar.end or bar.begin for row in rows for bar in row.bars)])
    begin, end = _window(first, last, summary)
    height = _AXIS + sum(row.height for row in rows)
    span = max(1, (end - begin).days)

    def x(day: date) -> float:
        return min(100.0, max(0.0, 100 * (day - begin).days / span))

    parts = [_years(begin, end, x, height)]
    if begin <= today <= end:
        parts.append(f'<line class="today" x1="{x(today):.2f}%" x2="{x(today):.2f}%" y1="{_AXIS - 6}" y2="{height}"/>')
    top = _AXIS
    for row in rows:
        parts.append(_drawn(row, top, x, until=max(today, begin), end=end))
        top += row.height
    title = escape(w.label("timeline", language))
    told = escape(_told(rows, language))
    return (
        f'<svg class="timeline" role="img" aria-labelledby="tl-title tl-desc" width="100%" height="{height}" '
        f'xmlns="http://www.w3.org/2000/svg"><title id="tl-title">{title}</title><desc id="tl-desc">{told}</desc>'
        f"{''.join(parts)}</svg>"
    )


def _rows(groups: Iterable[Group], language: Language) -> Iterable[_Row]:
    for group in groups:
        if group.kind not in _KINDS:
            continue
        bars = dict.fromkeys(bar for one in group.statements if (bar := _bar(one, group, language)) is not None)
        lanes: dict[tuple[date, date | None, bool], list[_Bar]] = {}
        for bar in bars:
            lanes.setdefault((bar.begin, bar.end, bar.is_moment), []).append(bar)
        if lanes:
            made = tuple(_merged(those) for those in lanes.values())
            yield _Row(group.title, group.is_contradicted, made)


def _merged(bars: Sequence[_Bar]) -> _Bar:
    """Return accounts that agree as one, with all who gave it."""
    who = ", ".join(dict.fromkeys(bar.who for bar in bars))
    first = bars[0]
    return _Bar(first.begin, first.end, first.is_moment, who, first.said)


def _bar(one: Statement, group: Group, language: Language) -> _Bar | None:
    said = w.course(one, language)
    if one.time:
        moment = days(one.time)
        return _Bar(_date(moment[0]), _date(moment[0]), True, one.origin.actor, said) if moment else None
    begin, end = days(one.onset), days(one.end)
    if begin is None and end is None:
        return None
    if begin is None or end is None:
        known = _date((begin or end or ("", ""))[0])
        if begin is not None and group.states[one.id] in _GOES_ON:
            return _Bar(known, None, False, one.origin.actor, said)
        return _Bar(known, known, True, one.origin.actor, said)
    return _Bar(_date(begin[0]), _date(end[1]), False, one.origin.actor, said)


def _window(first: date, last: date, summary: Summary) -> tuple[date, date]:
    """Return the days that are drawn: the chosen period where there is one, else whole years around everything."""
    begin, end = days(summary.asked.begin), days(summary.asked.end)
    left = _date(begin[0]) if begin else date(first.year, 1, 1)
    right = _date(end[1]) if end else date(min(last.year, 9998) + 1, 1, 1)
    return (left, right) if left < right else (left, date(min(left.year, 9998) + 1, 1, 1))


def _years(begin: date, end: date, x: Callable[[date], float], height: int) -> str:
    years = range(begin.year, end.year + 1)
    step = next(size for size in (1, 2, 5, 10, 20, 50, 100, 1000, 10000) if len(years) / size <= _MOST_TICKS)
    made = []
    for year in years:
        if year % step or not begin <= date(year, 1, 1) <= end:
            continue
        at = x(date(year, 1, 1))
        anchor = "end" if at > 94 else "start"
        made.append(f'<line class="year" x1="{at:.2f}%" x2="{at:.2f}%" y1="{_AXIS - 6}" y2="{height}"/>')
        made.append(f'<text class="tick" x="{at:.2f}%" y="16" text-anchor="{anchor}">{year}</text>')
    return "".join(made)


def _drawn(row: _Row, top: int, x: Callable[[date], float], *, until: date, end: date) -> str:
    kind = " contradicted" if row.is_contradicted else ""
    mark = "⚠ " if row.is_contradicted else ""
    made = [f'<text class="label{kind}" x="0" y="{top + 14}">{mark}{escape(row.title)}</text>']
    for lane, bar in enumerate(row.bars):
        y = top + _LABEL + lane * row.lane
        told = f"<title>{escape(f'{row.title}: {bar.said}, {bar.who}')}</title>"
        left, right = x(bar.begin), x(min(end, bar.end or until))
        if len(row.bars) > 1:
            at, anchor = (left, "start") if left < 60 else (right, "end")
            made.append(
                f'<text class="source" x="{at:.2f}%" y="{y + 23}" text-anchor="{anchor}">{escape(bar.who)}</text>'
            )
        if bar.is_moment:
            made.append(f'<circle class="dot{kind}" cx="{left:.2f}%" cy="{y + 5}" r="5">{told}</circle>')
            continue
        width = max(right - left, 0.4)
        made.append(
            f'<rect class="bar{kind}" x="{left:.2f}%" y="{y}" width="{width:.2f}%" height="10" rx="3">{told}</rect>'
        )
        if bar.end is None:
            made.append(
                f'<svg x="{right:.2f}%" y="{y - 2}" width="10" height="14" overflow="visible">'
                f'<path class="on{kind}" d="M-4 0 L6 7 L-4 14 Z"/></svg>'
            )
    return "".join(made)


def _told(rows: Sequence[_Row], language: Language) -> str:
    """Return the picture in words, for those who cannot see it."""
    said = [f"{row.title}: " + "; ".join(f"{bar.said} ({bar.who})" for bar in row.bars) for row in rows]
    return w.label("timeline_about", language) + " " + ". ".join(said)


def _date(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        # A day that the calendar does not have, such as 30 February: its month is right.
        return date(int(text[:4]), max(1, min(12, int(text[5:7]))), 1)
