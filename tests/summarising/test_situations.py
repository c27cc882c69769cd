"""The table of situations: each is reconciled as its clinical rule says, in whatever order the statements come."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from cdr import resources
from cdr.reconcile import (
    Code,
    Concepts,
    Kind,
    Mapping,
    Match,
    Origin,
    Outcome,
    Reconciled,
    Review,
    Side,
    Statement,
    Status,
    read_concepts,
    reconcile,
)

_FOLDER = Path(__file__).parent / "situations"
SITUATIONS = [
    one for path in sorted(_FOLDER.glob("*.json")) for one in json.loads(path.read_text(encoding="utf-8"))["situations"]
]

# JSON of the table.
Json = dict[str, Any]


@pytest.fixture(scope="module")
def concepts() -> Concepts:
    """The systems and pairs of codes that come with Kilde."""
    return read_concepts((resources.folder("templates") / "summaries" / "concepts.json").read_bytes())


def _code(written: str) -> Code:
    system, _, code = written.partition("|")
    return Code(system, code)


def _review(number: str, given: Json, of: tuple[str, ...], *, is_within_item: bool = False) -> Review:
    return Review(
        id=f"review:{number}",
        of=of,
        outcome=Outcome(given["outcome"]),
        by=given["by"],
        time=given["time"],
        is_within_item=is_within_item,
    )


def _statement(given: Json) -> Statement:
    maps = [one.partition("|") for one in given.get("maps", ())]
    within = given.get("review")
    return Statement(
        id=given["id"],
        kind=Kind(given["kind"]),
        text=given.get("text", ""),
        codes=tuple(map(_code, given.get("codes", ()))),
        mappings=tuple(Mapping(Match(match), _code(rest)) for match, _, rest in maps),
        status=Status(given.get("status", "unknown")),
        onset=given.get("onset", ""),
        end=given.get("end", ""),
        time=given.get("time", ""),
        side=Side(given.get("side", "")),
        certainty=given.get("certainty", ""),
        criticality=given.get("criticality", ""),
        amount=given.get("amount", ""),
        value=given.get("value", ""),
        service=given.get("service", ""),
        decision=given.get("decision", ""),
        replaces=tuple(given.get("replaces", ())),
        about=given.get("about", ""),
        subject=given.get("subject", ""),
        is_draft=given.get("draft", False),
        reviews=(_review("in", within, (given["id"],), is_within_item=True),) if within else (),
        origin=Origin(
            system=given["source"],
            recorded=given.get("recorded", ""),
            items=(given["item"],) if "item" in given else (),
        ),
    )


def _solved(situation: Json, concepts: Concepts, *, is_reversed: bool = False) -> Reconciled:
    statements = [_statement(one) for one in situation["statements"]]
    reviews = [_review(str(n), one, tuple(one["of"])) for n, one in enumerate(situation.get("reviews", ()))]
    if is_reversed:
        statements.reverse()
        reviews.reverse()
    return reconcile(statements, concepts=concepts, reviews=reviews)


def _flags(given: list[tuple[str, Any]]) -> set[tuple[str, frozenset[frozenset[str]]]]:
    return {(code, frozenset(frozenset(side) for side in sides)) for code, sides in given}


every = pytest.mark.parametrize("situation", SITUATIONS, ids=[one["id"] for one in SITUATIONS])


def test_the_table_has_at_least_40_situations_with_names_of_their_own() -> None:
    names = [one["id"] for one in SITUATIONS]
    assert len(names) == len(set(names)) >= 40


@every
def test_statements_are_grouped_as_the_rule_says(situation: Json, concepts: Concepts) -> None:
    solved = _solved(situation, concepts)
    groups = {frozenset(one.id for one in group.statements) for group in solved.groups}
    assert groups == {frozenset(group) for group in situation["groups"]}
    aside = {why: sorted(one.id for one in those) for why, those in solved.set_aside.items()}
    assert aside == situation.get("set_aside", {})


@every
def test_contradictions_are_flagged_with_all_sides(situation: Json, concepts: Concepts) -> None:
    solved = _solved(situation, concepts)
    expected = _flags([(flag["code"], flag["sides"]) for flag in situation["flags"]])
    assert _flags([(flag.code.value, flag.sides) for flag in solved.flags]) == expected


@every
def test_the_answer_does_not_depend_on_the_order_of_arrival(situation: Json, concepts: Concepts) -> None:
    assert _solved(situation, concepts) == _solved(situation, concepts, is_reversed=True)


@pytest.mark.parametrize("situation", [one for one in SITUATIONS if "states" in one], ids=lambda one: one["id"])
def test_events_give_the_state_of_the_service(situation: Json, concepts: Concepts) -> None:
    states = {id_: state for group in _solved(situation, concepts).groups for id_, state in group.states.items()}
    assert {one["of"]: states[one["of"]].value for one in situation["states"]} == {
        one["of"]: one["state"] for one in situation["states"]
    }


@pytest.mark.parametrize("situation", [one for one in SITUATIONS if "copies" in one], ids=lambda one: one["id"])
def test_copies_of_one_item_are_told(situation: Json, concepts: Concepts) -> None:
    solved = _solved(situation, concepts)
    assert [sorted(map(list, group.copies)) for group in solved.groups] == [situation["copies"]]
