"""The FLAT keys of the templates that we ship: clients hold them in code, so a change has to be meant.

`KILDE_UPDATE_GOLDEN=1` writes the file anew.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from cdr.am.opt14 import read_opt
from cdr.webtemplate import WebTemplateNode, build
from tests.simplified.vital_signs import TEMPLATES

_GOLDEN = Path(__file__).with_name("golden")
_OWN = sorted(TEMPLATES.glob("*.opt"))


def _lines(node: WebTemplateNode, path: str = "") -> list[str]:
    own = f"{path}/{node.id}" if path else node.id
    upper = "*" if node.max is None else str(node.max)
    found = [f"{own}  {node.rm_type}  {node.min}..{upper}"]
    for child in node.children:
        found.extend(_lines(child, own))
    return found


@pytest.mark.parametrize("path", _OWN, ids=[path.stem for path in _OWN])
def test_keys_of_a_template_stay_as_clients_know_them(path: Path) -> None:
    text = "\n".join(_lines(build(read_opt(path.read_bytes())).root)) + "\n"
    golden = _GOLDEN / f"{path.stem}.keys"
    if os.environ.get("KILDE_UPDATE_GOLDEN"):
        _GOLDEN.mkdir(exist_ok=True)
        golden.write_text(text, encoding="utf-8")
    assert golden.exists(), "a new template: look at its keys, then write them down with KILDE_UPDATE_GOLDEN=1"
    assert text == golden.read_text(encoding="utf-8")
