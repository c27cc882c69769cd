"""FROM over plain records: all combinations of nodes that satisfy the clause, found by looking everywhere.

The input types of the interpreter are here as well. A version's nodes are listed once in document order, so that what a
node contains is the part of the list after it; nothing else is prepared, and nothing is skipped.

Source: docs/aql.md, FROM.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

from aql.ast import (
    ClassExpression,
    Containment,
    ContainsAny,
    FromExpression,
    VersionExpression,
    VersionScope,
)
from aql.checked import CheckedClass, CheckedQuery
from aql.path import Predicate
from aql.result import JsonObject, JsonValue
from aql.values import Value

DRAFT = "553"
"""The lifecycle state `incomplete` of the openEHR terminology."""

_DEMOGRAPHIC = frozenset(
    {
        *("PERSON", "ORGANISATION", "GROUP", "AGENT", "ROLE", "PARTY_RELATIONSHIP", "PARTY_IDENTITY", "CONTACT"),
        *("ADDRESS", "CAPABILITY"),
    }
)


@dataclass(frozen=True)
class InterpretedVersion:
    """One version of a versioned object.

    `uid` is the whole version uid, `content` the decoded canonical JSON of what it holds (None if it was deleted), and
    `version` the canonical JSON of its ORIGINAL_VERSION without `data`.
    """

    uid: str
    content: JsonObject | None
    version: JsonObject = field(default_factory=dict)

    @cached_property
    def nodes(self) -> tuple[tuple[JsonObject, int], ...]:
        """Return the objects of the content in document order, each with the place behind its last descendant."""
        found: list[tuple[JsonObject, int]] = []
        if self.content is not None:
            _list_nodes(self.content, found)
        return tuple(found)

    @property
    def root(self) -> JsonObject:
        """Return the ORIGINAL_VERSION with its data."""
        uid = {"_type": "OBJECT_VERSION_ID", "value": self.uid}
        root: JsonObject = {"_type": "ORIGINAL_VERSION", "uid": uid, **self.version}
        return root if self.content is None else {**root, "data": self.content}

    @property
    def is_draft(self) -> bool:
        """Tell whether the version is incomplete."""
        state: Value = self.version.get("lifecycle_state")
        return bool(state) and state["defining_code"]["code_string"] == DRAFT

    @property
    def place(self) -> tuple[Value, ...]:
        """Return what orders versions: object id, then the numbers of the version tree."""
        object_id, _, rest = self.uid.partition("::")
        numbers = rest.rpartition("::")[2] or "0"
        return object_id, tuple(int(part) if part.isdigit() else 0 for part in numbers.split("."))


@dataclass(frozen=True)
class InterpretedObject:
    """A versioned object with all its versions, oldest first."""

    object_id: str
    versions: tuple[InterpretedVersion, ...]

    @property
    def current(self) -> InterpretedVersion | None:
        """Return the newest complete version; None after a deletion, or if there are drafts only."""
        complete = [version for version in self.versions if not version.is_draft]
        return complete[-1] if complete and complete[-1].content is not None else None


@dataclass(frozen=True)
class InterpretedEhr:
    """An EHR: its own attributes and its versioned objects, in any order.

    `attributes` are further attributes of EHR in canonical JSON, such as references.
    """

    ehr_id: str
    system_id: str
    time_created: str
    objects: tuple[InterpretedObject, ...] = ()
    attributes: JsonObject = field(default_factory=dict)

    @property
    def record(self) -> JsonObject:
        """Return the EHR as canonical JSON."""
        return {
            "_type": "EHR",
            "system_id": {"_type": "HIER_OBJECT_ID", "value": self.system_id},
            "ehr_id": {"_type": "HIER_OBJECT_ID", "value": self.ehr_id},
            "time_created": {"_type": "DV_DATE_TIME", "value": self.time_created},
            **self.attributes,
        }

    @cached_property
    def root(self) -> JsonObject:
        """Return the EHR with the objects in the place of references, as paths see it."""
        parts: dict[str, JsonValue] = {}
        compositions: list[JsonValue] = []
        for version in self.current():
            content = version.content
            kind = None if content is None else content["_type"]
            if kind == "EHR_STATUS":
                parts["ehr_status"] = content
            elif kind == "FOLDER":
                parts["directory"] = content
            elif kind == "COMPOSITION":
                compositions.append(content)
        return self.record | parts | {"compositions": compositions}

    def current(self) -> Iterator[InterpretedVersion]:
        """Yield the current versions in the order of their object ids."""
        for found in sorted(self.objects, key=lambda each: each.object_id):
            version = found.current
            if version is not None:
                yield version


class Bound(NamedTuple):
    """What a class expression is bound to: an EHR, a version, or a node at a place in a version's list of nodes."""

    root: JsonObject
    ehr: InterpretedEhr | None
    version: InterpretedVersion | None = None
    position: int | None = None

    @property
    def place(self) -> tuple[Value, ...]:
        """Return what breaks ties: the object and its version, then the place in it."""
        if self.version is None:
            return (0, "" if self.ehr is None else self.ehr.ehr_id)
        return (0, *self.version.place, -1 if self.position is None else self.position)


Binding = Mapping[int, Bound]
"""Bound things by the number of the class expression. What OR left unmatched is absent."""


PredicateTest = Callable[[JsonObject, Predicate], bool]
"""Tells whether a node passes a predicate."""


class Records(NamedTuple):
    """All there is to look at."""

    ehrs: Sequence[InterpretedEhr]
    parties: Sequence[InterpretedObject]


class SourceInterpreter:
    """Finds the bindings of one query. `passes` tests a class predicate on a node."""

    def __init__(self, checked: CheckedQuery, records: Records, passes: PredicateTest) -> None:
        self._numbers = {id(found.expression): found for found in checked.classes}
        self._source = checked.query.source
        self._records = records
        self._passes = passes

    def bindings(self) -> Iterator[Binding]:
        """Yield every combination that satisfies FROM."""
        source = self._source
        if isinstance(source, Containment) and self._numbers[id(source.source)].is_ehr:
            for ehr in self._records.ehrs:
                yield from self._contained(source, [Bound(ehr.root, ehr)])
            return
        for ehr in self._records.ehrs:
            yield from self._match(source, Bound(ehr.root, ehr))
        if isinstance(source, Containment):
            parties = (version for party in self._records.parties for version in self._versions(source, party))
            yield from self._contained(source, list(parties))

    def _match(self, source: FromExpression, around: Bound) -> list[Binding]:
        """Return the bindings of an expression inside something that is bound."""
        if isinstance(source, Containment):
            return list(self._contained(source, self._candidates(source, around)))
        each = [self._match(term, around) for term in source.terms]
        if isinstance(source, ContainsAny):
            each = [matched for matched in each if matched]
        if not each or not all(each):
            return []
        combined: list[Binding] = [{}]
        for matched in each:
            combined = [{**known, **new} for known in combined for new in matched]
        return combined

    def _contained(self, source: Containment, candidates: Sequence[Bound]) -> Iterator[Binding]:
        found = self._numbers[id(source.source)]
        predicate = source.source.predicate
        for candidate in candidates:
            if predicate is not None and not self._passes(candidate.root, predicate):
                continue
            if source.contained is None:
                yield {found.number: candidate}
                continue
            inside = self._match(source.contained, candidate)
            if source.is_excluded:
                if not inside:
                    yield {found.number: candidate}
            else:
                for binding in inside:
                    yield {found.number: candidate, **binding}

    def _candidates(self, source: Containment, around: Bound) -> list[Bound]:
        """Return everything of the class inside something bound, each thing once."""
        found = self._numbers[id(source.source)]
        if isinstance(source.source, VersionExpression):
            objects = self._linked(around) if around.position is not None else around.ehr.objects if around.ehr else ()
            return [
                Bound(version.root, around.ehr, version)
                for each in objects
                for version in _in_scope(each, source.source)
            ]
        if around.version is None:
            versions = list(around.ehr.current()) if around.ehr else []
            return [bound for version in versions for bound in _nodes(version, found, around.ehr)]
        if around.position is None:
            return _nodes(around.version, found, around.ehr)
        end = around.version.nodes[around.position][1]
        within = _nodes(around.version, found, around.ehr, start=around.position + 1, end=end)
        linked = [each.current for each in self._linked(around)]
        return within + [bound for version in linked if version for bound in _nodes(version, found, around.ehr)]

    def _versions(self, source: Containment, party: InterpretedObject) -> list[Bound]:
        """Return what the first class expression can be bound to in a demographic object."""
        if isinstance(source.source, VersionExpression):
            return [Bound(version.root, None, version) for version in _in_scope(party, source.source)]
        found = self._numbers[id(source.source)]
        if party.current is None or not found.types <= _DEMOGRAPHIC:
            return []
        return _nodes(party.current, found, None)

    def _linked(self, around: Bound) -> list[InterpretedObject]:
        """Return the compositions that a folder, or one below it, refers to, in the order of their ids."""
        if around.version is None or around.position is None or around.root.get("_type") != "FOLDER":
            return []
        end = around.version.nodes[around.position][1]
        folders = [node for node, _ in around.version.nodes[around.position : end] if node.get("_type") == "FOLDER"]
        ids = {_object_id(item) for folder in folders for item in _members(folder.get("items"))}
        objects = around.ehr.objects if around.ehr else ()
        found = [each for each in objects if each.object_id in ids and _holds_composition(each)]
        return sorted(found, key=lambda each: each.object_id)


def _list_nodes(value: JsonValue, found: list[tuple[JsonObject, int]]) -> None:
    if isinstance(value, list):
        for member in value:
            _list_nodes(member, found)
    elif isinstance(value, dict):
        place = len(found)
        found.append((value, 0))
        for member in value.values():
            _list_nodes(member, found)
        found[place] = (value, len(found))


def _nodes(
    version: InterpretedVersion,
    found: CheckedClass,
    ehr: InterpretedEhr | None,
    *,
    start: int = 0,
    end: int | None = None,
) -> list[Bound]:
    """Return the nodes of a class in a stretch of a version's list."""
    assert isinstance(found.expression, ClassExpression)
    nodes = version.nodes
    places = range(start, len(nodes) if end is None else end)
    return [Bound(nodes[at][0], ehr, version, at) for at in places if nodes[at][0].get("_type") in found.types]


def _in_scope(found: InterpretedObject, expression: VersionExpression) -> list[InterpretedVersion]:
    """Return the versions that VERSION looks at: with a predicate all, without anything the newest complete one."""
    if expression.scope is VersionScope.ALL or expression.predicate is not None:
        return list(found.versions)
    if expression.scope is VersionScope.LATEST:
        return list(found.versions[-1:])
    return [] if found.current is None else [found.current]


def _holds_composition(found: InterpretedObject) -> bool:
    return any(version.content is not None and version.content["_type"] == "COMPOSITION" for version in found.versions)


def _members(value: JsonValue) -> list[JsonObject]:
    return [member for member in value if isinstance(member, dict)] if isinstance(value, list) else []


def _object_id(reference: JsonObject) -> str:
    """Return the versioned object that a reference names, also when it names a version of it."""
    inner = reference.get("id")
    value = inner.get("value") if isinstance(inner, dict) else None
    return str(value).partition("::")[0]
