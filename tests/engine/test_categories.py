"""The 45 queries of the nine information categories parse, analyse and plan; where rows come from is in their plans."""

from __future__ import annotations

import json
from typing import Any

from aql.analyse import analyse
from aql.params import bind, parameter_names
from aql.parser import parse
from aql.plan import HasAll, HasAny, HasArchetype, Mode, Plan
from aql.planner import plan
from cdr.rm.catalog import CATALOG
from tests.support.corpus import shared


def _plans() -> dict[str, Plan]:
    found: list[dict[str, Any]] = json.loads((shared("modelling") / "categories.json").read_bytes())["aql"]
    plans = {}
    for query in found:
        parsed = parse(query["aql"])
        bound = bind(parsed, dict.fromkeys(parameter_names(parsed), "x"))
        plans[query["key"]] = plan(analyse(bound, CATALOG), CATALOG)
    return plans


def test_every_query_of_the_categories_is_planned() -> None:
    assert len(_plans()) == 45


def test_every_query_of_the_categories_narrows_what_is_read() -> None:
    for key, made in _plans().items():
        assert made.ehrs.ids is not None or any(source.needs is not None for source in made.sources), key
        for source in made.sources:
            assert source.needs is None or isinstance(source.needs, HasArchetype | HasAll | HasAny), key
        assert made.mode in Mode, key
