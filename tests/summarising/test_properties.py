"""Laws of reconciliation over generated lives: nothing disappears, order does not matter, flags name what is there."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime
from functools import cache
from random import Random

import msgspec
from hypothesis import example, given, settings
from hypothesis import strategies as st

from cdr import resources
from cdr.formats.summary import Language, Links, plain, write_csv, write_fhir, write_html, write_json, write_text
from cdr.reconcile import (
    Code,
    Concepts,
    Kind,
    Mapping,
    Match,
    Origin,
    Outcome,
    Review,
    Side,
    Statement,
    Status,
    read_concepts,
    reconcile,
)
from cdr.reconcile.summary import Asked, Summary
from cdr.services.summary.definition import installed_library
from cdr.services.summary.gather import Gathered
from cdr.services.summary.service import EVERYTHING, sections

DATES = ("", "2010", "2010-05", "2010-05-07", "2014", "2014-02-10", "2019-03-14T09:00:00+01:00", "2023-02-30")
SOURCES = ("fastlege", "legevakt", "sykehjem", "")
CODES = (
    Code("icpc-2", "T90"), Code("icd-10", "E11"), Code("icd-10", "E11.9"), Code("icd-10", "E11.2"),
    Code("urn:oid:2.16.578.1.12.4.1.1.7170", "T90"), Code("atc", "J01C"), Code("atc", "J01CE02"), Code("x", "1"),
)  # fmt: skip
FACTS = {
    Kind.DIAGNOSIS: "diagnosis",
    Kind.ALLERGY: "allergy",
    Kind.MEDICATION: "medication_order",
    Kind.PROCEDURE: "procedure",
    Kind.SERVICE: "service",
    Kind.SERVICE_EVENT: "service_event",
    Kind.DIRECTIVE: "cpr",
    Kind.PRECAUTION: "precaution",
    Kind.EXCLUSION: "exclusion",
    Kind.ABSENCE: "absence",
    Kind.ITEM: "contact",
}


@cache
def concepts() -> Concepts:
    """The systems and pairs of codes that come with Kilde."""
    return read_concepts((resources.folder("templates") / "summaries" / "concepts.json").read_bytes())


@st.composite
def a_statement(draw: st.DrawFn) -> Statement:
    """A statement of any kind, with few enough values that statements often meet."""
    kind = draw(st.sampled_from(Kind))
    number = draw(st.integers(0, 200))
    words = st.sampled_from(("Diabetes", "diabetes ", "Penicillin", "<b>", '"; &', "=1+1"))
    return Statement(
        id=f"{number:08d}-0000::test::{draw(st.integers(1, 2))}/content[{draw(st.integers(1, 3))}]",
        kind=kind,
        entry=FACTS[kind],
        text=draw(words),
        codes=tuple(draw(st.lists(st.sampled_from(CODES), max_size=2))),
        mappings=tuple(draw(st.lists(st.builds(Mapping, st.sampled_from(Match), st.sampled_from(CODES)), max_size=1))),
        status=draw(st.sampled_from(Status)),
        onset=draw(st.sampled_from(DATES)),
        end=draw(st.sampled_from(DATES)),
        time=draw(st.sampled_from(DATES)),
        side=draw(st.sampled_from(Side)),
        criticality=draw(st.sampled_from(("", "high", "low"))),
        amount=draw(st.sampled_from(("", "5 h/wk", "40 mg"))),
        value=draw(st.sampled_from(("", "at0010"))),
        service=draw(st.sampled_from(("", "S1", "S2"))),
        decision=draw(st.sampled_from(("", "V1", "V2"))),
        replaces=draw(st.sampled_from(((), ("V1",)))),
        about=draw(st.sampled_from(("", "allergy", "diagnosis", "medication"))),
        subject=draw(st.sampled_from(("", "", "", "mor"))),
        is_draft=draw(st.sampled_from((False, False, False, True))),
        origin=Origin(
            system=draw(st.sampled_from(SOURCES)),
            composer="Kari",
            recorded=draw(st.sampled_from(DATES)),
            version_uid=f"{number:08d}-0000::test::1",
            items=draw(st.sampled_from(((), ("i1",)))),
        ),
    )


@st.composite
def a_life(draw: st.DrawFn) -> tuple[tuple[Statement, ...], tuple[Review, ...]]:
    """Statements with ids of their own, and reviews of some of them."""
    those = draw(st.lists(a_statement(), max_size=8, unique_by=lambda one: one.place))
    ids = [one.id for one in those]
    reviews = [
        Review(id=f"r{number}::test::1", of=tuple(of), outcome=outcome, by="Ane", time="2024-01-01T10:00:00+01:00")
        for number, (of, outcome) in enumerate(
            draw(
                st.lists(
                    st.tuples(st.lists(st.sampled_from(ids), min_size=1, max_size=3), st.sampled_from(Outcome)),
                    max_size=3,
                )
            )
            if ids
            else ()
        )
    ]
    return tuple(those), tuple(reviews)


def summary_of(those: tuple[Statement, ...], reviews: tuple[Review, ...], asked: Asked = EVERYTHING) -> Summary:
    """Return the clinical summary of a life, as the service makes it."""
    definition = installed_library().definition("klinisk_oppsummering")
    solved = reconcile(those, concepts=concepts(), reviews=reviews)
    gathered = Gathered(by_query=dict.fromkeys(definition.queries, those))
    return Summary(
        service=definition.key,
        version=definition.version,
        title=definition.title,
        ehr_id="5b1d3cbd-7e42-4b1a-9b1a-0f6a4c1d7f11",
        subject="",
        created=datetime(2024, 6, 1, 3, 0, tzinfo=UTC),
        asked=asked,
        sections=sections(definition, solved, gathered, asked=asked),
        flags=solved.flags,
        sources=(),
        actors=(),
        set_aside=solved.set_aside,
    )


lives = settings(max_examples=50, deadline=None)


@lives
@given(a_life())
def test_every_statement_is_in_one_group_or_set_aside(life: tuple[tuple[Statement, ...], tuple[Review, ...]]) -> None:
    those, reviews = life
    solved = reconcile(those, concepts=concepts(), reviews=reviews)
    found = [one.id for group in solved.groups for one in group.statements]
    found += [one.id for aside in solved.set_aside.values() for one in aside]
    assert sorted(found) == sorted(one.id for one in those)


@lives
@given(a_life(), st.randoms(use_true_random=False))
def test_the_order_of_arrival_does_not_matter(
    life: tuple[tuple[Statement, ...], tuple[Review, ...]], random: Random
) -> None:
    those, reviews = life
    mixed, judged = list(those), list(reviews)
    random.shuffle(mixed)
    random.shuffle(judged)
    assert reconcile(mixed, concepts=concepts(), reviews=judged) == reconcile(
        those, concepts=concepts(), reviews=reviews
    )


@lives
@given(a_life())
def test_flags_name_statements_and_reviews_that_are_there(
    life: tuple[tuple[Statement, ...], tuple[Review, ...]],
) -> None:
    those, reviews = life
    solved = reconcile(those, concepts=concepts(), reviews=reviews)
    known = {one.id for one in those} | {one.id for one in reviews}
    shown = {flag for group in solved.groups for flag in group.flags}
    for flag in solved.flags:
        assert flag.ids <= known
        assert len(flag.sides) > 1
        assert flag in shown
        assert all(not set(one) & set(other) for one in flag.sides for other in flag.sides if one is not other)


@lives
@given(a_life())
def test_every_review_is_shown_beside_what_it_judges(life: tuple[tuple[Statement, ...], tuple[Review, ...]]) -> None:
    those, reviews = life
    solved = reconcile(those, concepts=concepts(), reviews=reviews)
    for group in solved.groups:
        own = {one.id for one in group.statements}
        assert {one.id for one in reviews if own & set(one.of)} <= {one.id for one in group.reviews}


@settings(max_examples=30, deadline=None)
@given(a_life())
@example(((), ()))
def test_no_statement_disappears_from_a_summary_in_any_form(
    life: tuple[tuple[Statement, ...], tuple[Review, ...]],
) -> None:
    those, reviews = life
    summary = summary_of(those, reviews)
    latest = {rule.key for rule in installed_library().definition("klinisk_oppsummering").sections if rule.latest}
    cut = sum(section.left_out for section in summary.sections if section.key in latest)
    assert cut == sum(section.left_out for section in summary.sections)
    ids = {one.id for one in those}
    assert {one.id for one in _shown(summary)} == ids
    body = write_json(summary)
    assert all(msgspec.json.encode(id_) in body for id_ in ids)
    rows = list(csv.DictReader(io.StringIO(write_csv(summary, Language.NB).decode())))
    assert {row["statement_id"] for row in rows if row["statement_id"]} == ids
    bundle = msgspec.json.decode(write_fhir(summary, Language.EN))
    sources = [
        one["resource"]
        for one in bundle["entry"]
        if one["resource"]["resourceType"] == "Provenance" and "entity" in one["resource"]
    ]
    assert len(sources) == sum(len(group.statements) for group in summary.groups)
    page = write_html(summary, Language.NB, Links()).decode()
    assert page.count('<p class="source">') == sum(len(group.statements) for group in summary.groups)
    assert "<b><" not in page.replace("<b></b>", "")
    assert write_text(summary, Language.EN)
    assert plain(summary).complete


@settings(max_examples=30, deadline=None)
@given(a_life(), st.sampled_from(DATES), st.sampled_from(SOURCES))
def test_what_a_period_or_an_actor_leaves_out_is_counted_and_groups_stay_whole(
    life: tuple[tuple[Statement, ...], tuple[Review, ...]], begin: str, actor: str
) -> None:
    those, reviews = life
    everything = summary_of(those, reviews)
    chosen = summary_of(those, reviews, Asked(begin=begin, actor=actor))
    whole = {group.key: group for group in everything.groups}
    assert all(whole[group.key] == group for group in chosen.groups)
    assert len(chosen.groups) + sum(section.left_out for section in chosen.sections) == len(whole)
    critical = [section.groups for section in everything.sections if section.is_critical]
    assert critical == [section.groups for section in chosen.sections if section.is_critical]


def _shown(summary: Summary) -> list[Statement]:
    found = [one for group in summary.groups for one in group.statements]
    return found + [one for those in summary.set_aside.values() for one in those]
