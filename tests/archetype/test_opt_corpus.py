"""Every published template is read, but for those in `refused_templates.json`, each with the rule that it breaks."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from cdr.am.constraints import walk
from cdr.am.opt14 import read_opt
from cdr.errors import BadInput
from tests.support.corpus import files, names, shared

TEMPLATES = files("*.opt")
IDS = list(names(TEMPLATES))
REFUSED: dict[str, dict[str, Any]] = json.loads((Path(__file__).parent / "refused_templates.json").read_bytes())


def test_the_published_templates_are_there() -> None:
    shared("data")
    assert len(TEMPLATES) >= 140
    assert set(REFUSED) <= set(IDS)


def test_at_least_99_of_100_templates_that_are_meant_to_be_valid_are_read() -> None:
    shared("data")
    unmeant = [name for name, entry in REFUSED.items() if not entry["is_meant"]]
    meant = len(TEMPLATES) - (len(REFUSED) - len(unmeant))
    assert len(unmeant) <= meant / 100


@pytest.mark.parametrize("path", TEMPLATES, ids=IDS)
def test_a_published_template_is_read_or_refused_for_a_known_reason(path: Path, request: pytest.FixtureRequest) -> None:
    known = REFUSED.get(request.node.callspec.id)
    if known is not None:
        with pytest.raises(BadInput) as caught:
            read_opt(path.read_bytes())
        assert known["code"] in [issue.code for issue in caught.value.issues]
        return
    template = read_opt(path.read_bytes())
    assert template.template_id
    assert template.archetype_ids[0] == template.archetype_id


@pytest.mark.parametrize("path", TEMPLATES, ids=IDS)
def test_each_node_is_found_again_at_its_path(path: Path, request: pytest.FixtureRequest) -> None:
    if request.node.callspec.id in REFUSED:
        with pytest.raises(BadInput):
            read_opt(path.read_bytes())
        return
    template = read_opt(path.read_bytes())
    for node in walk(template.root):
        assert node in template.nodes_at(template.path_of(node))
        assert template.label(node)
