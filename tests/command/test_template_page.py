"""`kilde template page`: definitions of templates for people, without a server."""

from __future__ import annotations

from pathlib import Path

from tests.support.command import kilde
from tests.support.tree import CHECKOUT

TEMPLATE_ID = "no.kommune.tjenestevedtak.v1"
TEMPLATE = CHECKOUT / "templates" / "tjenestevedtak.opt"


def test_a_template_that_comes_along_is_described_in_both_languages() -> None:
    norwegian, english = (kilde("template", "page", TEMPLATE_ID, "--language", each) for each in ("nb", "en"))
    assert norwegian.out.startswith("# Vedtak om kommunal tjeneste\n")
    assert english.out.startswith("# Municipal service decision\n")
    assert "| et vedtak som innvilger, sier fra når det gjelder |" in norwegian.out
    assert "| a granted decision says from when it is valid |" in english.out


def test_a_file_is_described_in_norwegian_unless_asked_otherwise(tmp_path: Path) -> None:
    target = tmp_path / "page.md"
    done = kilde("template", "page", str(TEMPLATE), "--output", str(target))
    assert (done.status, done.out) == (0, "")
    assert target.read_text(encoding="utf-8").strip() == kilde("template", "page", TEMPLATE_ID).out.strip()


def test_a_unit_that_the_template_named_is_named_in_english_too() -> None:
    english = kilde("template", "page", TEMPLATE_ID, "--language", "en").out
    assert "### Deciding unit\n" in english and "### Performing unit\n" in english


def test_a_language_without_pages_is_wrong_usage() -> None:
    assert kilde("template", "page", TEMPLATE_ID, "--language", "sv").status == 2
