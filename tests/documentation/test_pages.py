"""What pages show works: commands run, JSON and AQL can be read, links lead somewhere."""

from __future__ import annotations

import json
import os
import re
import shutil
import stat
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import click
import pytest

from aql.parser import parse
from cli.main import COMMANDS, main
from tests.support.command import environment, serving
from tests.support.markdown import blocks, links, pages, spans
from tests.support.tree import CHECKOUT, shown

README_SERVER = "http://127.0.0.1:8080"
COMMANDS_SHOWN = [
    (block, line)
    for block in blocks("sh")
    for line in block.text.replace("\\\n", " ").splitlines()
    if line.strip() and not line.startswith(("#", "make "))
]
PAGES_WITH_COMMANDS = list(dict.fromkeys(block.page for block, _ in COMMANDS_SHOWN))


@dataclass(frozen=True, slots=True)
class Shell:
    """A shell in which `kilde` is this checkout's and the server of the pages is a demonstration."""

    url: str
    variables: dict[str, str]

    def run(self, line: str) -> subprocess.CompletedProcess[str]:
        """Run one line as a reader would."""
        return subprocess.run(
            ["bash", "-c", line.replace(README_SERVER, self.url)],
            cwd=CHECKOUT,
            env=self.variables,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )


@pytest.fixture(scope="module")
def shell(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shell]:
    """A shell beside a running demonstration."""
    folder = tmp_path_factory.mktemp("shell")
    program = folder / "kilde"
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m cli "$@"\n')
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    # An answer that is an error is a failure of the line.
    (folder / ".curlrc").write_text("fail\n")
    with serving("--residents", "20", command="demo") as server:
        variables = environment(KILDE_SERVER=server.url, CURL_HOME=str(folder))
        yield Shell(server.url, {**variables, "PATH": f"{folder}{os.pathsep}{variables.get('PATH', '')}"})


@pytest.mark.parametrize("page", PAGES_WITH_COMMANDS, ids=shown)
def test_shown_commands_work_in_order_and_print_something(shell: Shell, page: Path) -> None:
    # A page is read from top to bottom: what a command does is there for the next one.
    for block, line in COMMANDS_SHOWN:
        if block.page != page:
            continue
        if line.startswith("curl ") and shutil.which("curl") is None:
            pytest.skip("curl is not installed here")
        ended = shell.run(line)
        assert ended.returncode == 0, f"{block}: {line}: {ended.stdout[-500:]} {ended.stderr}"
        assert ended.stdout.strip(), f"{block}: {line} printed nothing"


def test_the_readme_shows_commands() -> None:
    assert len([block for block, _ in COMMANDS_SHOWN if block.page.name == "README.md"]) >= 5


def test_shown_json_can_be_read() -> None:
    for block in blocks("json"):
        json.loads(block.text)


def test_shown_aql_can_be_read() -> None:
    for block in blocks("aql"):
        for text in block.text.split("\n\n"):
            if text.strip():
                parse(text)


def test_shown_python_runs() -> None:
    for block in blocks("python"):
        exec(compile(block.text, str(block), "exec"), {"__name__": "__page__"})


@pytest.mark.parametrize("page", pages(), ids=shown)
def test_every_link_within_the_project_leads_somewhere(page: Path) -> None:
    local = [link.partition("#")[0] for link in links(page) if not re.match(r"[a-z]+:", link)]
    assert [link for link in local if link and not (page.parent / link).exists()] == []


def test_every_page_is_found_from_the_index() -> None:
    linked = set(links(CHECKOUT / "docs" / "index.md"))
    assert [page.name for page in (CHECKOUT / "docs").glob("*.md") if page.name not in linked] == ["index.md"]


@pytest.mark.parametrize("page", pages(), ids=shown)
def test_every_command_that_is_mentioned_exists(page: Path) -> None:
    mentioned = [each for each in spans(page) if re.match(r"kilde [a-z]", each)]
    mentioned += [line for block in blocks("text") if block.page == page for line in block.text.splitlines()]
    unknown = [each for each in mentioned if re.match(r"kilde [a-z]", each) and not _exists(each.split()[1:])]
    assert unknown == []


def _exists(words: list[str]) -> bool:
    """Tell whether words after `kilde` name a command, with options that it has."""
    if words[0] not in COMMANDS:
        return False
    command = main.get_command(click.Context(main), words[0])
    if isinstance(command, click.Group) and len(words) > 1 and not words[1].startswith("-"):
        command = command.commands.get(words[1])
    if command is None:
        return False
    known = {spelling for option in command.params for spelling in [*option.opts, *option.secondary_opts]}
    return all(word.partition("=")[0] in known for word in words if word.startswith("--"))
