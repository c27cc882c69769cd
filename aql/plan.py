"""The plan of a query: what is fetched, how FROM is matched in it, which nodes the paths meet, what becomes of rows.

`aql.planner` makes a plan from a checked query, the rules in `aql.rules` narrow what has to be fetched, and two sides
read it: `aql.mongo.compiler` turns the sources into database filters, `aql.evaluate` turns the rest into closures over
the fetched objects. A plan knows no document layout and no data; `aql.explain` prints it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeAlias

from aql.ast import Condition, IdentifiedPath, SelectQuery
from aql.checked import CheckedQuery
from aql.path import Predicate, Span


class Versions(StrEnum):
    """Which versions of an object a source looks at."""

    CURRENT = "newest complete"
    LATEST = "newest"
    ALL = "all"


@dataclass(frozen=True, slots=True)
class Slot:
    """One class expression of FROM that can be bound; its number is its place in a binding.

    `is_version` marks VERSION; `rm_type` is then `VERSION`.
    """

    number: int
    variable: str | None
    rm_type: str
    predicate: Predicate | None
    span: Span

    @property
    def label(self) -> str:
        """Return how the plan shows it: class and variable."""
        return f"{self.rm_type} {self.variable}" if self.variable else self.rm_type


# How FROM is matched ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class NodeTerm:
    """Nodes of the current object, below the node at hand; the root of the object too, directly under its source."""

    slot: Slot
    contained: Term | None = None
    is_excluded: bool = False


@dataclass(frozen=True, slots=True)
class VersionTerm:
    """The version that holds the current object."""

    slot: Slot
    contained: Term | None = None
    is_excluded: bool = False


@dataclass(frozen=True, slots=True)
class SourceTerm:
    """Every object of a source in turn (of the EHR at hand, if there is one) becomes the current object.

    With `is_linked` only those that the FOLDER at hand, or one below it, refers to.
    """

    source: int
    term: NodeTerm | VersionTerm
    is_linked: bool = False


@dataclass(frozen=True, slots=True)
class EhrTerm:
    """Every EHR in turn becomes the EHR at hand."""

    slot: Slot
    contained: Term | None = None
    is_excluded: bool = False


@dataclass(frozen=True, slots=True)
class AllTerms:
    """All of them: every combination of what they match."""

    terms: tuple[Term, ...]


@dataclass(frozen=True, slots=True)
class AnyTerms:
    """At least one of them: every combination of those that match, null for the others."""

    terms: tuple[Term, ...]


@dataclass(frozen=True, slots=True)
class EitherPlace:
    """One class expression that can be met in two places, such as an ELEMENT under a FOLDER: all matches of both."""

    places: tuple[Term, ...]


Term: TypeAlias = NodeTerm | VersionTerm | SourceTerm | EhrTerm | AllTerms | AnyTerms | EitherPlace


# What is fetched ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class HasArchetype:
    """The object contains a node of the archetype or of a specialisation of it."""

    archetype_id: str


@dataclass(frozen=True, slots=True)
class HasNone:
    """The object contains no node of the archetype nor of a specialisation."""

    archetype_id: str


@dataclass(frozen=True, slots=True)
class HasAll:
    """All needs are met."""

    needs: tuple[Need, ...]


@dataclass(frozen=True, slots=True)
class HasAny:
    """At least one need is met."""

    needs: tuple[Need, ...]


Need: TypeAlias = HasArchetype | HasNone | HasAll | HasAny


@dataclass(frozen=True, slots=True)
class LeafRange:
    """A condition on one indexed leaf that every row of the answer implies.

    `archetype_id` and `path` (node ids and attributes below the archetype root) name the leaf; `operator` is one of
    `=`, `<`, `<=`, `>`, `>=`, `in`; `values` holds one value, or the list.
    """

    archetype_id: str
    path: str
    operator: str
    values: tuple[str | int | float | bool, ...]


@dataclass(frozen=True, slots=True)
class Source:
    """The versioned objects that one branch of FROM looks into, and what is known of them before they are read.

    `kinds` are kinds of versioned objects; `needs`, `object_ids`, `version_uids`, `template_ids` and `leaves` are
    necessary conditions that the rules found: an object that breaks one cannot take part in any row. None means: no
    condition. `needs_content` tells whether the objects themselves are read, `needs_version` whether the metadata of
    their versions is.
    """

    number: int
    kinds: tuple[str, ...]
    versions: Versions
    needs: Need | None = None
    object_ids: frozenset[str] | None = None
    version_uids: frozenset[str] | None = None
    template_ids: frozenset[str] | None = None
    leaves: tuple[LeafRange, ...] = ()
    needs_content: bool = True
    needs_version: bool = False


# Which nodes the paths meet -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the paths of a variable, shared by all paths that begin with it.

    `is_counted` marks steps whose nodes make rows: attributes with many values, and steps with a predicate. `columns`
    are the values that end here; `witnesses` are remembered for EXISTS and for subjects and make no rows.
    `attribute` is empty for the predicate on a variable itself.
    """

    attribute: str
    predicate: Predicate | None = None
    is_counted: bool = False
    is_uid: bool = False
    columns: tuple[int, ...] = ()
    witnesses: tuple[int, ...] = ()
    steps: tuple[Step, ...] = ()


@dataclass(frozen=True, slots=True)
class SlotPaths:
    """The paths of one slot as a tree: `root` is the node itself."""

    slot: int
    root: Step


@dataclass(frozen=True, slots=True)
class ExistsPath:
    """An EXISTS: from the first witness that is not null, deepest first, the path that is left."""

    starts: tuple[tuple[int, tuple[Step, ...]], ...]


EHR_PARTS = frozenset({"ehr_status", "ehr_access", "directory", "folders", "compositions"})
"""Attributes of EHR that lead to other objects."""


class Mode(StrEnum):
    """How fetched objects are put together."""

    STREAM = "object by object"
    BY_EHR = "EHR by EHR"


@dataclass(frozen=True, slots=True)
class EhrScope:
    """Which EHRs are looked at and what is needed of them.

    `ids` is None for all. `parts` are the attributes that hold other objects (`ehr_status`, `directory`,
    `compositions`...) and have to be fetched; `needs_record` tells whether anything beyond the id is needed.
    """

    ids: frozenset[str] | None = None
    parts: frozenset[str] = frozenset()
    needs_record: bool = False


@dataclass(frozen=True, slots=True)
class Plan:
    """All that is decided about a query before any data is seen.

    A working row has `width` columns: the values that paths meet, and the witnesses. `columns` says where the value of
    each path is, `exists` how each EXISTS is answered.
    """

    checked: CheckedQuery
    term: Term
    slots: tuple[Slot, ...]
    sources: tuple[Source, ...]
    mode: Mode
    ehrs: EhrScope
    paths: tuple[SlotPaths, ...]
    width: int
    condition: Condition | None
    limit: int | None
    offset: int
    subject_columns: tuple[int, ...] = ()
    can_stop_early: bool = False
    notes: tuple[str, ...] = ()
    columns: Mapping[IdentifiedPath, int] = field(default_factory=dict, repr=False)
    exists: Mapping[IdentifiedPath, ExistsPath] = field(default_factory=dict, repr=False)

    @property
    def query(self) -> SelectQuery:
        """Return the syntax tree."""
        return self.checked.query

    def column_of(self, path: IdentifiedPath) -> int:
        """Return the number of the working column that holds the value of a path."""
        return self.columns[path.normal]
