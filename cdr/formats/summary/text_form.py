"""A summary as plain text, to be read aloud, pasted into a record or sent where nothing else fits."""

from __future__ import annotations

import re
from collections.abc import Iterator

from cdr.formats.summary import wording as w
from cdr.formats.summary.wording import Language
from cdr.reconcile import Flag, Group, Outcome, Statement
from cdr.reconcile.summary import Section, SectionState, Summary

_BREAKS = re.compile("[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]+")


def write_text(summary: Summary, language: Language) -> bytes:
    """Return a summary as text, UTF-8, lines end in LF.

    A record's own line ends become spaces and its marks for the direction of writing go: with either a text could look
    like a heading, or like the statement of somebody else.
    """
    lines = (_BREAKS.sub(" ", w.DIRECTIONS.sub("", line)) for line in _lines(summary, language))
    return ("\n".join(lines) + "\n").encode()


def _lines(summary: Summary, language: Language) -> Iterator[str]:
    title = w.of(summary.title, language)
    yield title.upper()
    yield f"{w.label('identity', language)}: {summary.subject or summary.ehr_id}"
    yield f"{w.label('created', language)}: {w.moment(summary.created, language)}"
    if summary.asked.begin or summary.asked.end:
        ends = "–".join(w.day(one, language) for one in (summary.asked.begin, summary.asked.end))
        yield f"{w.label('period', language)}: {ends}"
    if summary.asked.actor:
        yield f"{w.label('actor', language)}: {summary.asked.actor}"
    if not summary.is_complete:
        yield f"!! {w.label('incomplete', language)}"
    if summary.reviews_failed:
        yield f"!! {w.label('reviews_failed', language)}"
    names = _names(summary, language)
    for section in summary.sections:
        if section.is_critical or not section.is_blank:
            yield from _section(section, names, language)
    blank = [w.of(one.title, language) for one in summary.sections if one.is_blank and not one.is_critical]
    if blank:
        yield ""
        yield w.label("nothing", language).upper()
        yield f"  {w.pick(w.STATE[SectionState.NOTHING_RECORDED], language)}"
        yield from (f"- {title}" for title in blank)
    for why, those in summary.set_aside.items():
        yield ""
        yield w.label("about_others" if why == "other_subject" else "drafts", language).upper()
        for one in those:
            yield f"- {one.subject}: {one.text} [{_source(one, language)}]"
    if summary.drafts:
        yield f"{w.label('drafts', language)}: {summary.drafts}"
    yield ""
    yield w.label("sources", language).upper()
    for source in summary.sources:
        latest = w.day(source.latest, language)
        yield f"- {source.name}: {source.statements} {w.label('statements', language)}, {latest}"


def _section(section: Section, names: dict[str, str], language: Language) -> Iterator[str]:
    yield ""
    mark = "** " if section.is_critical else ""
    yield mark + w.of(section.title, language).upper()
    if said := w.pick(w.STATE[section.state], language):
        yield f"  {said}"
    for group in section.groups:
        yield from _group(group, names, language)
    if section.left_out:
        yield f"  ({section.left_out} {w.label('left_out', language)})"


def _group(group: Group, names: dict[str, str], language: Language) -> Iterator[str]:
    state = w.state_of(group, language)
    yield f"- {group.title}" + (f" ({state})" if state else "")
    for flag in group.flags:
        word = w.label("contradiction" if flag.code.is_contradiction else "note", language)
        yield f"  ! {word.upper()}: {w.pick(w.FLAG[flag.code], language)} {_sides(flag, names, language)}"
    for one in group.statements:
        parts = [w.course(one, language), w.side(one, language), w.amount(one, language)]
        parts += [f"{w.of(each.label, language)}: {each.text}" for each in one.details]
        said = ", ".join(filter(None, [one.text, *parts]))
        outcome = w.pick(w.OUTCOME[w.outcome_of(one, group)], language)
        yield f"    {said} [{_source(one, language)}; {outcome}]"
    for review in group.reviews:
        if review.outcome is Outcome.NOT_REVIEWED and not review.comment:
            continue
        said = ", ".join(filter(None, (review.by, review.role, w.date(review.time, language), review.comment)))
        yield f"  = {w.label('review', language)}: {w.pick(w.OUTCOME[review.outcome], language)} ({said})"


def _source(one: Statement, language: Language) -> str:
    origin = one.origin
    parts = [origin.facility or origin.system, origin.composer, w.day(origin.recorded, language)]
    if origin.version:
        parts.append(f"v{origin.version}")
    return ", ".join(filter(None, parts))


def _names(summary: Summary, language: Language) -> dict[str, str]:
    """Return who said it, by the ids that flags name."""
    found = {one.id: one.origin.actor for group in summary.groups for one in group.statements}
    reviews = {one.id: f"{w.label('review', language)} {one.by}" for group in summary.groups for one in group.reviews}
    return found | reviews


def _sides(flag: Flag, names: dict[str, str], language: Language) -> str:
    sides = [", ".join(dict.fromkeys(names.get(id_, id_) for id_ in side)) for side in flag.sides if side]
    against = f" {w.label('against', language)} "
    return f"({against.join(sides)})" if len(sides) > 1 else ""
