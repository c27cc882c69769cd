"""A summary as JSON: every statement with its source, version and reviews; what is not said is left out.

`json_schema` documents the form; a test holds every answer against it.
"""

from __future__ import annotations

from typing import Any

import msgspec

from cdr.formats.summary.wording import FLAG, outcome_of
from cdr.reconcile import Flag, Group, Origin, Outcome, Review, Statement
from cdr.reconcile.summary import Section, Summary


class _Out(msgspec.Struct, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """A part of the answer; members that equal their default are left out."""


class CodeOut(_Out):
    """A code; `match` says how a mapped one relates to the statement's own."""

    system: str
    code: str
    display: str = ""
    system_name: str = ""
    match: str = ""


class SourceOut(_Out):
    """Where a statement comes from; times are ISO 8601, `committed` in UTC."""

    version_uid: str
    version: str
    system: str = ""
    facility: str = ""
    composer: str = ""
    recorded: str = ""
    updated: str = ""
    committed: str = ""
    template_id: str = ""
    items: tuple[str, ...] = ()
    national_source: str = ""


class ReviewOut(_Out):
    """A clinician's review: `of` are ids of statements."""

    id: str
    of: tuple[str, ...]
    outcome: Outcome
    by: str = ""
    role: str = ""
    time: str = ""
    comment: str = ""


class DetailOut(_Out):
    """One more thing that the source said."""

    key: str
    label: dict[str, str]
    text: str


class StatementOut(_Out):
    """What one source says. `review_outcome` is that of the newest review of exactly this version."""

    id: str
    kind: str
    fact: str
    text: str
    status: str
    source: SourceOut
    review_outcome: Outcome
    effective_status: str = ""
    status_text: str = ""
    codes: tuple[CodeOut, ...] = ()
    mappings: tuple[CodeOut, ...] = ()
    onset: str = ""
    end: str = ""
    time: str = ""
    side: str = ""
    certainty: str = ""
    criticality: str = ""
    amount: str = ""
    value: str = ""
    service_id: str = ""
    decision_id: str = ""
    replaces: tuple[str, ...] = ()
    about: str = ""
    subject: str = ""
    details: tuple[DetailOut, ...] = ()


class FlagOut(_Out):
    """Something that does not go together: the ids of statements or reviews, side by side."""

    code: str
    contradiction: bool
    text: dict[str, str]
    sides: tuple[tuple[str, ...], ...]


class GroupOut(_Out):
    """All that is said about one thing; `state` is "conflicting" where the sources do not agree."""

    key: str
    kind: str
    title: str
    state: str
    contradicted: bool
    statements: tuple[StatementOut, ...]
    flags: tuple[FlagOut, ...] = ()
    reviews: tuple[ReviewOut, ...] = ()
    copies: tuple[tuple[str, ...], ...] = ()


class FailureOut(_Out):
    """A query that failed, by its name in the definition, and the code of the error."""

    query: str
    code: str


class SectionOut(_Out):
    """One heading. `state`: shown, none_known, nothing_recorded, nothing_chosen, partly_available, not_available."""

    key: str
    title: dict[str, str]
    critical: bool
    state: str
    groups: tuple[GroupOut, ...]
    left_out: int = 0
    failures: tuple[FailureOut, ...] = ()


class SummarySourceOut(_Out):
    """A source of the summary and how much it gave."""

    name: str
    statements: int
    system: str = ""
    latest: str = ""


class ServiceOut(_Out):
    """The content service that answered."""

    key: str
    version: str
    title: dict[str, str]


class SummaryOut(_Out):
    """A summary; critical sections come first. `complete` is false as soon as anything could not be read."""

    service: ServiceOut
    ehr_id: str
    created: str
    complete: bool
    sections: tuple[SectionOut, ...]
    flags: tuple[FlagOut, ...]
    sources: tuple[SummarySourceOut, ...]
    actors: tuple[str, ...]
    set_aside: dict[str, tuple[StatementOut, ...]]
    drafts: int
    reviews_available: bool
    subject: str = ""
    period_from: str = ""
    period_to: str = ""
    actor: str = ""


# JSON Schema has no narrower type.
def json_schema() -> dict[str, Any]:
    """Return the JSON Schema of the form."""
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **msgspec.json.schema(SummaryOut)}


def write_json(summary: Summary) -> bytes:
    """Return a summary as JSON, UTF-8."""
    return msgspec.json.encode(plain(summary))


def plain(summary: Summary) -> SummaryOut:
    """Return the members of the JSON form."""
    return SummaryOut(
        service=ServiceOut(key=summary.service, version=summary.version, title=dict(summary.title)),
        ehr_id=summary.ehr_id,
        subject=summary.subject,
        created=summary.created.isoformat(timespec="milliseconds"),
        complete=summary.is_complete,
        period_from=summary.asked.begin,
        period_to=summary.asked.end,
        actor=summary.asked.actor,
        sections=tuple(_section(one, summary) for one in summary.sections),
        flags=tuple(map(_flag, summary.flags)),
        sources=tuple(
            SummarySourceOut(name=one.name, system=one.system, statements=one.statements, latest=one.latest)
            for one in summary.sources
        ),
        actors=summary.actors,
        set_aside={
            why: tuple(_statement(one, None, summary) for one in those) for why, those in summary.set_aside.items()
        },
        drafts=summary.drafts,
        reviews_available=not summary.reviews_failed,
    )


def _section(section: Section, summary: Summary) -> SectionOut:
    return SectionOut(
        key=section.key,
        title=dict(section.title),
        critical=section.is_critical,
        state=section.state.value,
        left_out=section.left_out,
        failures=tuple(FailureOut(query=one.query, code=one.code) for one in section.failures),
        groups=tuple(_group(one, summary) for one in section.groups),
    )


def _group(group: Group, summary: Summary) -> GroupOut:
    return GroupOut(
        key=group.key,
        kind=group.kind.value,
        title=group.title,
        state="conflicting" if group.state is None else group.state.value,
        contradicted=group.is_contradicted,
        statements=tuple(_statement(one, group, summary) for one in group.statements),
        flags=tuple(map(_flag, group.flags)),
        reviews=tuple(map(_review, group.reviews)),
        copies=group.copies,
    )


def _statement(one: Statement, group: Group | None, summary: Summary) -> StatementOut:
    effective = group.states[one.id].value if group else ""
    return StatementOut(
        id=one.id,
        kind=one.kind.value,
        fact=one.entry,
        text=one.text,
        status=one.status.value,
        effective_status="" if effective == one.status.value else effective,
        status_text=one.status_text,
        codes=tuple(
            CodeOut(system=code.system, code=code.code, display=code.display, system_name=_name(code.system, summary))
            for code in one.codes
        ),
        mappings=tuple(
            CodeOut(
                system=each.target.system,
                code=each.target.code,
                system_name=_name(each.target.system, summary),
                match=each.match.value,
            )
            for each in one.mappings
        ),
        onset=one.onset,
        end=one.end,
        time=one.time,
        side=one.side.value,
        certainty=one.certainty,
        criticality=one.criticality,
        amount=one.amount,
        value=one.value,
        service_id=one.service,
        decision_id=one.decision,
        replaces=one.replaces,
        about=one.about,
        subject=one.subject,
        details=tuple(DetailOut(key=each.key, label=dict(each.label), text=each.text) for each in one.details),
        source=_source(one.origin),
        review_outcome=outcome_of(one, group) if group else Outcome.NOT_REVIEWED,
    )


def _name(system: str, summary: Summary) -> str:
    name = summary.systems.get(system, "")
    return "" if name == system else name


def _source(origin: Origin) -> SourceOut:
    return SourceOut(
        system=origin.system,
        facility=origin.facility,
        composer=origin.composer,
        recorded=origin.recorded,
        updated=origin.updated,
        committed=origin.committed,
        version_uid=origin.version_uid,
        version=origin.version,
        template_id=origin.template_id,
        items=origin.items,
        national_source=origin.national_source,
    )


def _review(review: Review) -> ReviewOut:
    return ReviewOut(
        id=review.id,
        of=review.of,
        outcome=review.outcome,
        by=review.by,
        role=review.role,
        time=review.time,
        comment=review.comment,
    )


def _flag(flag: Flag) -> FlagOut:
    nb, en = FLAG[flag.code]
    return FlagOut(
        code=flag.code.value, contradiction=flag.code.is_contradiction, text={"nb": nb, "en": en}, sides=flag.sides
    )
