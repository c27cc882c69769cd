"""Whatever is drawn from a template is valid for it, survives being written and read, and stops being valid if broken."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from cdr import rm
from cdr.am.opt14 import read_opt
from cdr.am.template import OperationalTemplate
from cdr.errors import BadInput
from cdr.formats import canonical_json
from cdr.issue import errors_of
from cdr.validation import validate
from tests.support.conformant import conformant
from tests.support.corpus import files, names, shared

TEMPLATES = files("*.opt")
_QUIET = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example, HealthCheck.filter_too_much]


def _read(path: Path) -> OperationalTemplate | None:
    try:
        template = read_opt(path.read_bytes())
    except BadInput:
        return None
    return template if template.rm_type == "COMPOSITION" else None


def _check(template: OperationalTemplate, *, examples: int) -> bool:
    """Draw compositions and check them; False where the template cannot be drawn from."""
    drawn: list[int] = []

    @settings(
        max_examples=examples,
        deadline=None,
        database=None,
        suppress_health_check=_QUIET,
        derandomize=True,
        phases=[Phase.generate],
    )
    @given(conformant(template), st.data())
    def holds(composition: rm.Composition | None, data: st.DataObject) -> None:
        if composition is None:
            return
        drawn.append(1)
        errors = errors_of(validate(composition, template).issues)
        assert errors == []
        again = canonical_json.decode(canonical_json.encode(composition), rm.Composition)
        assert again == composition
        _break_one(again, data)
        assert not validate(again, template).is_valid

    holds()
    return bool(drawn)


def _break_one(composition: rm.Composition, data: st.DataObject) -> None:
    """Break one thing that every template cares about."""
    choice = data.draw(st.sampled_from(["composer", "archetype", "template", "category"]))
    if choice == "composer":
        composition.composer = None  # type: ignore[assignment]  # what a faulty body leaves out
    elif choice == "archetype":
        composition.archetype_node_id = "openEHR-EHR-COMPOSITION.never_seen.v1"
    elif choice == "template":
        assert composition.archetype_details is not None
        composition.archetype_details.template_id = rm.TemplateId(value="never seen")
    else:
        composition.category.defining_code.code_string = "0"


@pytest.mark.parametrize("path", TEMPLATES[::9], ids=list(names(TEMPLATES[::9])))
def test_what_is_drawn_from_a_template_is_valid(path: Path) -> None:
    template = _read(path)
    if template is not None:
        _check(template, examples=3)


@pytest.mark.torture
def test_what_is_drawn_from_any_published_template_is_valid() -> None:
    shared("data")
    known = [template for template in map(_read, TEMPLATES) if template is not None]
    drawn = sum(_check(template, examples=10) for template in known)
    assert drawn > 100
