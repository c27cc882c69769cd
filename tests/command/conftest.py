"""One server without authentication for the tests that only talk to one."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.command import Server, kilde, serving
from tests.support.tree import CHECKOUT

TEMPLATE = CHECKOUT / "templates" / "vitale_malinger.opt"


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    """A running server that has the template of vital signs."""
    with serving() as running:
        uploaded = kilde("template", "upload", str(TEMPLATE), "--server", running.url)
        assert uploaded.status == 0, uploaded.err
        yield running


@pytest.fixture
def ehr_id(server: Server) -> str:
    """A new EHR on that server."""
    created = kilde("ehr", "create", "--json", "--server", server.url)
    return str(created.json["ehr_id"]["value"])
