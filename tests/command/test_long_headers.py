"""Headers have an end: long ones are refused with words, endless ones with the end of the connection."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from urllib.parse import urlsplit

import httpx
import psutil
import pytest

from tests.support.command import Server, serving

BASE = "/rest/openehr/v1"


@pytest.fixture(scope="module")
def own() -> Iterator[Server]:
    """A server of its own."""
    with serving() as server:
        yield server


def answered(server: Server, *pieces: bytes, times: int = 1) -> bytes:
    """Return what comes back for bytes that are sent until the server has enough of them."""
    address = urlsplit(server.url)
    with socket.create_connection((str(address.hostname), int(address.port or 0)), 20) as connection:
        try:
            for _ in range(times):
                for piece in pieces:
                    connection.sendall(piece)
        except OSError:
            pass  # the server has closed its end
        found = b""
        try:
            while part := connection.recv(65536):
                found += part
        except OSError:
            pass
        return found


def test_long_headers_are_refused_in_the_one_shape(own: Server) -> None:
    for headers in ({"x-long": "a" * 70_000}, {f"x-{number}": "a" * 100 for number in range(700)}):
        answer = httpx.get(own.url + "/rest/status", headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (431, "HEADERS")
    assert httpx.get(own.url + "/rest/status", headers={"x-long": "a" * 40_000}).status_code == 200


def test_endless_headers_end_the_connection_and_take_no_memory(own: Server) -> None:
    process = psutil.Process(own.process.pid)
    before = process.memory_info().rss
    for start in (b"GET / HTTP/1.1\r\nHost: x\r\nX: ", b"GET / HTTP/1.1\r\nHost: x\r\n"):
        piece = b"a" * 65536 if start.endswith(b": ") else b"X-Y: z\r\n" * 8192
        found = answered(own, start + piece, *(piece for _ in range(9)), times=20)
        assert found == b"" or found.startswith(b"HTTP/1.1 400")
    assert process.memory_info().rss - before < 20_000_000
    assert httpx.get(own.url + "/health/live").status_code == 200


def test_bodies_and_requests_behind_each_other_are_not_counted(own: Server) -> None:
    with httpx.Client(base_url=own.url) as client:
        for _ in range(40):
            assert client.get("/rest/status", headers={"x-long": "a" * 20_000}).status_code == 200
        assert client.post(f"{BASE}/ehr", content=b" " * 2_000_000).status_code in (201, 400)


@pytest.mark.parametrize("host", ['e"x', "a b", "a/b", "<script>", "x" * 300])
def test_a_host_that_is_none_is_refused(own: Server, host: str) -> None:
    found = answered(own, f"POST {BASE}/ehr HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode())
    assert found.startswith(b"HTTP/1.1 400")
    assert b'"HOST"' in found


def test_a_forwarded_host_that_is_none_is_passed_over(own: Server) -> None:
    for forwarded, expected in (('e"x', own.url), ("kilde.example:8443", "http://kilde.example:8443")):
        made = httpx.post(f"{own.url}{BASE}/ehr", headers={"x-forwarded-host": forwarded})
        assert made.headers["location"].startswith(f"{expected}{BASE}/ehr/")
