"""`kilde query`: what it keeps, lists and prints."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from aql.features import FEATURES
from cli.client import Client
from cli.exits import Failed
from cli.query_rows import Ending, streamed_rows
from tests.support.command import Outcome, Server, kilde

COUNT = "SELECT COUNT(*) AS n FROM EHR e CONTAINS COMPOSITION c WHERE c/name/value = $name"


def test_the_features_of_the_language_are_listed_without_a_server() -> None:
    listed = kilde("query", "features", "--json", KILDE_SERVER="http://127.0.0.1:9")
    assert [each["feature"] for each in listed.json] == list(FEATURES)
    assert "not_contains" in kilde("query", "features").out


def test_a_query_is_stored_under_a_name_and_listed(server: Server) -> None:
    stored = kilde(
        "query", "store", "org.kilde::count", COUNT, "--purpose", "how many", "--type", "name=String", "--json",
        "--server", server.url,
    )  # fmt: skip
    assert stored.status == 0, stored.err
    assert (stored.json["version"], stored.json["parameters"]) == ("1.0.0", {"name": "String"})
    again = kilde("query", "store", "org.kilde::count", "-", "--version", "2.0.0", "--server", server.url, stdin=COUNT)
    assert again.out.splitlines()[1].split() == ["org.kilde::count", "2.0.0"]
    listed = kilde("query", "list", "org.kilde::count", "--json", "--server", server.url).json
    assert [(each["version"], each.get("purpose", "")) for each in listed] == [("1.0.0", "how many"), ("2.0.0", "")]


def test_a_code_that_no_template_has_is_said_when_a_query_is_stored(server: Server) -> None:
    text = "SELECT o/data[at0111] FROM OBSERVATION o[openEHR-EHR-OBSERVATION.blood_pressure.v2]"
    stored = kilde("query", "store", "misspelt", text, "--server", server.url)
    assert stored.status == 0
    assert stored.err.startswith("1:15 No template has at0111")


def test_a_query_that_is_not_answered_is_not_stored(server: Server) -> None:
    refused = kilde("query", "store", "wrong", "SELECT c/naem FROM COMPOSITION c", "--server", server.url)
    assert refused.status == 1
    assert "Did you mean name?" in refused.err
    assert kilde("query", "list", "wrong", "--json", "--server", server.url).json == []


def test_a_type_without_a_name_is_wrong_usage(server: Server) -> None:
    assert kilde("query", "store", "x", COUNT, "--type", "String", "--server", server.url).status == 2


# Rows ------------------------------------------------------------------------------------------------------------

ALL = "SELECT e/ehr_id/value AS id, e/system_id/value AS id FROM EHR e"


@pytest.fixture(scope="module")
def ehrs(server: Server) -> list[str]:
    """Some EHRs of their own."""
    made = [str(kilde("ehr", "create", "--json", "--server", server.url).json["ehr_id"]["value"]) for _ in range(3)]
    return sorted(made)


def rows(server: Server, *options: str) -> Outcome:
    return kilde("query", "run", ALL, *options, "--server", server.url)


def test_rows_are_printed_as_csv(server: Server, ehrs: list[str]) -> None:
    heading, *lines = rows(server, "--format", "csv").out.splitlines()
    assert heading == "id (1),id (2)"
    assert set(ehrs) <= {line.split(",")[0] for line in lines}


def test_rows_are_printed_as_an_object_a_line(server: Server, ehrs: list[str]) -> None:
    found = [json.loads(line) for line in rows(server, "--format", "ndjson").out.splitlines()]
    assert set(ehrs) <= {each["id (1)"] for each in found}


def test_no_rows_make_a_header_line(server: Server) -> None:
    text = "SELECT c/name/value AS name FROM COMPOSITION c WHERE c/name/value = 'nobody'"
    assert kilde("query", "run", text, "--format", "csv", "--server", server.url).out == "name\n"


def test_the_total_and_the_next_page_are_said(server: Server, ehrs: list[str]) -> None:
    whole = rows(server, "--format", "csv").out.splitlines()[1:]
    first = rows(server, "--format", "csv", "--cursor", "start", "--fetch", "2", "--total")
    assert first.out.splitlines()[1:] == whole[:2]
    said, place = first.err.splitlines()
    assert said == f"{len(whole)} rows in all"
    rest = rows(server, "--format", "csv", "--cursor", place.split()[-1], "--fetch", "1000")
    assert (rest.out.splitlines()[1:], rest.err) == (whole[2:], "")


def test_a_refused_query_prints_no_rows(server: Server) -> None:
    refused = kilde("query", "run", "SELECT", "--format", "csv", "--server", server.url)
    assert (refused.status, refused.out) == (1, "")
    assert "line 1" in refused.err


def test_an_answer_that_had_to_stop_goes_on_where_it_stopped() -> None:
    answers = [
        [{"meta": {}, "columns": [{"name": "n"}]}, [1], [2], {"rows": 2, "error": {"message": "late"}, "next": "a"}],
        [{"meta": {}, "columns": [{"name": "n"}]}, [3], {"rows": 1}],
    ]
    client = _Told(answers)
    assert list(streamed_rows(client, {"q": ALL}, ending := Ending())) == [[1], [2], [3]]
    assert (ending.rows, ending.cursor) == (3, None)
    assert [body.get("cursor") for body in client.asked] == [None, "a"]


@pytest.mark.parametrize(
    "answer",
    [
        [{"meta": {}, "columns": []}, [1]],
        [{"meta": {}, "columns": []}, [1], {"rows": 1, "error": {"message": "late"}}],
        [{"meta": {}, "columns": []}, {"rows": 0, "error": {"message": "late"}, "next": "a"}],
    ],
    ids=["cut off", "no place to go on", "no step forward"],
)
def test_an_answer_that_is_not_whole_is_not_taken_for_whole(answer: list[object]) -> None:
    with pytest.raises(Failed, match="not all"):
        list(streamed_rows(_Told([answer]), {"q": ALL}, Ending()))


class _Told(Client):
    """A client whose server says what the test says."""

    def __init__(self, answers: list[list[object]]) -> None:
        self.answers, self.asked = answers, list[dict[str, object]]()

    @contextmanager
    def lines(self, path: str, body: bytes, *, accept: str) -> Iterator[Iterator[str]]:
        self.asked.append(json.loads(body))
        yield iter([json.dumps(each) for each in self.answers[len(self.asked) - 1]])


def test_the_time_of_queries_can_be_set() -> None:
    shown = kilde("config", "show", "--json", KILDE_QUERY_SECONDS="0.5", KILDE_QUERY_STREAM_SECONDS="60").json
    assert (shown["query_seconds"], shown["query_stream_seconds"]) == (0.5, 60.0)
