"""`kilde demo`: the commands that it prints give what they promise."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from cli.demo.residents import SEED
from cli.demo.town.lives.codes import ONGOING
from cli.demo.town.lives.knowledge import NURSING
from cli.demo.town.lives.life import lives
from cli.demo.town.statements import Decision
from tests.support.command import Server, environment, serving
from tests.support.tree import CHECKOUT

RESIDENTS = 40


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Server, list[str]]]:
    """A running demonstration and the commands that it printed."""
    folder = tmp_path_factory.mktemp("demo")
    with serving("--residents", str(RESIDENTS), command="demo", data=folder) as server:
        assert server.process.stdout is not None
        printed = []
        for line in server.process.stdout:
            if line.startswith("Ctrl-C"):
                break
            printed.append(line.strip())
        yield server, [line for line in printed if line and not line.startswith("#") and " " in line][1:]


def _run(line: str) -> str:
    return subprocess.run(
        ["bash", "-c", line], cwd=CHECKOUT, env=environment(), capture_output=True, text=True, check=True, timeout=60
    ).stdout


def test_three_commands_are_printed(demo: tuple[Server, list[str]]) -> None:
    _, commands = demo
    assert [re.search(r"category list|summary|query run", command) is not None for command in commands] == [True] * 3


def test_the_first_counts_what_is_stored_by_category(demo: tuple[Server, list[str]]) -> None:
    _, *rows = _run(demo[1][0]).splitlines()
    counts = [int(row.split()[-1]) for row in rows]
    assert len(counts) == 9
    assert sum(counts) == sum(1 for life in lives(RESIDENTS, seed=SEED) for record in life.records if record.shown)


def test_the_second_shows_what_sources_disagree_on(demo: tuple[Server, list[str]]) -> None:
    printed = _run(demo[1][1])
    assert "KLINISK OPPSUMMERING" in printed
    assert "MOTSTRID" in printed


def test_the_third_adds_up_the_home_nursing_of_all(demo: tuple[Server, list[str]]) -> None:
    running = [
        (life.resident.ehr_id, service.amount)
        for life in lives(RESIDENTS, seed=SEED)
        for _, document in life.shown()
        for decision in document.of(Decision)
        for service in decision.services
        if service.kind == NURSING.kind and service.status == ONGOING
    ]
    hours = sum(amount[0] / (60 if amount[1] == "min/wk" else 1) for _, amount in running if amount)
    answer = json.loads(_run(demo[1][2] + " --json"))
    (row,) = answer["rows"]
    found = row[1]["magnitude"] / (60 if row[1]["units"] == "min/wk" else 1)
    assert (row[0], found) == (len({ehr_id for ehr_id, _ in running}), pytest.approx(hours))


def test_every_resident_has_an_ehr(demo: tuple[Server, list[str]]) -> None:
    listed = httpx.get(demo[0].url + "/rest/kilde/v1/ehr", params={"limit": 1000}).json()
    assert len(listed["ehr_ids"]) == RESIDENTS


def test_a_second_demonstration_on_the_same_folder_adds_nothing(tmp_path: Path) -> None:
    for _ in range(2):
        with serving("--residents", "3", command="demo", data=tmp_path) as server:
            listed = httpx.get(server.url + "/rest/kilde/v1/ehr", params={"limit": 10}).json()
            assert len(listed["ehr_ids"]) == 3
            assert server.stop() == 0
