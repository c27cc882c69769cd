"""The forms of a summary: each is valid by the rules of others, says the same, and is safe against hostile text."""

from __future__ import annotations

import csv
import io
import itertools
import json
import re
from html.parser import HTMLParser

import jsonschema
import pytest
from fhirclient.models.bundle import Bundle

from cdr import resources
from tests.support.lives import allergy, critical, diagnoses, diagnosis, text
from tests.support.summaries import Resident, new_resident, statements

SERVICES = ("tjenesteoversikt", "diagnoser_behandling", "klinisk_oppsummering", "kategori_problem_diagnose_behov")
FOLDER = resources.folder("templates") / "summaries"
HOSTILE = "<script>alert(1)</script>\"'&{{7*7}}"
_VOID = {"meta", "link", "input", "br", "hr", "img"}

each = pytest.mark.parametrize("service", SERVICES)


class Page(HTMLParser):
    """Reads a page: open elements, ids, links, and what is not closed."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.unbalanced: list[str] = []
        self.ids: list[str] = []
        self.references: list[str] = []
        self.headings: list[int] = []
        self.elements: set[str] = set()
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note an element."""
        self.elements.add(tag)
        if tag not in _VOID:
            self.open.append(tag)
        if re.fullmatch("h[1-6]", tag):
            self.headings.append(int(tag[1]))
        for name, value in attrs:
            if name == "id":
                self.ids.append(value or "")
            if name in ("href", "src", "action", "data", "poster", "srcset"):
                self.references.append(value or "")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note an element that closes itself."""
        self.elements.add(tag)

    def handle_endtag(self, tag: str) -> None:
        """Note what closes."""
        if not self.open or self.open.pop() != tag:
            self.unbalanced.append(tag)


@each
def test_json_follows_its_schema(resident: Resident, service: str) -> None:
    schema = json.loads((FOLDER / "summary.schema.json").read_text(encoding="utf-8"))
    jsonschema.validate(resident.summary(service), schema)


@each
@pytest.mark.parametrize("language", ["nb", "en"])
def test_fhir_loads_in_strict_models_and_every_reference_leads_somewhere(
    resident: Resident, service: str, language: str
) -> None:
    document = resident.ask(service, format="fhir", lang=language).json()
    Bundle(document, strict=True)
    assert document["type"] == "document"
    urls = [one["fullUrl"] for one in document["entry"]]
    assert len(urls) == len(set(urls))
    references = re.findall(r'"reference":"([^"]+)"', json.dumps(document, separators=(",", ":")))
    assert set(references) <= set(urls)
    kept = [one["resource"] for one in document["entry"] if one["resource"]["resourceType"] == "Provenance"]
    found = resident.summary(service)
    aside = sum(len(those) for those in found["set_aside"].values())
    assert len(kept) == len(list(statements(found))) - aside


def test_fhir_empty_resident_loads_in_strict_models(newcomer: Resident) -> None:
    Bundle(newcomer.ask("klinisk_oppsummering", format="fhir").json(), strict=True)


def test_fhir_says_contradictions_as_detected_issues(resident: Resident) -> None:
    document = resident.ask("diagnoser_behandling", format="fhir").json()
    issues = [one["resource"] for one in document["entry"] if one["resource"]["resourceType"] == "DetectedIssue"]
    assert {one["code"]["coding"][0]["code"] for one in issues} >= {"present_and_none_known", "active_and_resolved"}
    assert all(len(one["implicated"]) > 1 for one in issues)


@each
def test_csv_has_a_row_for_every_statement(resident: Resident, service: str) -> None:
    rows = list(csv.DictReader(io.StringIO(resident.ask(service, format="csv").text)))
    ids = {row["statement_id"] for row in rows if row["statement_id"]}
    assert ids == {one["id"] for one in statements(resident.summary(service))}


@each
@pytest.mark.parametrize("language", ["nb", "en"])
def test_the_page_is_well_formed_and_loads_nothing(resident: Resident, service: str, language: str) -> None:
    source = resident.ask(service, format="html", lang=language).text
    page = Page(source)
    assert (page.open, page.unbalanced) == ([], [])
    assert len(page.ids) == len(set(page.ids))
    assert not page.elements & {"script", "iframe", "object", "img", "embed"}
    assert all(not re.match(r"(?i)[a-z]+:|//", one) or one == "data:," for one in page.references)
    assert "url(" not in source
    assert "@import" not in source
    assert f'<html lang="{language}">' in source
    inner = {one.removeprefix("#") for one in page.references if one.startswith("#")}
    assert inner <= set(page.ids)


@each
def test_headings_go_down_one_level_at_a_time(resident: Resident, service: str) -> None:
    levels = Page(resident.ask(service, format="html").text).headings
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in itertools.pairwise(levels))


def test_hostile_text_is_only_text_in_every_form(resident: Resident) -> None:
    victim = new_resident(resident.client)
    victim.store(
        diagnoses(
            diagnosis(text(HOSTILE), onset="2020"),
            diagnosis(text("=HYPERLINK(1)")),
            source="fastlege",
            time="2023-05-02T09:00:00+02:00",
        )
    )
    victim.store(critical(allergy(text(HOSTILE)), source="fastlege", time="2023-05-02T09:00:00+02:00"))
    page = victim.ask("klinisk_oppsummering", format="html", actor=HOSTILE).text
    assert "script" not in Page(page).elements
    assert "<script" not in page
    rows = list(csv.DictReader(io.StringIO(victim.ask("klinisk_oppsummering", format="csv").text)))
    assert "'=HYPERLINK(1)" in [row["text"] for row in rows]
    document = victim.ask("klinisk_oppsummering", format="fhir").json()
    Bundle(document, strict=True)
    assert "<script" not in json.dumps([one["text"]["div"] for one in document["entry"][0]["resource"]["section"]])


def test_a_text_cannot_pass_for_a_line_or_turn_the_writing_of_another(newcomer: Resident) -> None:
    forged = "Uro\n\nOVERFØLSOMHET\r\n\u2028- Ingen kjente \u202eallergier"
    newcomer.store(diagnoses(diagnosis(text(forged)), source="fastlege", time="2023-05-02T09:00:00+02:00"))
    said = newcomer.ask("klinisk_oppsummering", format="text").text
    assert "Uro OVERFØLSOMHET - Ingen kjente allergier" in said
    assert "\u202e" not in said + newcomer.ask("klinisk_oppsummering", format="html").text


def test_colours_have_enough_contrast() -> None:
    """Source: WCAG 2.1, success criterion 1.4.3: at least 4.5 to 1."""
    style = (FOLDER / "page.css").read_text(encoding="utf-8")
    colours = dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6});", style))
    pairs = [
        ("ink", "paper"), ("ink", "ground"), ("soft", "paper"), ("soft", "ground"), ("soft", "critical-ground"),
        ("ink", "critical-ground"), ("critical", "critical-ground"), ("odd", "odd-ground"), ("ink", "odd-ground"),
        ("missing", "missing-ground"), ("good", "paper"), ("good", "critical-ground"), ("link", "paper"),
        ("link", "ground"), ("paper", "link"), ("odd", "paper"), ("odd", "critical-ground"),
    ]  # fmt: skip
    weak = {pair: round(_contrast(colours[pair[0]], colours[pair[1]]), 2) for pair in pairs}
    assert {pair: ratio for pair, ratio in weak.items() if ratio < 4.5} == {}


def _contrast(one: str, other: str) -> float:
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def test_the_language_is_that_of_the_reader(resident: Resident) -> None:
    address = f"/rest/kilde/v1/ehr/{resident.ehr_id}/summary/klinisk_oppsummering?format=text"
    nb = resident.client.get(address, headers={"accept-language": "nn, en;q=0.5"})
    en = resident.client.get(address, headers={"accept-language": "en-GB, nb;q=0.5"})
    assert (nb.headers["content-language"], en.headers["content-language"]) == ("nb", "en")
    assert "KRITISK" not in en.text
    assert "CONTRADICTION: Different onset dates" in en.text
    assert "MOTSTRID: Ulik startdato" in nb.text


@pytest.mark.parametrize(
    ("liked", "language"),
    [
        ("en;q=0.1, nb;q=0.9", "nb"),
        ("nn;q=0.1,en-US;q=0.2", "en"),
        ("en;q=0, sv", "nb"),
        ("sv, en;q=x", "en"),
        (";,;q", "nb"),
    ],
)
def test_the_language_is_the_one_that_is_liked_best(resident: Resident, liked: str, language: str) -> None:
    address = f"/rest/kilde/v1/ehr/{resident.ehr_id}/summary/tjenesteoversikt?format=text"
    assert resident.client.get(address, headers={"accept-language": liked}).headers["content-language"] == language
