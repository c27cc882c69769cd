"""Published compositions go over HTTP into the store and come back equal.

`exceptions_published.json` lists, with the reason, those that are read back in another spelling.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from pymongo import MongoClient

from cdr.store.client import Document
from tests.http.servers import Servers, servers_over
from tests.support.corpus import shared
from tests.support.http import BASE, uid_in
from tests.support.published import templates_by_id, valid_compositions

EXCEPTIONS: dict[str, str] = json.loads((Path(__file__).parent / "exceptions_published.json").read_bytes())
SOURCES = {template.source_hash: path for known in templates_by_id().values() for path, template in known}
COMPOSITIONS = [(name, source, template.source_hash) for name, source, template in valid_compositions()]


@pytest.fixture(scope="module")
def servers(mongo_client: MongoClient[Document]) -> Iterator[Servers]:
    """Servers, each with the templates that can live together."""
    with servers_over(mongo_client) as found:
        yield found


def test_the_published_compositions_are_there() -> None:
    shared("data")
    assert len(COMPOSITIONS) > 120
    assert set(EXCEPTIONS) <= {name for name, _, _ in COMPOSITIONS}


@pytest.mark.parametrize(("name", "source", "template"), COMPOSITIONS, ids=[name for name, _, _ in COMPOSITIONS])
def test_a_published_composition_is_stored_and_read_back_equal(
    servers: Servers, name: str, source: bytes, template: str
) -> None:
    client = servers.having(SOURCES[template].read_bytes())
    ehr_id = uid_in(client.post(f"{BASE}/ehr"))
    sent = client.post(f"{BASE}/ehr/{ehr_id}/composition", content=source, headers={"content-type": "application/json"})
    assert sent.status_code == 201, sent.text
    read: httpx.Response = client.get(sent.headers["location"])
    assert read.json()["uid"]["value"] == uid_in(sent)
    came, went = (plain({**json.loads(body), "uid": None}) for body in (source, read.content))
    assert (came == went) == (name not in EXCEPTIONS), first_difference(came, went)


def plain(tree: Any) -> Any:
    """Return a JSON tree without what says nothing: `_type` where it may be left out, null, empty lists."""
    if isinstance(tree, dict):
        members = {key: plain(value) for key, value in tree.items() if key != "_type"}
        return {key: value for key, value in members.items() if value not in (None, [])}
    if isinstance(tree, list):
        return [plain(value) for value in tree]
    return tree


def first_difference(one: Any, other: Any, path: str = "") -> str:
    """Return where two trees first differ."""
    if isinstance(one, dict) and isinstance(other, dict):
        for key in {**one, **other}:
            if one.get(key) != other.get(key):
                return first_difference(one.get(key), other.get(key), f"{path}/{key}")
    if isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        for at, (left, right) in enumerate(zip(one, other, strict=True)):
            if left != right:
                return first_difference(left, right, f"{path}[{at}]")
    return f"{path}: {one!r} / {other!r}"
