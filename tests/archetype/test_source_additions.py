"""What Kilde reads in template sources beyond constraints: members of a container, other languages, conditions."""

from __future__ import annotations

import pytest

from cdr.am.compile import compile_template
from cdr.am.intervals import Multiplicity
from cdr.am.oet import read_oet
from cdr.am.opt14 import read_opt
from cdr.am.opt14_write import write_opt
from cdr.am.template import OperationalTemplate
from cdr.errors import BadInput
from tests.archetype.test_compile import OET, _library

_DEFINITION = '<definition xsi:type="COMPOSITION" archetype_id="openEHR-EHR-COMPOSITION.visit.v1">'
_MOOD = "/content[openEHR-EHR-EVALUATION.mood.v1]"


def _template(*, on_root: str = "", rules: str = "", description: str = "", after: str = "") -> OperationalTemplate:
    source = (
        OET.replace("{rules}", rules)
        .replace(_DEFINITION, _DEFINITION + on_root)
        .replace("</details></description>", f"</details>{description}</description>")
        .replace("</template>", f"{after}</template>")
    )
    return compile_template(read_oet(source.encode()), _library()).template


def _item(key: str, value: str) -> str:
    return f"<item><key>{key}</key><value>{value}</value></item>"


def test_a_rule_on_a_container_says_how_many_members_it_needs() -> None:
    content = _template(on_root='<Rule path="/content" min="1" />').root.attribute("content")
    assert content is not None and content.cardinality is not None
    assert content.cardinality.interval == Multiplicity(1, None)
    assert content.existence == Multiplicity(1, 1)


def test_a_container_below_a_slot_may_be_limited_as_well() -> None:
    tree = _template(rules='<Rule path="/data[at0001]/items" min="2" max="3" />').node_at(f"{_MOOD}/data[at0001]")
    items = tree.attribute("items") if tree is not None else None  # type: ignore[attr-defined]  # a complex object
    assert items is not None and items.cardinality.interval == Multiplicity(2, 3)


def test_a_container_may_not_need_less_than_its_archetype_says() -> None:
    rules = '<Rule path="/data[at0001]/items" min="2" max="3" /><Rule path="/data[at0001]/items" min="1" />'
    with pytest.raises(BadInput) as refused:
        _template(rules=rules)
    assert [issue.code for issue in refused.value.issues] == ["OET_OCCURRENCES"]


def test_texts_of_other_languages_become_descriptions_in_them() -> None:
    other = _item("purpose:nb", "Å prøve.") + _item("name:nb", "Besøk") + _item("category", "journaldokumenter")
    template = _template(description=f"<other_details>{other}</other_details>")
    assert template.description.other_details == {"category": "journaldokumenter"}
    assert template.description.details["en"].purpose == "To test."
    assert template.description.details["nb"].purpose == "Å prøve."
    assert template.description.details["nb"].other_details == {"name": "Besøk"}
    assert read_opt(write_opt(template)).description == template.description


def test_a_condition_is_checked_when_the_source_is_compiled() -> None:
    annotation = f'<annotations path="{_MOOD}/data[at0001]/items[at0099]"><items>%s</items></annotations>'
    with pytest.raises(BadInput) as refused:
        _template(after=annotation % _item("kilde:max-length", "3"))
    (issue,) = refused.value.issues
    assert (issue.code, issue.path) == ("OET_ANNOTATION", f"{_MOOD}/data[at0001]/items[at0099]")
    assert _template(after=annotation % _item("comment", "elsewhere")).annotations
