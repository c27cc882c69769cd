"""A summary as CSV: a row for each statement, and one for each section that has none, so that no state gets lost.

Shape: `COLUMNS`; UTF-8, lines end in CR LF. Source: RFC 4180. A text that a spreadsheet would take for a formula gets
an apostrophe in front.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

from cdr.formats.spreadsheet import guarded
from cdr.formats.summary.wording import Language, of, outcome_of
from cdr.reconcile import Group, Statement
from cdr.reconcile.summary import Section, Summary

COLUMNS = (
    "section", "section_title", "section_state", "critical", "group", "group_title", "group_state", "flags",
    "kind", "text", "code_system", "code", "mappings", "status", "onset", "end", "time", "amount", "about", "subject",
    "details", "source_system", "facility", "composer", "recorded", "committed", "version_uid", "national_source",
    "review_outcome", "reviews", "statement_id",
)  # fmt: skip


def write_csv(summary: Summary, language: Language) -> bytes:
    """Return a summary as CSV with a header line."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    for row in _rows(summary, language):
        writer.writerow([guarded(row.get(column, "")) for column in COLUMNS])
    return text.getvalue().encode()


def _rows(summary: Summary, language: Language) -> Iterator[dict[str, str]]:
    for section in summary.sections:
        head = _head(section, language)
        if not section.groups:
            yield head
        for group in section.groups:
            named = {
                "group": group.key,
                "group_title": group.title,
                "group_state": "conflicting" if group.state is None else group.state.value,
                "flags": " ".join(dict.fromkeys(flag.code.value for flag in group.flags)),
            }
            for one in group.statements:
                yield {**head, **named, **_statement(one, language), **_reviews(one, group)}
    for why, those in summary.set_aside.items():
        for one in those:
            yield {"section": f"set_aside_{why}", "critical": "false", **_statement(one, language)}


def _head(section: Section, language: Language) -> dict[str, str]:
    return {
        "section": section.key,
        "section_title": of(section.title, language),
        "section_state": section.state.value,
        "critical": "true" if section.is_critical else "false",
    }


def _statement(one: Statement, language: Language) -> dict[str, str]:
    return {
        "kind": one.kind.value,
        "text": one.text,
        "code_system": one.codes[0].system if one.codes else "",
        "code": one.codes[0].code if one.codes else "",
        "mappings": " ".join(f"{each.match}{each.target.system}|{each.target.code}" for each in one.mappings),
        "status": one.status.value,
        "onset": one.onset,
        "end": one.end,
        "time": one.time,
        "amount": one.amount,
        "about": one.about,
        "subject": one.subject,
        "details": "; ".join(f"{of(each.label, language)}: {each.text}" for each in one.details),
        "source_system": one.origin.system,
        "facility": one.origin.facility,
        "composer": one.origin.composer,
        "recorded": one.origin.recorded,
        "committed": one.origin.committed,
        "version_uid": one.origin.version_uid,
        "national_source": one.origin.national_source,
        "statement_id": one.id,
    }


def _reviews(one: Statement, group: Group) -> dict[str, str]:
    said = [
        " ".join(filter(None, (review.outcome.value, review.by, review.time, review.comment)))
        for review in group.reviews
        if one.id in review.of
    ]
    return {"review_outcome": outcome_of(one, group).value, "reviews": "; ".join(said)}
