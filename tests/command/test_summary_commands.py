"""`kilde summary` and `kilde review` against a running server."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from cdr import resources
from tests.support.command import Server, kilde
from tests.support.lives import allergy, critical, text


@pytest.fixture
def ehr_id(server: Server, tmp_path: Path) -> str:
    """A resident with one reaction."""
    for path in resources.templates():
        if path.stem in ("kritisk_informasjon", "gjennomgang"):
            kilde("template", "upload", str(path), "--server", server.url)
    found = str(kilde("ehr", "create", "--json", "--server", server.url).json["ehr_id"]["value"])
    file = tmp_path / "one.json"
    file.write_text(
        json.dumps(critical(allergy(text("Jordnøtter")), source="legevakt", time="2024-01-10T12:00:00+01:00"))
    )
    kilde("composition", "commit", str(file), "--ehr", found, "--server", server.url)
    return found


def test_the_services_are_listed(server: Server) -> None:
    listed = kilde("summary", "--server", server.url).out
    assert "tjenesteoversikt" in listed
    assert "Oversikt over kommunale tjenester" in listed


def test_a_summary_is_printed_as_text_and_as_json(server: Server, ehr_id: str) -> None:
    said = kilde("summary", ehr_id, "klinisk_oppsummering", "--language", "en", "--server", server.url).out
    assert "ADVERSE REACTIONS" in said
    assert "Jordnøtter" in said
    found = kilde("summary", ehr_id, "klinisk_oppsummering", "--json", "--server", server.url).json
    assert found["complete"] is True


def test_a_review_shows_in_the_next_summary(server: Server, ehr_id: str) -> None:
    asked = ("summary", ehr_id, "klinisk_oppsummering", "--json", "--server", server.url)
    group = kilde(*asked).json["sections"][0]["groups"][0]
    said = (
        "--service",
        "klinisk_oppsummering",
        "--group",
        group["key"],
        "--outcome",
        "confirmed",
        "--name",
        "Ane Berg",
    )
    uid = kilde("review", ehr_id, *said, "--server", server.url).out.strip()
    assert uid.endswith("::1")
    after = kilde(*asked).json["sections"][0]["groups"][0]
    assert [one["review_outcome"] for one in after["statements"]] == ["confirmed"]
