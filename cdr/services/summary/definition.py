"""Definitions of content services and of the facts that they read, as they lie under `templates/summaries`.

A definition is data: the AQL that fetches records, and sections that name facts. A fact says where in an entry its
parts are. `definition.schema.json` and `facts.schema.json` are the JSON Schemas of these classes.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Annotated, Any

import msgspec

from cdr import resources
from cdr.errors import BadInput, NotFound
from cdr.reconcile import Concepts, Kind, Outcome, Status, read_concepts

Key = Annotated[str, msgspec.Meta(pattern="^[a-z][a-z0-9_]*$")]
Version = Annotated[str, msgspec.Meta(pattern=r"^[0-9]+\.[0-9]+\.[0-9]+$")]
Text = dict[str, str]


class _Strict(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Read from JSON; a member that is not known is an error."""


class Choice(_Strict, frozen=True):
    """A path, and what the codes, words or template that it leads to mean. The first entry that applies counts.

    `words` are looked for within the text, without case.
    """

    path: str = ""
    codes: dict[str, str] = {}
    words: dict[str, str] = {}
    templates: dict[str, str] = {}


class DetailRule(_Strict, frozen=True):
    """One more thing to show: its label by language, and where it is."""

    key: Key
    label: Text
    path: str


class Fact(_Strict, frozen=True):
    """Where in an entry the parts of a statement are; `entry` is the archetype of an entry or of a composition.

    Paths begin at the entry, or at each node of `each`; with one leading slash always at the entry, with two at the
    composition. `text` leads to the name of the thing with its codes; a fact whose name is fixed has `name` alone.
    `amount` is one path, or several whose values are joined by `/`.
    """

    entry: str
    kind: Kind
    name: Text
    each: str = ""
    text: tuple[str, ...] = ()
    codes: str = ""
    status: tuple[Choice, ...] = ()
    status_default: Status = Status.UNKNOWN
    ends: bool = False
    onset: tuple[str, ...] = ()
    end: tuple[str, ...] = ()
    time: tuple[str, ...] = ()
    updated: str = ""
    side: tuple[str, ...] = ()
    certainty: tuple[Choice, ...] = ()
    criticality: tuple[Choice, ...] = ()
    amount: tuple[str, ...] = ()
    amount_text: str = ""
    value: str = ""
    service: tuple[str, ...] = ()
    decision: tuple[str, ...] = ()
    replaces: str = ""
    about: tuple[Choice, ...] = ()
    topic: str = ""
    subject: str = ""
    review: str = ""
    details: tuple[DetailRule, ...] = ()


class ReviewRule(_Strict, frozen=True):
    """Where in a review cluster its parts are, below the cluster."""

    outcome: str
    outcomes: dict[str, Outcome]
    person: str
    role: str
    time: str
    comment: str


class FactFile(_Strict, frozen=True):
    """All facts, the words for sides of the body, and what a review looks like."""

    about: str
    version: Version
    sides: dict[str, tuple[str, ...]]
    review: ReviewRule
    facts: dict[Key, Fact]


class Query(_Strict, frozen=True):
    """The AQL that fetches whole compositions: its first column is the composition, `$ehr_id` the resident."""

    aql: str


class SectionRule(_Strict, frozen=True):
    """One section: its facts, from which query, and in which states groups belong here (all, where it says none).

    `period` says whether the chosen period limits the section; critical sections never are. `latest` is how many of
    each fact are shown, the newest; 0 for all.
    """

    key: Key
    title: Text
    query: Key
    facts: tuple[Key, ...]
    is_critical: bool = False
    states: tuple[str, ...] = ()
    period: bool = True
    latest: int = 0


class Definition(_Strict, frozen=True):
    """One version of a content service."""

    key: Key
    version: Version
    title: Text
    about: Text
    queries: dict[Key, Query]
    sections: tuple[SectionRule, ...]
    category: str = ""


class Library(msgspec.Struct, frozen=True):
    """All definitions of an installation, by key, with the facts and concepts that they use."""

    definitions: dict[str, Definition]
    facts: FactFile
    concepts: Concepts

    def definition(self, key: str) -> Definition:
        """Return a definition. Errors: `NotFound`."""
        found = self.definitions.get(key)
        if found is None:
            keys = ", ".join(sorted(self.definitions))
            raise NotFound(f"the key of a content service is one of: {keys}", code="SUMMARY_UNKNOWN")
        return found


def read_library(folder: Path | None = None) -> Library:
    """Return the definitions in a folder, by default those of this installation.

    Errors: `BadInput` when a file is none, or names facts or queries that are not there.
    """
    place = folder or resources.folder("templates") / "summaries"
    facts = _read(place / "facts.json", FactFile)
    found = [_read(path, Definition) for path in sorted((place / "services").glob("*.json"))]
    for definition in found:
        check(definition, facts)
    concepts = read_concepts((place / "concepts.json").read_bytes())
    return Library({one.key: one for one in found}, facts, concepts)


@cache
def installed_library() -> Library:
    """Return the definitions of this installation, read once."""
    return read_library()


def check(definition: Definition, facts: FactFile) -> None:
    """Refuse a definition that names what is not there."""
    for section in definition.sections:
        if section.query not in definition.queries:
            raise BadInput(f"section {section.key} should name a query of the definition", code="SUMMARY_DEFINITION")
        if unknown := [one for one in section.facts if one not in facts.facts]:
            raise BadInput(f"expected known facts in section {section.key}, not {unknown}", code="SUMMARY_DEFINITION")


def schema(of: type[Definition] | type[FactFile]) -> dict[str, Any]:
    """Return the JSON Schema of a file."""
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **msgspec.json.schema(of)}


def _read(path: Path, of: type[Any]) -> Any:  # the type that was asked for
    try:
        return msgspec.json.decode(path.read_bytes(), type=of)
    except msgspec.MsgspecError as error:
        raise BadInput(f"{path.name} does not follow its schema: {error}", code="SUMMARY_DEFINITION") from error
