"""Statements from compositions: every entry that a fact describes, with where it came from.

In: canonical JSON objects of compositions and the facts. Out: statements, and the reviews that are stored beside them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from cdr.reconcile import Code, Detail, Kind, Mapping, Match, Origin, Outcome, Review, Side, Statement, Status
from cdr.reconcile.moments import days
from cdr.services.summary.definition import Choice, Fact, FactFile
from cdr.services.summary.nodes import Node, code_of, find, first, is_node, text_of

_ADMIN_END = (Status.ACTIVE, Status.UNKNOWN)


class Reader:
    """Reads the facts of one definition; `today` is an ISO day."""

    def __init__(self, file: FactFile, keys: Iterable[str], today: str) -> None:
        self.file = file
        self._today = today
        self._facts: dict[str, list[str]] = defaultdict(list)
        for key in keys:
            self._facts[file.facts[key].entry].append(key)
        # Facts by archetype id as records have it: of the archetype itself, or of one that it specialises.
        self._resolved: dict[str, tuple[str, ...]] = {}

    def statements(self, composition: Node, *, committed: Callable[[str], str] = lambda uid: "") -> Iterator[Statement]:
        """Yield the statements of a composition in the order of its entries.

        `committed` gives the commit time of a version by its uid; it is asked once, and only when there are statements.
        """
        origin: Origin | None = None
        for place, entry in (("context", composition), *entries(composition)):
            keys = self._keys(entry)
            for key in keys:
                if origin is None:
                    origin = origin_of(composition, committed=committed)
                fact = self.file.facts[key]
                nodes = find(entry, fact.each) if fact.each else [entry]
                for number, node in enumerate(nodes, 1):
                    id_ = f"{origin.version_uid}/{place}" + (f"#{number}" if fact.each else "")
                    # Two facts of one entry are two statements.
                    id_ = id_ if len(keys) == 1 else f"{id_};{key}"
                    yield self._statement(id_, key, _Reach(composition, entry, node), origin)

    def _keys(self, entry: Node) -> tuple[str, ...]:
        own = str(entry.get("archetype_node_id", ""))
        found = self._resolved.get(own)
        if found is None:
            found = tuple(key for archetype, keys in self._facts.items() if is_node(entry, archetype) for key in keys)
            self._resolved[own] = found
        return found

    def _statement(self, id_: str, key: str, reach: _Reach, origin: Origin) -> Statement:
        fact = self.file.facts[key]
        named = next((value for path in fact.text if (value := reach.first(path)) is not None), None)
        coded = reach.first(fact.codes) if fact.codes else named
        onset, end = (reach.date(paths) for paths in (fact.onset, fact.end))
        own = _own_origin(reach.entry, origin)
        updated = text_of(reach.first(fact.updated)) if fact.updated else ""
        if updated:
            own = _replaced(own, updated=updated)
        status = self._status(fact, reach, end)
        cluster = reach.first(fact.review) if fact.review else None
        return Statement(
            id=id_,
            kind=fact.kind,
            entry=key,
            text=text_of(named) or fact.name.get("nb", key),
            codes=tuple(_codes(coded)),
            mappings=tuple(_mappings(coded)),
            status=status,
            status_text=next((text_of(value) for rule in fact.status if (value := reach.first(rule.path))), ""),
            onset=onset,
            end=end,
            time=reach.date(fact.time),
            side=self._side(fact, reach),
            certainty=_chosen(fact.certainty, reach),
            criticality=_chosen(fact.criticality, reach),
            amount=_amount(fact, reach),
            value=code_of(reach.first(fact.value))[1] if fact.value else "",
            service=reach.identifier(fact.service),
            decision=reach.identifier(fact.decision),
            replaces=tuple(filter(None, (text_of(one) for one in reach.all(fact.replaces)))) if fact.replaces else (),
            about=fact.topic or _chosen(fact.about, reach),
            subject=fact.subject or _subject(reach.entry),
            reviews=(self.review(cluster, (id_,), id_=f"{id_}/review", is_within_item=True),) if cluster else (),
            details=tuple(_details(fact, reach)),
            origin=own,
        )

    def review(self, cluster: Node, of: tuple[str, ...], *, id_: str, is_within_item: bool = False) -> Review:
        """Return the review that a cluster holds."""
        rule = self.file.review
        return Review(
            id=id_,
            of=of,
            outcome=rule.outcomes.get(code_of(first(cluster, rule.outcome))[1], Outcome.NOT_REVIEWED),
            by=text_of(first(cluster, rule.person)),
            role=text_of(first(cluster, rule.role)),
            time=text_of(first(cluster, rule.time)),
            comment=text_of(first(cluster, rule.comment)),
            is_within_item=is_within_item,
        )

    def _status(self, fact: Fact, reach: _Reach, end: str) -> Status:
        said = _chosen(fact.status, reach)
        status = Status(said) if said else fact.status_default
        over = days(end)
        if fact.ends and over and over[1] < self._today and status in _ADMIN_END:
            return Status.RESOLVED
        return status

    def _side(self, fact: Fact, reach: _Reach) -> Side:
        for path in fact.side:
            for value in reach.all(path):
                said = f" {text_of(value).casefold()} {code_of(value)[1]} "
                for side, marks in self.file.sides.items():
                    if any(f" {mark} " in said.replace(",", " ") for mark in marks):
                        return Side(side)
        return Side.NONE


@dataclass(frozen=True, slots=True)
class _Reach:
    """The three places that a path can begin at."""

    composition: Node
    entry: Node
    node: Node

    def all(self, path: str) -> list[Any]:
        start = self.composition if path[:2] == "//" else self.entry if path[:1] == "/" else self.node
        return find(start, path)

    def first(self, path: str) -> Any:
        if not path:
            return None
        found = self.all(path)
        return found[0] if found else None

    def date(self, paths: Sequence[str]) -> str:
        return next((said for path in paths if (said := text_of(self.first(path)))), "")

    def identifier(self, paths: Sequence[str]) -> str:
        return self.date(paths)


def entries(composition: Node) -> Iterator[tuple[str, Node]]:
    """Yield every entry of a composition with its place: positions are 1-based, as in EHR URIs."""
    stack = [(f"content[{number}]", node) for number, node in enumerate(composition.get("content") or (), 1)]
    while stack:
        place, node = stack.pop(0)
        if node.get("_type") == "SECTION":
            inner = enumerate(node.get("items") or (), 1)
            stack[:0] = [(f"{place}/items[{number}]", one) for number, one in inner]
        else:
            yield place, node


def origin_of(composition: Node, *, committed: Callable[[str], str]) -> Origin:
    """Return where a composition came from."""
    context = composition.get("context") or {}
    audit = composition.get("feeder_audit") or {}
    composer = composition.get("composer") or {}
    details = composition.get("archetype_details") or {}
    uid = str((composition.get("uid") or {}).get("value") or "")
    return Origin(
        system=_system(audit),
        composer=str(composer.get("name") or ""),
        facility=str((context.get("health_care_facility") or {}).get("name") or ""),
        recorded=text_of(context.get("start_time")),
        committed=committed(uid),
        version_uid=uid,
        template_id=str((details.get("template_id") or {}).get("value") or ""),
        national_source=str((audit.get("feeder_system_audit") or {}).get("system_id") or ""),
    )


def _own_origin(entry: Node, origin: Origin) -> Origin:
    """Return the origin of an entry: its own feeder audit says more than that of its composition."""
    audit = entry.get("feeder_audit")
    if not audit or entry.get("_type") == "COMPOSITION":
        return origin
    items = tuple(text_of(one) for one in audit.get("originating_system_item_ids") or ())
    national = str((audit.get("feeder_system_audit") or {}).get("system_id") or "")
    return _replaced(
        origin,
        system=_system(audit) or origin.system,
        items=items,
        national_source=national or origin.national_source,
    )


def _replaced(origin: Origin, **changes: Any) -> Origin:
    from dataclasses import replace  # frozen values with slots: only this copies them

    return replace(origin, **changes)


def _system(audit: Node) -> str:
    return str((audit.get("originating_system_audit") or {}).get("system_id") or "")


def _subject(entry: Node) -> str:
    """Return who an entry is about when that is not the resident: the relationship, or that it is somebody."""
    subject = entry.get("subject") or {}
    if subject.get("_type", "PARTY_SELF") == "PARTY_SELF":
        return ""
    return text_of(subject.get("relationship")) or str(subject.get("name") or "") or "?"


def _codes(value: Any) -> Iterable[Code]:
    system, code = code_of(value)
    if code and system not in ("", "local"):
        yield Code(system, code, text_of(value))


def _mappings(value: Any) -> Iterable[Mapping]:
    for one in (value.get("mappings") if isinstance(value, dict) else None) or ():
        target = one.get("target") or {}
        system, code = (target.get("terminology_id") or {}).get("value", ""), target.get("code_string", "")
        match = one.get("match")
        if system and code:
            yield Mapping(Match(match) if match in tuple(Match) else Match.UNKNOWN, Code(system, code))


def _chosen(rules: Sequence[Choice], reach: _Reach) -> str:
    for rule in rules:
        if rule.templates:
            names = find(reach.composition, "archetype_details/template_id/value")
            template = str(names[0]) if names else ""
            if template in rule.templates:
                return rule.templates[template]
        for value in reach.all(rule.path) if rule.path else ():
            code = code_of(value)[1]
            if code in rule.codes:
                return rule.codes[code]
            said = text_of(value).casefold()
            for word, meaning in rule.words.items():
                if word in said:
                    return meaning
    return ""


def _amount(fact: Fact, reach: _Reach) -> str:
    values = [value for path in fact.amount if (value := reach.first(path)) is not None]
    if len(values) > 1 and all(isinstance(one, dict) and one.get("_type") == "DV_QUANTITY" for one in values):
        units = values[0].get("units", "")
        return "/".join(text_of(one.get("magnitude")) for one in values) + f" {units}"
    said = "/".join(filter(None, map(text_of, values)))
    return said or (text_of(reach.first(fact.amount_text)) if fact.amount_text else "")


def _details(fact: Fact, reach: _Reach) -> Iterator[Detail]:
    for rule in fact.details:
        said = [text for value in reach.all(rule.path) if (text := text_of(value))]
        if said:
            yield Detail(rule.key, "; ".join(dict.fromkeys(said)), rule.label)


def kinds(file: FactFile, keys: Iterable[str]) -> frozenset[Kind]:
    """Return the kinds of some facts."""
    return frozenset(file.facts[key].kind for key in keys)
