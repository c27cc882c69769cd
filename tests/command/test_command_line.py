"""The command itself: quick help, versions, exit statuses."""

from __future__ import annotations

import resource
import subprocess
import sys
import tomllib
from pathlib import Path

import click
import pytest

from cdr import __version__
from cli.main import COMMANDS, main
from tests.support.command import environment, kilde
from tests.support.tree import CHECKOUT


def test_the_version_is_that_of_the_package() -> None:
    project = tomllib.loads((CHECKOUT / "pyproject.toml").read_text())["project"]
    assert project["version"] == __version__
    assert kilde("--version").out == f"kilde {__version__}\n"


@pytest.mark.parametrize("name", COMMANDS)
def test_the_list_of_commands_says_what_each_says_of_itself(name: str) -> None:
    command = main.get_command(click.Context(main), name)
    assert command is not None
    assert (command.help or "").split("\n\n")[0].replace("\n", " ") == COMMANDS[name].summary


def test_help_loads_neither_database_nor_server() -> None:
    code = "import sys\nfrom cli.main import main\ntry: main(['--help'])\nexcept SystemExit: print(*sys.modules)"
    run = subprocess.run(
        [sys.executable, "-c", code], cwd=CHECKOUT, env=environment(), capture_output=True, text=True, check=True
    )
    loaded = set(run.stdout.split())
    assert loaded.isdisjoint({"pymongo", "fastapi", "httpx", "rich", "uvicorn", "lxml", "msgspec", "numpy"})


def test_help_comes_at_once() -> None:
    """A fifth of a second of work: time on the clock would tell of this machine's other work too."""
    spent = []
    for _ in range(5):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        assert kilde("--help").status == 0
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        spent.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    assert min(spent) < 0.2


def test_an_unknown_command_is_wrong_usage() -> None:
    ended = kilde("frobnicate")
    assert (ended.status, ended.out) == (2, "")


def test_no_server_is_status_3() -> None:
    ended = kilde("template", "list", "--server", "http://127.0.0.1:9")
    assert (ended.status, ended.out) == (3, "")
    assert "no server at http://127.0.0.1:9" in ended.err


def test_a_wrong_setting_is_status_2() -> None:
    assert kilde("serve", "--port", "many").status == 2


def test_serving_everybody_without_authentication_is_refused() -> None:
    ended = kilde("serve", "--host", "0.0.0.0", "--port", "0")
    assert ended.status == 2
    assert "--auth" in ended.err


@pytest.mark.parametrize(
    "arguments", [("serve", "--port", "0", "--data", "{}"), ("serve", "--port", "0", "--data", "{}/below")]
)
def test_a_file_where_a_folder_is_needed_is_told_in_one_line(arguments: tuple[str, ...], tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("")
    done = kilde(*(argument.format(file) for argument in arguments))
    assert done.status == 1
    assert done.err.startswith(f"kilde: {file}")
    assert done.err.count("\n") == 1


def test_doctor_finds_a_port_in_use(tmp_path: Path) -> None:
    import socket

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        ended = kilde("doctor", "--json", "--port", str(port), "--data", str(tmp_path))
    assert ended.status == 1
    assert [each["subject"] for each in ended.json if each["problem"]] == ["port"]


def test_doctor_is_content_with_this_machine(tmp_path: Path) -> None:
    ended = kilde("doctor", "--json", "--port", "0", "--data", str(tmp_path))
    assert (ended.status, [each for each in ended.json if each["problem"]]) == (0, [])


def test_doctor_names_a_mongod_that_is_absent(tmp_path: Path) -> None:
    ended = kilde("doctor", "--json", "--port", "0", "--data", str(tmp_path), KILDE_MONGOD=str(tmp_path / "mongod"))
    assert ended.status == 1
    assert any(str(tmp_path / "mongod") in each["problem"] for each in ended.json)


def test_doctor_says_that_no_database_answers() -> None:
    ended = kilde("doctor", "--json", "--port", "0", "--mongo-uri", "mongodb://127.0.0.1:9/?directConnection=true")
    assert ended.status == 1
    assert [each["subject"] for each in ended.json if each["problem"]] == ["database"]


def test_a_legal_query_is_checked_without_a_server() -> None:
    checked = kilde("query", "check", "SELECT c FROM EHR e CONTAINS COMPOSITION c WHERE c/name/value = $name", "--json")
    assert checked.status == 0
    assert "object_column" in [each["code"] for each in checked.json]


def test_a_query_about_null_is_remarked_upon() -> None:
    checked = kilde("query", "check", "SELECT c FROM COMPOSITION c WHERE c/name/value = NULL", "--json")
    remarks = [each for each in checked.json if each["kind"] == "remark"]
    assert [each["code"] for each in remarks] == ["NULL_COMPARISON"]
    assert remarks[0]["place"].startswith("1:")


def test_an_illegal_query_is_status_1_with_line_and_column() -> None:
    checked = kilde("query", "check", "-", stdin="SELECT c\nFROM EHR e CONTAINS COMPOSITION d")
    assert (checked.status, checked.out) == (1, "")
    assert "line 1, column 8" in checked.err
