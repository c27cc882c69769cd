"""What `kilde setup` does, as steps: for each thing what the server has of it, and how it gets it.

`shipped` is what came with the server's own installation; `copied` is what another server has been given: archetypes,
templates with their categories, stored queries and sources. Content about residents is never part of it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from cli.client import BASE, JSON, XML, Client

_KILDE = "/rest/kilde/v1"
_ADL = "text/plain; charset=utf-8"

KINDS = ("archetype", "template", "category", "query", "source")
"""The kinds of what is copied, in the order of copying."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One thing: `state` is absent, present or different; `do` stores it and returns what became of it.

    `do` is told whether a different one may be replaced, and is not called for one that is present.
    """

    kind: str
    name: str
    state: str
    do: Callable[[bool], str]


def shipped(client: Client) -> list[Step]:
    """Return the steps for what came with the server."""
    items = client.send("GET", f"{_KILDE}/content").json()["content"]
    return [_shipped(client, item["kind"], item["name"], item["state"]) for item in items]


def copied(source: Client, target: Client) -> list[Step]:
    """Return the steps for what another server has."""
    parts = (_archetypes, _templates, _categories, _queries, _sources)
    return [step for part in parts for step in part(source, target)]


def _shipped(client: Client, kind: str, name: str, state: str) -> Step:
    path = f"{_KILDE}/content/{_quoted(kind)}/{_quoted(name)}"

    def do(replace: bool) -> str:
        return str(client.send("POST", path, query={"replace": str(replace).lower()}).json()["outcome"])

    return Step(kind=kind, name=name, state=state, do=do)


def _archetypes(source: Client, target: Client) -> Iterator[Step]:
    path = f"{_KILDE}/archetype"
    there = {one["archetype_id"] for one in target.send("GET", path).json()}
    for one in source.send("GET", path).json():
        name = one["archetype_id"]
        text = source.send("GET", f"{path}/{_quoted(name)}").content
        own = target.send("GET", f"{path}/{_quoted(name)}").content if name in there else None

        def do(replace: bool, *, name: str = name, text: bytes = text, is_new: bool = own is None) -> str:
            if not is_new and not replace:
                return "different"
            if not is_new:
                target.send("DELETE", f"{path}/{_quoted(name)}")
            target.send("POST", path, headers={"Content-Type": _ADL}, body=text)
            return "added" if is_new else "replaced"

        yield Step(kind="archetype", name=name, state=_state(own, text), do=do)


def _templates(source: Client, target: Client) -> Iterator[Step]:
    path = f"{BASE}/definition/template/adl1.4"
    accept = {"Accept": XML}
    there = {one["template_id"] for one in target.send("GET", path).json()}
    for one in source.send("GET", path).json():
        name = one["template_id"]
        text = source.send("GET", f"{path}/{_quoted(name)}", headers=accept).content
        own = target.send("GET", f"{path}/{_quoted(name)}", headers=accept).content if name in there else None

        def do(replace: bool, *, name: str = name, text: bytes = text, is_new: bool = own is None) -> str:
            headers = {"Content-Type": XML, **accept}
            if is_new:
                target.send("POST", path, headers=headers, body=text)
                return "added"
            if not replace:
                return "different"
            target.send("PUT", f"/rest/admin/template/{_quoted(name)}", headers=headers, body=text)
            return "replaced"

        yield Step(kind="template", name=name, state=_state(own, text), do=do)


def _categories(source: Client, target: Client) -> Iterator[Step]:
    """Yield the registrations of templates that declare no category themselves, and what takes no new data."""
    theirs, ours = _registered(source), _registered(target)
    for name, one in theirs.items():
        own = ours.get(name)

        def do(replace: bool, *, name: str = name, one: dict[str, Any] = one, own: Any = own) -> str:
            if own is not None and not replace:
                return "different"
            if one["category"] is not None:
                sources = ", ".join(one["national_sources"])
                body = {"national_source": sources} if sources else {}
                path = f"{_KILDE}/category/{_quoted(one['category'])}/template/{_quoted(name)}"
                target.send("PUT", path, headers={"Content-Type": JSON}, body=json.dumps(body).encode())
            deprecation = f"{_KILDE}/template/{_quoted(name)}/deprecated"
            target.send("PUT" if one["deprecated"] else "DELETE", deprecation)
            return "added" if own is None else "replaced"

        yield Step(kind="category", name=name, state=_state(own, one), do=do)


def _registered(client: Client) -> dict[str, dict[str, Any]]:
    """Return, by template id, what an administrator has said of templates; those with nothing said are left out."""
    found = {}
    for category in client.send("GET", f"{_KILDE}/category").json()["categories"]:
        key = category["key"]
        for one in client.send("GET", f"{_KILDE}/category/{key}/template").json()["templates"]:
            if not one["declared"] or one["deprecated"]:
                found[one["template_id"]] = {
                    "category": None if one["declared"] else key,
                    "national_sources": [] if one["declared"] else one["national_sources"],
                    "deprecated": one["deprecated"],
                }
    return found


def _queries(source: Client, target: Client) -> Iterator[Step]:
    there = {(one["name"], one["version"]): one for one in _stored(target)}
    for one in _stored(source):
        own = there.get((one["name"], one["version"]))
        wanted = {field: one[field] for field in _QUERY_FIELDS if field in one}
        state = _state(None if own is None else {field: own[field] for field in _QUERY_FIELDS if field in own}, wanted)

        def do(replace: bool, *, one: dict[str, Any] = one, wanted: dict[str, Any] = wanted, own: Any = own) -> str:
            if own is not None:
                # A stored version never changes.
                return "different"
            path = f"{BASE}/definition/query/{_quoted(one['name'])}/{one['version']}"
            target.send("PUT", path, headers={"Content-Type": JSON}, body=json.dumps(wanted).encode())
            return "added"

        yield Step(kind="query", name=f"{one['name']}/{one['version']}", state=state, do=do)


_QUERY_FIELDS = ("q", "purpose", "parameters", "category", "purposes")


def _stored(client: Client) -> list[dict[str, Any]]:
    found = client.send("GET", f"{BASE}/definition/query").json()
    listed: list[dict[str, Any]] = found["versions"] if isinstance(found, dict) else found
    return listed


def _sources(source: Client, target: Client) -> Iterator[Step]:
    path = f"{_KILDE}/receive"
    there = {one["key"]: one for one in _registered_sources(target)}
    for one in _registered_sources(source):
        own = there.get(one["key"])

        def do(replace: bool, *, one: dict[str, Any] = one, is_new: bool = own is None) -> str:
            if not is_new and not replace:
                return "different"
            body = {field: value for field, value in one.items() if field != "key"}
            address = f"{path}/{_quoted(one['key'])}"
            target.send("PUT", address, headers={"Content-Type": JSON}, body=json.dumps(body).encode())
            return "added" if is_new else "replaced"

        yield Step(kind="source", name=one["key"], state=_state(own, one), do=do)


def _registered_sources(client: Client) -> list[dict[str, Any]]:
    """Return the sources of a server, none of one that receives no messages."""
    answer = client.send("GET", f"{_KILDE}/receive", accepted=(404, 501))
    found: list[dict[str, Any]] = answer.json()["sources"] if answer.is_success else []
    return found


def _state(own: object, wanted: object) -> str:
    if own is None:
        return "absent"
    return "present" if own == wanted else "different"


def _quoted(text: str) -> str:
    return quote(text, safe="")
