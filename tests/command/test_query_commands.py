"""`kilde query`: what it keeps, lists and prints."""

from __future__ import annotations

from aql.features import FEATURES
from tests.support.command import Server, kilde

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
