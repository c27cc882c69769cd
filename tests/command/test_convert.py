"""Formats without a server: web templates, examples and conversions."""

from __future__ import annotations

import json
from pathlib import Path

from tests.support.command import kilde

TEMPLATE_ID = "no.kommune.vitale_malinger.v1"
FORMS = ("xml", "flat", "structured")


def test_the_web_template_of_a_template_that_comes_along_is_printed() -> None:
    assert json.loads(kilde("template", "web", TEMPLATE_ID).out)["templateId"] == TEMPLATE_ID


def test_keys_are_listed_one_a_line() -> None:
    lines = kilde("template", "web", TEMPLATE_ID, "--keys").out.splitlines()
    assert "vitale_målinger/blodtrykk:0/uspesifisert_hendelse:0/systolisk  DV_QUANTITY" in lines


def test_an_example_survives_every_conversion(tmp_path: Path) -> None:
    form, source = "flat", tmp_path / "example"
    source.write_text(kilde("template", "example", TEMPLATE_ID, "--format", form, "--type", "output").out)
    first = kilde("composition", "convert", str(source), "--from", form, "--to", "json", "--template", TEMPLATE_ID)
    assert first.status == 0, first
    (tmp_path / "canonical.json").write_text(first.out)
    for wanted in FORMS:
        there = kilde(
            "composition", "convert", str(tmp_path / "canonical.json"), "--to", wanted, "--template", TEMPLATE_ID
        )
        (tmp_path / "there").write_text(there.out)
        back = kilde(
            "composition",
            "convert",
            str(tmp_path / "there"),
            "--from",
            wanted,
            "--to",
            "json",
            "--template",
            TEMPLATE_ID,
        )
        assert back.out == first.out


def test_flat_without_a_template_is_wrong_usage(tmp_path: Path) -> None:
    (tmp_path / "x.json").write_text("{}")
    assert kilde("composition", "convert", str(tmp_path / "x.json"), "--to", "flat").status == 2


def test_an_unknown_key_is_refused(tmp_path: Path) -> None:
    (tmp_path / "x.json").write_text('{"ctx/language": "nb", "vitale_målinger/blodtrykkk:0/x": 1}')
    ended = kilde(
        "composition", "convert", str(tmp_path / "x.json"), "--from", "flat", "--to", "json", "--template", TEMPLATE_ID
    )
    assert ended.status == 1


def test_a_dialect_names_repeated_siblings_its_way(tmp_path: Path) -> None:
    keys = json.loads(kilde("template", "example", TEMPLATE_ID, "--format", "flat", "--detail", "required").out)
    second = {key.replace("blodtrykk:0", "blodtrykk:1"): value for key, value in keys.items() if "blodtrykk:0" in key}
    assert second
    (tmp_path / "x.json").write_text(json.dumps(keys | second))
    arguments = ("--from", "flat", "--to", "json", "--template", TEMPLATE_ID)
    names = {}
    for dialect in ("specification", "better"):
        ended = kilde("composition", "convert", str(tmp_path / "x.json"), *arguments, "--dialect", dialect)
        names[dialect] = [entry["name"]["value"] for entry in json.loads(ended.out)["content"]][:2]
    assert names == {"specification": ["Blodtrykk", "Blodtrykk"], "better": ["Blodtrykk", "Blodtrykk #2"]}
