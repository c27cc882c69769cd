"""Compositions drawn from templates alone come through FLAT and STRUCTURED as they were."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cdr import rm
from cdr.am.opt14 import read_opt
from cdr.am.template import OperationalTemplate
from cdr.formats import canonical_json, flat, structured
from cdr.resources import templates
from cdr.webtemplate import build
from tests.support.builders import coded
from tests.support.conformant import conformant
from tests.support.sources import all_values

NOW = datetime(2024, 1, 2, 3, 4, 5, tzinfo=UTC)
OPEN = (("DV_IDENTIFIER matches {id matches {/[A-Z]{3}-[0-9]{4}/}}", "DV_IDENTIFIER matches {*}"),)


def _templates() -> list[OperationalTemplate]:
    own = next(path for path in templates() if path.name == "vitale_malinger.opt")
    return [all_values(*OPEN), read_opt(own.read_bytes())]


def _prove(template: OperationalTemplate, examples: int) -> None:
    web = build(template)

    @settings(max_examples=examples, deadline=None, suppress_health_check=list(HealthCheck), database=None)
    @given(st.data())
    def survives(data: st.DataObject) -> None:
        composition = data.draw(conformant(template))
        if composition.context is None:
            # FLAT gives every event a context, so an event without one cannot come through as it was.
            composition.context = rm.EventContext(
                start_time=rm.DvDateTime(value="2024-01-02T03:04:05Z"), setting=coded("238", "other care")
            )
        sent = canonical_json.encode(composition)
        as_flat = flat.encode(composition, web, template)
        assert canonical_json.encode(flat.decode(as_flat, web, template, now=NOW)) == sent
        nested = structured.encode(composition, web, template)
        assert canonical_json.encode(structured.decode(nested, web, template, now=NOW)) == sent

    survives()


@pytest.mark.parametrize("index", [0, 1], ids=["all values", "vital signs"])
def test_conformant_compositions_survive_flat_and_structured(index: int) -> None:
    _prove(_templates()[index], 25)


@pytest.mark.torture
@pytest.mark.parametrize("index", [0, 1], ids=["all values", "vital signs"])
def test_many_conformant_compositions_survive_flat_and_structured(index: int) -> None:
    _prove(_templates()[index], 1000)
