"""What comes with Kilde, put into a tenant: templates and stored queries, item by item and safe to do again.

An item is absent, present, or different from what came with this installation; `load` stores an absent one, and a
different one only when it is told to replace. Each kind of item is one object in `KINDS`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Protocol

from cdr import resources
from cdr.am.opt14 import read_opt
from cdr.categories.queries import ShippedQuery, shipped_queries
from cdr.errors import Conflict, NotFound
from cdr.identity import Caller
from cdr.rm.catalog import CATALOG
from cdr.services.context import Context
from cdr.services.query_stored import StoredQueries
from cdr.services.template import TemplateService


class State(StrEnum):
    """What the tenant has of an item."""

    ABSENT = "absent"
    PRESENT = "present"
    DIFFERENT = "different"


class Outcome(StrEnum):
    """What became of an item that was to be loaded."""

    ADDED = "added"
    PRESENT = "present"
    REPLACED = "replaced"
    DIFFERENT = "different"


@dataclass(frozen=True, slots=True, kw_only=True)
class ContentItem:
    """One item: `kind` and `name` together name it; `detail` says more to people (a file, a version)."""

    kind: str
    name: str
    state: State
    detail: str = ""


class ContentKind(Protocol):
    """One kind of what comes with Kilde."""

    @property
    def kind(self) -> str:
        """Return the name of the kind."""

    def names(self) -> Sequence[str]:
        """Return the names of what comes with this installation, in the order in which it is loaded."""

    def item(self, context: Context, name: str) -> ContentItem:
        """Return one item with its state."""

    def store(self, context: Context, caller: Caller, name: str, *, replace: bool) -> None:
        """Store one item; with `replace` in the place of a different one. Errors: `Conflict` where that cannot be."""


class Templates:
    """The operational templates; a different one is replaced as any other would be, and refused where data breaks."""

    kind = "template"

    def names(self) -> Sequence[str]:
        """Return the ids of the templates."""
        return sorted(_template_files())

    def item(self, context: Context, name: str) -> ContentItem:
        """Return one template with its state."""
        file = _template_files()[name]
        current = context.templates.current(name)
        if current is None:
            state = State.ABSENT
        else:
            is_same = current.revision == hashlib.sha256(file.read_bytes()).hexdigest()
            state = State.PRESENT if is_same else State.DIFFERENT
        return ContentItem(kind=self.kind, name=name, state=state, detail=file.name)

    def store(self, context: Context, caller: Caller, name: str, *, replace: bool) -> None:
        """Upload one template, or put it in the place of another version."""
        service = TemplateService(context)
        source = _template_files()[name].read_bytes()
        if replace:
            service.replace(caller, name, source=source)
        else:
            service.upload(caller, source=source)


class Queries:
    """The stored queries; a stored version never changes, so a different one is a matter of a new version."""

    kind = "query"

    def names(self) -> Sequence[str]:
        """Return the names of the queries."""
        return list(_queries())

    def item(self, context: Context, name: str) -> ContentItem:
        """Return one query with its state."""
        query = _queries()[name]
        stored = next((one for one in context.queries.versions(name) if one.version == query.version), None)
        if stored is None:
            state = State.ABSENT
        else:
            is_same = (stored.text, stored.category) == (query.text, query.category)
            state = State.PRESENT if is_same else State.DIFFERENT
        return ContentItem(kind=self.kind, name=name, state=state, detail=query.version)

    def store(self, context: Context, caller: Caller, name: str, *, replace: bool) -> None:
        """Store one query under the version that it comes with."""
        if replace:
            raise Conflict("a stored version of a query never changes; store it under a new one", code="QUERY_FIXED")
        query = _queries()[name]
        StoredQueries(context, CATALOG).put(
            caller,
            query.name,
            query.text,
            version=query.version,
            parameters=query.parameters,
            category=query.category,
            purposes=query.purposes,
        )


# Templates first: queries are checked against them.
KINDS: tuple[ContentKind, ...] = (Templates(), Queries())


@dataclass(frozen=True, slots=True)
class ContentService:
    """What comes with Kilde, for one tenant."""

    context: Context

    def list(self, caller: Caller, *, kind: str | None = None) -> list[ContentItem]:
        """Return every item with its state, in the order in which they are loaded. Errors: `NotFound`."""
        kinds = KINDS if kind is None else (_kind(kind),)
        return [each.item(self.context, name) for each in kinds for name in each.names()]

    def load(self, caller: Caller, kind: str, name: str, *, replace: bool = False) -> Outcome:
        """Store one item and return what became of it; one that is there as it came stays untouched.

        Errors: `NotFound`; with `replace`, `Conflict` when data or the kind of item does not allow it.
        """
        found = _kind(kind)
        if name not in found.names():
            raise NotFound(f"no {kind} of this name comes with this installation", code="CONTENT_UNKNOWN")
        state = found.item(self.context, name).state
        if state is State.ABSENT:
            try:
                found.store(self.context, caller, name, replace=False)
            except Conflict:
                # Another process was faster.
                return Outcome.PRESENT
            return Outcome.ADDED
        if state is State.PRESENT:
            return Outcome.PRESENT
        if not replace:
            return Outcome.DIFFERENT
        found.store(self.context, caller, name, replace=True)
        return Outcome.REPLACED

    def load_all(self, caller: Caller) -> dict[Outcome, int]:
        """Store every absent item and return how many had which outcome; different ones stay as they are."""
        counts = dict.fromkeys(Outcome, 0)
        for item in self.list(caller):
            counts[self.load(caller, item.kind, item.name)] += 1
        return counts


def _kind(kind: str) -> ContentKind:
    found = next((each for each in KINDS if each.kind == kind), None)
    if found is None:
        raise NotFound(f"a kind of content is one of: {', '.join(each.kind for each in KINDS)}", code="CONTENT_UNKNOWN")
    return found


@cache
def _template_files() -> dict[str, Path]:
    """Return the files of the templates that come with this installation, by id."""
    return {read_opt(path.read_bytes()).template_id: path for path in resources.templates()}


@cache
def _queries() -> dict[str, ShippedQuery]:
    """Return the queries that come with this installation, by name."""
    return {query.name: query for query in shipped_queries()}
