"""`kilde demo`: the commands that it prints give what they promise."""

from __future__ import annotations

import json
import shlex
import subprocess
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.support.command import Server, environment, serving
from tests.support.tree import CHECKOUT


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Server, list[str]]]:
    """A running demonstration and the commands that it printed."""
    folder = tmp_path_factory.mktemp("demo")
    with serving("--residents", "60", command="demo", data=folder) as server:
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
    assert [shlex.split(command)[0].rpartition("/")[2] for command in commands[:2]] == ["curl", "curl"]
    assert "query run" in commands[2]
    assert len(commands) == 3


def test_the_first_lists_the_template(demo: tuple[Server, list[str]]) -> None:
    assert "no.kommune.vitale_malinger.v1" in [each["template_id"] for each in json.loads(_run(demo[1][0]))]


def test_the_second_shows_a_measurement(demo: tuple[Server, list[str]]) -> None:
    assert json.loads(_run(demo[1][1]))["_type"] == "COMPOSITION"


def test_the_third_finds_high_pressures_in_order(demo: tuple[Server, list[str]]) -> None:
    heading, *rows = _run(demo[1][2]).splitlines()
    assert heading.split() == ["ehr", "time", "systolic"]
    pressures = [float(row.split()[-1]) for row in rows]
    assert pressures == sorted(pressures, reverse=True)
    assert pressures[-1] >= 175


def test_every_resident_has_an_ehr(demo: tuple[Server, list[str]]) -> None:
    listed = httpx.get(demo[0].url + "/rest/kilde/v1/ehr", params={"limit": 1000}).json()
    assert len(listed["ehr_ids"]) == 60


def test_a_second_demonstration_on_the_same_folder_adds_nothing(tmp_path: Path) -> None:
    for _ in range(2):
        with serving("--residents", "3", command="demo", data=tmp_path) as server:
            listed = httpx.get(server.url + "/rest/kilde/v1/ehr", params={"limit": 10}).json()
            assert len(listed["ehr_ids"]) == 3
            assert server.stop() == 0
