"""Records for a summary: each query is run by itself, so that one that fails does not take the others with it.

In: a definition, an EHR, a caller. Out: statements by query, reviews, and failures by query. The access log is told
once, by the service, and not for each query.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

import orjson

from aql.objects import RawJson
from cdr.errors import KildeError
from cdr.identity import Caller
from cdr.ports import Head
from cdr.reconcile import Review, Statement
from cdr.reconcile.summary import Failure
from cdr.services.context import Context
from cdr.services.query import QueryService
from cdr.services.summary.definition import Definition, Library
from cdr.services.summary.nodes import Node, find, first, text_of
from cdr.services.summary.reading import Reader
from cdr.versioning.model import EhrRecord, Lifecycle, ObjectKind

REVIEWS = "reviews"
REVIEW_TEMPLATE = "no.kommune.gjennomgang.v1"


@dataclass(slots=True)
class Gathered:
    """What could be read. `by_query` has the statements of each query that worked; `failures` names the others."""

    by_query: dict[str, tuple[Statement, ...]] = field(default_factory=dict)
    reviews: list[Review] = field(default_factory=list)
    failures: dict[str, tuple[Failure, ...]] = field(default_factory=dict)
    drafts: int = 0


class _Silent:
    """An access log that keeps nothing: the service tells the real one of the whole summary."""

    def record(self, caller: Caller, *, action: str, resource: str, ehr_ids: Sequence[str], detail: str = "") -> None:
        """Keep nothing."""

    def entries(self, *, ehr_id: str | None = None, limit: int = 100) -> Iterator[Mapping[str, object]]:
        """Return nothing."""
        return iter(())


def gather(
    queries: QueryService, library: Library, definition: Definition, *, caller: Caller, ehr: EhrRecord, today: str
) -> Gathered:
    """Run the queries of a definition and read their records.

    A query that fails, whatever the reason that it gives, becomes a failure under its name. All of them fail for an EHR
    that answers no queries: its records are there, and a reader must not take them for absent.
    """
    if not ehr.is_queryable:
        return Gathered(failures={name: (Failure(name, "EHR_NOT_QUERYABLE"),) for name in definition.queries})
    ehr_id = ehr.ehr_id
    quiet = replace(queries, context=replace(queries.context, access_log=_Silent()))
    heads = _heads(queries.context, caller, ehr_id)
    found = Gathered(drafts=sum(head.lifecycle == Lifecycle.INCOMPLETE for head in heads.values()))
    parsed: dict[bytes, Node] = {}
    times = _Times(queries.context, caller, heads)
    for name, query in definition.queries.items():
        keys = tuple(dict.fromkeys(key for rule in definition.sections if rule.query == name for key in rule.facts))
        reader = Reader(library.facts, keys, today)
        try:
            rows = quiet.run(caller, query.aql, ehr_id=ehr_id).rows
        except KildeError as error:
            found.failures[name] = (Failure(name, error.code),)
            continue
        statements: dict[str, Statement] = {}
        unread = 0
        for row in rows:
            node = _node(row[0], parsed)
            if node is None:
                unread += 1
                continue
            if name == REVIEWS:
                found.reviews.extend(_reviews(node, reader))
                continue
            statements |= {one.id: one for one in reader.statements(node, committed=times.of)}
        found.by_query[name] = tuple(statements.values())
        if unread:
            found.failures[name] = (Failure(name, "SUMMARY_RECORD_UNREADABLE"),)
    return found


@dataclass(frozen=True, slots=True)
class _Times:
    """Commit times of the newest versions."""

    context: Context
    caller: Caller
    heads: Mapping[str, Head]

    def of(self, version_uid: str) -> str:
        """Return the commit time of a version; empty when it cannot be told."""
        head = self.heads.get(version_uid)
        if head is None:
            return ""
        if head.latest_number == 1:
            return head.time_created.isoformat()
        record = self.context.versions.version(version_uid, access=self.context.access(self.caller))
        return record.time_committed.isoformat() if record else ""


def _heads(context: Context, caller: Caller, ehr_id: str) -> dict[str, Head]:
    found = context.versions.heads(ehr_id, ObjectKind.COMPOSITION, access=context.access(caller))
    return {head.latest_uid: head for head in found}


def _node(value: object, parsed: dict[bytes, Node]) -> Node | None:
    """Return a composition as plain JSON; None for what is none."""
    if isinstance(value, RawJson):
        node = parsed.get(value.text)
        if node is None:
            try:
                node = orjson.loads(value.text)
            except orjson.JSONDecodeError:
                return None
            parsed[value.text] = node
        return node
    return value if isinstance(value, dict) else None


def _reviews(composition: Node, reader: Reader) -> Iterator[Review]:
    """Yield the review that a composition of its own holds; its links name the statements."""
    for cluster in find(composition, "context/other_context/items[openEHR-EHR-CLUSTER.information_quality_review.v0]"):
        uid = text_of(first(composition, "uid"))
        of = tuple(
            target.split("/", 4)[4]
            for link in composition.get("links") or ()
            if (target := text_of(link.get("target"))).count("/") >= 4
        )
        review = reader.review(cluster, of, id_=uid)
        composer = composition.get("composer") or {}
        yield replace(review, by=review.by or str(composer.get("name") or ""))
