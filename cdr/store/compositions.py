"""Compositions by their template: the `CompositionIndex` of `cdr.ports`, read from `ix` and `ix_draft` alone.

A template's number is among the archetype numbers (`a`) of each document, so one index answers per EHR and one for all
of the tenant. Composer and source stand in the leaves of the composition's own group.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from pymongo import DESCENDING
from pymongo.database import Database
from pymongo.read_concern import ReadConcern

from cdr.identity import AccessFilter
from cdr.ports import ListedComposition, Usage
from cdr.store.client import Document
from cdr.store.failures import store_failures
from cdr.store.ids import pack_id, unpack_id
from cdr.store.layout import ACCESS_LOG, IX, IX_DRAFT, PATHS, VERSION, version_uid
from cdr.versioning.model import ObjectKind

_KIND = ObjectKind.COMPOSITION.value
_COMPOSER = "/composer/name"
_SOURCE = "/feeder_audit/originating_system_audit/system_id"
_FED_BY = "/feeder_audit/feeder_system_audit/system_id"
_HEADER = {"vo": 1, "u": 1, "e": 1, "t": 1, "tc": 1, "tp": 1, "w": {"$slice": 1}}


class MongoCompositionIndex:
    """The `CompositionIndex` of one tenant; safe for several threads."""

    def __init__(self, database: Database[Document]) -> None:
        self._current = database[IX]
        self._drafts = database[IX_DRAFT]
        self._paths = database[PATHS]
        # The log is written without waiting for a majority, and read as it stands.
        self._log = database.get_collection(ACCESS_LOG, read_concern=ReadConcern("local"))

    def count_by_template(self, *, access: AccessFilter) -> dict[str, int]:
        """Return how many compositions there are under each template that has any."""
        with store_failures():
            names = {one["_id"]: one["name"] for one in self._paths.find({"kind": "template"}, {"name": 1})}
            seen = _seen(access)
            counts = {
                name: self._current.count_documents({"a": number, **seen})
                for number, name in names.items()
                if name not in access.hidden_templates
            }
        return {name: count for name, count in counts.items() if count}

    def count(self, ehr_id: str, template_ids: Sequence[str], *, access: AccessFilter, drafts: bool = False) -> int:
        """Return how many compositions of an EHR are under the templates."""
        with store_failures():
            numbers = self._numbers(template_ids, access)
            if not numbers or not access.allows_ehr(ehr_id):
                return 0
            collection = self._drafts if drafts else self._current
            return collection.count_documents(_wanted(ehr_id, numbers, access))

    def page(
        self,
        ehr_id: str,
        template_ids: Sequence[str],
        *,
        access: AccessFilter,
        offset: int,
        limit: int,
        drafts: bool = False,
    ) -> list[ListedComposition]:
        """Return a page of the compositions of an EHR under the templates, the one that started last first."""
        with store_failures():
            numbers = self._numbers(template_ids, access)
            if not numbers or not access.allows_ehr(ehr_id):
                return []
            places = self._places()
            fields = {f"{part}.{place}": 1 for part in ("m", "r") for by in places.values() for place in by}
            cursor = (
                (self._drafts if drafts else self._current)
                .find(_wanted(ehr_id, numbers, access), {**_HEADER, **fields})
                .sort([("t", DESCENDING), ("_id", DESCENDING)])
                .skip(offset)
                .limit(limit)
            )
            return [_listed(document, numbers, places) for document in cursor]

    def usage(self, *, since: datetime | None = None) -> list[Usage]:
        """Return what the access log says of the use of templates and stored queries, from a time on (inclusive)."""
        begin: Document = {} if since is None else {"at": {"$gte": since}}
        by_version = [
            {"$match": {"resource": _KIND, **begin}},
            {"$group": {"_id": {"p": "$person", "a": "$action", "d": "$detail"}, "n": {"$sum": 1}}},
            {"$lookup": {"from": VERSION, "localField": "_id.d", "foreignField": "_id", "as": "v"}},
            {"$group": {"_id": {"p": "$_id.p", "a": "$_id.a", "d": {"$first": "$v.tp"}}, "n": {"$sum": "$n"}}},
        ]
        by_query = [
            {"$match": {"action": "query", "detail": {"$regex": "/"}, **begin}},
            {"$group": {"_id": {"p": "$person", "a": "$action", "d": "$detail"}, "n": {"$sum": 1}}},
        ]
        with store_failures():
            templates = list(self._log.aggregate(by_version, allowDiskUse=True))
            queries = list(self._log.aggregate(by_query, allowDiskUse=True))
        return [
            *(_usage(document, template_id=document["_id"].get("d")) for document in templates),
            *(_usage(document, query=document["_id"]["d"]) for document in queries),
        ]

    def _numbers(self, template_ids: Sequence[str], access: AccessFilter) -> dict[int, str]:
        """Return the ids of the templates by their numbers, those that data uses and the caller may see."""
        keys = [f"T {template_id}" for template_id in template_ids if template_id not in access.hidden_templates]
        return {one["_id"]: one["name"] for one in self._paths.find({"key": {"$in": keys}}, {"name": 1})}

    def _places(self) -> dict[str, list[str]]:
        """Return where the composer and the sources of compositions stand, of each root archetype."""
        places: dict[str, list[str]] = {_COMPOSER: [], _SOURCE: [], _FED_BY: []}
        keys = {"$regex": "^L openEHR-EHR-COMPOSITION\\."}
        for leaf in self._paths.find({"key": keys, "path": {"$in": list(places)}}, {"path": 1, "m": 1}):
            places[leaf["path"]].append(leaf["m"])
        return places


def _usage(document: Document, *, template_id: str | None = None, query: str | None = None) -> Usage:
    key = document["_id"]
    return Usage(person=key["p"], action=key["a"], count=document["n"], template_id=template_id, query=query)


def _wanted(ehr_id: str, numbers: Mapping[int, str], access: AccessFilter) -> Document:
    seen = {field: condition for field, condition in _seen(access).items() if field != "e"}
    return {"e": pack_id(ehr_id), "a": {"$in": list(numbers)}, **seen}


def _seen(access: AccessFilter) -> Document:
    """Return the condition that a caller may see a composition, but for its template."""
    seen: Document = {}
    ehrs: Document = {}
    if access.ehrs is not None:
        ehrs["$in"] = [pack_id(ehr_id) for ehr_id in sorted(access.ehrs - access.hidden_ehrs)]
    elif access.hidden_ehrs:
        ehrs["$nin"] = [pack_id(ehr_id) for ehr_id in sorted(access.hidden_ehrs)]
    if ehrs:
        seen["e"] = ehrs
    if access.hidden_objects:
        seen["_id"] = {"$nin": [pack_id(object_id) for object_id in sorted(access.hidden_objects)]}
    return seen


def _listed(document: Document, numbers: Mapping[int, str], places: Mapping[str, list[str]]) -> ListedComposition:
    names = document.get("w") or [""]
    return ListedComposition(
        uid=version_uid(document),
        ehr_id=unpack_id(document["e"]),
        template_id=numbers[document["tp"]],
        name=names[0],
        start_time=document["t"].replace(tzinfo=UTC),
        time_committed=document["tc"].replace(tzinfo=UTC),
        composer=_first(document, places[_COMPOSER]),
        source=_first(document, places[_SOURCE]),
        fed_by=_first(document, places[_FED_BY]),
    )


def _first(document: Document, places: Sequence[str]) -> str | None:
    """Return the first value at one of the places, in `m` or `r`."""
    values = (
        value for place in places for part in ("m", "r") for value in _values(document.get(part), place.split("."))
    )
    return next(values, None)


# `Any`: `m` and `r` hold arrays of group instances, which hold scalars.
def _values(held: Any, steps: Sequence[str]) -> Iterator[str]:
    if isinstance(held, list):
        for each in held:
            yield from _values(each, steps)
    elif not steps:
        if isinstance(held, str):
            yield held
    elif isinstance(held, dict) and steps[0] in held:
        yield from _values(held[steps[0]], steps[1:])
