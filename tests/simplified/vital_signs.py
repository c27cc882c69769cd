"""The project's template for vital signs, and the smallest FLAT mapping for it."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

from cdr import rm
from cdr.am.opt14 import read_opt
from cdr.am.template import OperationalTemplate
from cdr.formats import flat
from cdr.webtemplate import WebTemplate, build

TEMPLATES = Path(__file__).resolve().parents[2] / "templates"
NOW = datetime(2024, 3, 15, 9, 30, tzinfo=UTC)
EVENT = "vitale_målinger/blodtrykk:0/uspesifisert_hendelse:0"
SYSTOLIC = f"{EVENT}/systolisk"

KEYS: dict[str, Any] = {
    "ctx/language": "nb",
    "ctx/territory": "NO",
    "ctx/composer_name": "Kari Nordmann",
    "ctx/time": "2024-03-15T10:30:00+01:00",
    f"{SYSTOLIC}|magnitude": 120,
    f"{SYSTOLIC}|unit": "mm[Hg]",
}


@cache
def vital_signs() -> tuple[WebTemplate, OperationalTemplate]:
    """Return the template and its web template."""
    template = read_opt((TEMPLATES / "vitale_malinger.opt").read_bytes())
    return build(template), template


def decode(**changes: Any) -> rm.Composition:
    """Return the composition of the smallest mapping with some keys replaced or added; None takes one away."""
    return decode_keys(KEYS | changes)


def decode_keys(keys: dict[str, Any]) -> rm.Composition:
    """Return the composition of a mapping."""
    return flat.decode(keys, *vital_signs(), now=NOW)


def observation(composition: rm.Composition) -> rm.Observation:
    """Return the first entry, an observation."""
    assert composition.content is not None
    found = composition.content[0]
    assert isinstance(found, rm.Observation)
    return found


def value(composition: rm.Composition) -> Any:
    """Return the value of the first element of the first event."""
    events = observation(composition).data.events
    assert events is not None
    data = events[0].data
    assert isinstance(data, rm.ItemTree)
    assert data.items is not None
    element = data.items[0]
    assert isinstance(element, rm.Element)
    return element.value
