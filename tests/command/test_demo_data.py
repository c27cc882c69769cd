"""`kilde demo-data`: synthetic residents for any server."""

from __future__ import annotations

import json

from cli.demo.identity import SYSTEM
from cli.demo.residents import residents
from tests.support.command import Server, kilde


def test_residents_are_sent_to_a_running_server_with_their_subjects(server: Server) -> None:
    sent = kilde("demo-data", "--residents", "3", "--contacts", "2", "--seed", "77", "--server", server.url)
    assert (sent.status, sent.out) == (0, "3 synthetic residents with 6 compositions\n"), sent.err
    resident = next(residents(1, seed=77))
    found = kilde("ehr", "get", "--subject", resident.identity, "--namespace", SYSTEM, "--json", "--server", server.url)
    assert found.json["ehr_id"]["value"] == resident.ehr_id


def test_the_same_residents_are_not_sent_twice(server: Server) -> None:
    options = ("demo-data", "--residents", "1", "--contacts", "1", "--seed", "78", "--server", server.url)
    assert kilde(*options).status == 0
    assert kilde(*options).status == 1


def test_residents_in_a_file_can_be_imported(server: Server) -> None:
    written = kilde("demo-data", "--residents", "2", "--contacts", "3", "--seed", "79", "--file", "-")
    assert {json.loads(line)["ehr_id"] for line in written.out.splitlines()} == {
        each.ehr_id for each in residents(2, seed=79)
    }
    done = kilde("import", "-", "--create-ehrs", "--server", server.url, stdin=written.out)
    assert done.out == "6 compositions stored\n"
