"""Hostile bodies over HTTP: entities, bombs, depth, size, odd characters, and patterns made to take for ever.

Each is answered by a 4xx in the one shape, in bounded time and memory, without opening a file or a connection.
"""

from __future__ import annotations

import gzip
import json
import random
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import psutil
import pytest

from cdr import rm
from cdr.am.constraints import CArchetypeRoot, CAttribute, CComplexObject, CPrimitiveObject
from cdr.am.primitives import CString
from cdr.am.template import OperationalTemplate
from cdr.validation import validate
from tests.support.http import BASE, TEMPLATE_ID, Json, as_bytes, composition, template_source

JSON = {"content-type": "application/json"}
XML = {"content-type": "application/xml"}
PASSWD = "root:"


@contextmanager
def _listener() -> Iterator[tuple[int, list[str]]]:
    """Give a port of this machine and the list of who connected to it."""
    seen: list[str] = []
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.2)
        done = threading.Event()

        def listen() -> None:
            while not done.is_set():
                try:
                    connection, _ = server.accept()
                except TimeoutError:
                    continue
                seen.append("connected")
                connection.close()

        thread = threading.Thread(target=listen)
        thread.start()
        try:
            yield server.getsockname()[1], seen
        finally:
            done.set()
            thread.join()


def _places(ehr_id: str) -> list[str]:
    return [
        f"{BASE}/definition/template/adl1.4",
        f"{BASE}/ehr/{ehr_id}/composition",
        f"{BASE}/ehr/{ehr_id}/contribution",
        f"{BASE}/ehr/{ehr_id}/directory",
    ]


def _refused(answer: httpx.Response, *statuses: int) -> None:
    assert answer.status_code in statuses, answer.text
    assert set(answer.json()) == {"message", "code", "error", "errors"}
    assert PASSWD not in answer.text


def test_external_entities_open_no_file_and_no_connection(shared_client: httpx.Client, new_ehr: str) -> None:
    with _listener() as (port, seen):
        declarations = [
            '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>',
            f'<!DOCTYPE x [<!ENTITY e SYSTEM "http://127.0.0.1:{port}/">]>',
            f'<!DOCTYPE x [<!ENTITY % p SYSTEM "http://127.0.0.1:{port}/p.dtd"> %p;]>',
            f'<!DOCTYPE x SYSTEM "http://127.0.0.1:{port}/x.dtd">',
        ]
        for place in _places(new_ehr):
            for declaration in declarations:
                body = f'<?xml version="1.0"?>{declaration}<x xmlns="http://schemas.openehr.org/v1">&e;</x>'.encode()
                _refused(shared_client.post(place, content=body, headers=XML), 400, 415)
        time.sleep(0.3)
        assert seen == []


def test_entity_bombs_take_neither_time_nor_memory(shared_client: httpx.Client, new_ehr: str) -> None:
    laughs = "".join(f'<!ENTITY l{i + 1} "{f"&l{i};" * 10}">' for i in range(9))
    bombs = [
        f'<!DOCTYPE x [<!ENTITY l0 "lol">{laughs}]><x>&l9;</x>',
        f'<!DOCTYPE x [<!ENTITY a "{"a" * 50_000}">]><x>{"&a;" * 50_000}</x>',
    ]
    before = psutil.Process().memory_info().rss
    for place in _places(new_ehr):
        for bomb in bombs:
            start = time.perf_counter()
            _refused(shared_client.post(place, content=bomb.encode(), headers=XML), 400, 415)
            assert time.perf_counter() - start < 2
    assert psutil.Process().memory_info().rss - before < 60_000_000


def test_a_compressed_bomb_is_not_unpacked(shared_client: httpx.Client, new_ehr: str) -> None:
    bomb = gzip.compress(b" " * 200_000_000, compresslevel=9)
    before = psutil.Process().memory_info().rss
    for place in _places(new_ehr):
        for headers in (JSON, XML):
            answer = shared_client.post(place, content=bomb, headers={**headers, "content-encoding": "gzip"})
            _refused(answer, 400, 413, 415)
    assert psutil.Process().memory_info().rss - before < 60_000_000


@pytest.mark.parametrize(
    "body",
    [
        b"<x>" * 5_000 + b"</x>" * 5_000,
        b"<composition " + b" ".join(b'a%d="1"' % number for number in range(50_000)) + b"/>",
    ],
    ids=["5,000 levels", "50,000 attributes"],
)
def test_deep_or_wide_xml_is_refused_at_once(shared_client: httpx.Client, new_ehr: str, body: bytes) -> None:
    for place in _places(new_ehr):
        start = time.perf_counter()
        _refused(shared_client.post(place, content=body, headers=XML), 400, 415)
        assert time.perf_counter() - start < 3
    assert shared_client.get("/health/ready").status_code == 200


def test_a_template_of_26_megabytes_is_too_large(shared_client: httpx.Client) -> None:
    body = template_source().replace(b"</template>", b"<!--" + b"x" * 26_000_000 + b"--></template>")
    _refused(shared_client.post(f"{BASE}/definition/template/adl1.4", content=body, headers=XML), 413)


def test_json_of_100_000_levels_is_refused_at_once(shared_client: httpx.Client, new_ehr: str) -> None:
    for body in (b'{"a":' * 100_000 + b"1" + b"}" * 100_000, b"[" * 100_000 + b"]" * 100_000):
        for place in _places(new_ehr)[1:]:
            start = time.perf_counter()
            _refused(shared_client.post(place, content=body, headers=JSON), 400)
            assert time.perf_counter() - start < 3


def _clusters(levels: int) -> Json:
    document = composition()
    item: Json = {
        "_type": "ELEMENT",
        "name": {"_type": "DV_TEXT", "value": "innerst"},
        "archetype_node_id": "at0002",
        "value": {"_type": "DV_TEXT", "value": "x"},
    }
    for _ in range(levels):
        item = {
            "_type": "CLUSTER",
            "name": {"_type": "DV_TEXT", "value": "ytre"},
            "archetype_node_id": "at0001",
            "items": [item],
        }
    document["content"][0]["protocol"] = {
        "_type": "ITEM_TREE",
        "name": {"_type": "DV_TEXT", "value": "tre"},
        "archetype_node_id": "at0011",
        "items": [item],
    }
    return document


def test_a_hundred_nested_clusters_are_stored_or_refused_by_name(shared_client: httpx.Client, new_ehr: str) -> None:
    # Deeper than the documents of MongoDB may be, so the tree must not be stored as one.
    answer = shared_client.post(f"{BASE}/ehr/{new_ehr}/composition", content=as_bytes(_clusters(100)), headers=JSON)
    assert answer.status_code in (201, 400, 422)
    if answer.status_code != 201:
        codes = {error["code"] for error in answer.json()["errors"]}
        assert codes & {"TPL_UNKNOWN_NODE", "TPL_SLOT", "FMT_DEPTH"}


@pytest.mark.parametrize(
    "text", ["x" * 17_000_000, random.Random(1).randbytes(9_000_000).hex()], ids=["dense", "random"]
)
def test_seventeen_megabytes_are_stored_and_read_back_or_too_large(
    shared_client: httpx.Client, new_ehr: str, text: str
) -> None:
    document = composition()
    document["content"][0]["name"] |= {"hyperlink": {"_type": "DV_URI", "value": "http://example.org/" + text}}
    answer = shared_client.post(f"{BASE}/ehr/{new_ehr}/composition", content=as_bytes(document), headers=JSON)
    assert answer.status_code in (201, 413), answer.text[:500]
    if answer.status_code == 201:
        stored = shared_client.get(answer.headers["location"]).json()
        assert stored["content"] == document["content"]


def _body(text: str) -> bytes:
    return as_bytes(composition()).replace(b'"Vitale m', b'"' + text.encode() + b"Vitale m", 1)


@pytest.mark.parametrize(
    "body",
    [
        _body("\\u0000"),
        _body("\\ud800"),
        b"\xef\xbb\xbf" + as_bytes(composition()),
        as_bytes(composition()).replace(b"\\u00e5", b"\xe5"),
        as_bytes(composition()).replace(b'{"_type"', b'{"_type":"COMPOSITION","_type"', 1),
        as_bytes({**composition(), "$where": "sleep(1000)"}),
        as_bytes({**composition(), "a.b": 1}),
        as_bytes({**composition(), "": 1}),
    ],
    ids=["NUL", "lone surrogate", "byte order mark", "bad UTF-8", "key twice", "$where", "dotted key", "empty key"],
)
def test_odd_characters_and_keys_are_refused(shared_client: httpx.Client, new_ehr: str, body: bytes) -> None:
    _refused(shared_client.post(f"{BASE}/ehr/{new_ehr}/composition", content=body, headers=JSON), 400)


@pytest.mark.parametrize("escape", [r"\u0001", r"\b", r"\f", r"\u001b", r"\ufffe"])
def test_text_that_xml_cannot_hold_is_refused_and_said_where(
    shared_client: httpx.Client, new_ehr: str, escape: str
) -> None:
    answer = shared_client.post(f"{BASE}/ehr/{new_ehr}/composition", content=_body(escape), headers=JSON)
    _refused(answer, 400)
    assert answer.json()["errors"][0]["code"] == "FMT_CHARACTER"
    assert answer.json()["errors"][0]["path"] == "$.name.value"
    flat = {"vitale_malinger/puls/hvilken_som_helst_hendelse:0/kommentar": "a\x01b"}
    address = f"{BASE}/ehr/{new_ehr}/composition?templateId={TEMPLATE_ID}&format=FLAT"
    answer = shared_client.post(address, json=flat)
    _refused(answer, 400)
    assert [one["code"] for one in answer.json()["errors"]] == ["FMT_CHARACTER"]
    assert answer.json()["errors"][0]["path"].endswith("kommentar")


def test_any_other_text_is_read_back_as_it_was_sent(shared_client: httpx.Client, new_ehr: str) -> None:
    odd = 'tab\t line\n quote" \\ / $where {$gt} a.b \u2028 \ufeff \U0001f600 æøå \u0301 \x7f \u202e'
    document = composition()
    document["composer"] = {"_type": "PARTY_IDENTIFIED", "name": odd}
    answer = shared_client.post(f"{BASE}/ehr/{new_ehr}/composition", content=as_bytes(document), headers=JSON)
    assert answer.status_code == 201, answer.text
    assert shared_client.get(answer.headers["location"]).json()["composer"]["name"] == odd
    as_xml = shared_client.get(answer.headers["location"], headers={"accept": "application/xml"})
    assert as_xml.status_code in (200, 406)


@pytest.mark.parametrize("pattern", ["(a+)+$", "(a|a)*$", "(.*a){20}$"])
def test_a_pattern_made_to_take_for_ever_takes_no_time(pattern: str) -> None:
    leaf = CPrimitiveObject(rm_type="STRING", item=CString(pattern=pattern))
    text = CComplexObject(rm_type="DV_TEXT", attributes=(CAttribute(name="value", children=(leaf,)),))
    root = CArchetypeRoot(
        rm_type="ELEMENT",
        node_id="at0000",
        archetype_id="openEHR-EHR-ELEMENT.pattern.v1",
        attributes=(CAttribute(name="value", children=(text,)),),
    )
    template = OperationalTemplate(template_id="patterns", concept="patterns", language="en", root=root)
    element = rm.Element(
        name=rm.DvText(value="x"),
        archetype_node_id="openEHR-EHR-ELEMENT.pattern.v1",
        value=rm.DvText(value="a" * 40 + "!"),
    )
    start = time.perf_counter()
    report = validate(element, template)
    assert time.perf_counter() - start < 1
    assert "TPL_PATTERN" in {issue.code for issue in report.issues}


def test_the_server_is_none_the_worse(shared_client: httpx.Client, new_ehr: str) -> None:
    answer = shared_client.post(f"{BASE}/ehr/{new_ehr}/composition", content=as_bytes(composition()), headers=JSON)
    assert answer.status_code == 201
    read: Any = json.loads(shared_client.get(answer.headers["location"]).content)
    assert read["_type"] == "COMPOSITION"
