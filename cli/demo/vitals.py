"""Blood pressure and pulse of a synthetic resident, as canonical JSON compositions of the vital signs template.

Each contact gives one composition: a pressure (mostly), a pulse (mostly), who measured and how.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from cli.demo.residents import SEED, TODAY, Resident

TEMPLATE_ID = "no.kommune.vitale_malinger.v1"

# Canonical JSON: the values of its objects are of any JSON type.
Json = dict[str, Any]

_ZONE = ZoneInfo("Europe/Oslo")
_OPENEHR = "openehr"
_POSITIONS = (("at1001", "Sittende", 0.72), ("at1003", "Liggende", 0.22), ("at1000", "Stående", 0.06))
_ARMS = (("at0025", "Overarm, høyre"), ("at0026", "Overarm, venstre"))
_METHODS = (("at1039", "Automatisk, non-invasivt"), ("at1036", "Auskultasjon"))
_CUFFS = (("at0017", "Voksne", 0.8), ("at0016", "Store voksne", 0.15), ("at1008", "Små voksne", 0.05))


def compositions(resident: Resident, *, seed: int = SEED) -> Iterator[Json]:
    """Yield a resident's compositions, oldest first, as canonical JSON without uids."""
    choice = random.Random(f"{seed}/{resident.number}/contacts")
    for days in sorted(choice.sample(range(3 * 365), resident.contacts), reverse=True):
        hour = choice.choice((7, 8, 9, 10, 13, 16, 20))
        measured = datetime.combine(TODAY - timedelta(days=days), time(hour, choice.randrange(60)), _ZONE)
        yield _composition(resident, measured.isoformat(), choice)


def _composition(resident: Resident, measured: str, choice: random.Random) -> Json:
    """Return what one contact recorded: a pressure, a pulse, or both."""
    kind = choice.random()
    content = []
    if kind < 0.92:
        content.append(_blood_pressure(resident, measured, choice))
    if kind > 0.1:
        content.append(_pulse(resident, measured, choice))
    setting = ("237", "nursing home care") if resident.lives_in_nursing_home else ("225", "home")
    return {
        "_type": "COMPOSITION",
        "name": _text("Vitale målinger"),
        "archetype_node_id": "openEHR-EHR-COMPOSITION.encounter.v1",
        "archetype_details": _archetyped("openEHR-EHR-COMPOSITION.encounter.v1", template=True),
        "language": _code_phrase("ISO_639-1", "nb"),
        "territory": _code_phrase("ISO_3166-1", "NO"),
        "category": _coded("event", _OPENEHR, "433"),
        "composer": {"_type": "PARTY_IDENTIFIED", "name": f"Testsykepleier {choice.randint(1, 12)}"},
        "context": {
            "_type": "EVENT_CONTEXT",
            "start_time": _date_time(measured),
            "setting": _coded(setting[1], _OPENEHR, setting[0]),
            "health_care_facility": {"_type": "PARTY_IDENTIFIED", "name": "Test hjemmetjeneste"},
        },
        "content": content,
    }


def _blood_pressure(resident: Resident, measured: str, choice: random.Random) -> Json:
    """Return one measured pressure; diastolic stays below systolic and both within the template's limits."""
    systolic = round(min(240.0, max(75.0, choice.gauss(resident.systolic, 11))))
    diastolic = round(min(systolic - 15.0, max(40.0, choice.gauss(resident.diastolic, 7))))
    method = choice.choices(_METHODS, (9, 1))[0]
    return _observation(
        "openEHR-EHR-OBSERVATION.blood_pressure.v2",
        "Blodtrykk",
        data=_history(
            "at0001",
            "Historikk",
            event=_event(
                "at0006",
                measured,
                data=_tree(
                    "at0003",
                    "Blodtrykk",
                    [
                        _element("at0004", "Systolisk", _quantity(systolic, "mm[Hg]")),
                        _element("at0005", "Diastolisk", _quantity(diastolic, "mm[Hg]")),
                    ],
                ),
                state=_tree("at0007", "Tilstand", [_element("at0008", "Stilling", _weighted(_POSITIONS, choice))]),
            ),
            origin=measured,
        ),
        protocol=_tree(
            "at0011",
            "Tre",
            [
                _element("at0013", "Mansjettstørrelse", _weighted(_CUFFS, choice)),
                _element("at0014", "Målested", _local(*choice.choice(_ARMS))),
                _element("at1035", "Målemetode", _local(*method)),
            ],
        ),
    )


def _pulse(resident: Resident, measured: str, choice: random.Random) -> Json:
    """Return one measured pulse; with fibrillation it is uneven and a little faster."""
    is_uneven = resident.has_fibrillation and choice.random() < 0.8
    rate = round(min(180.0, max(38.0, choice.gauss(resident.pulse + (12 if is_uneven else 0), 7))))
    items = [
        _element("at0004", "Frekvens", _quantity(rate, "/min")),
        _element("at0005", "Rytme", _local("at1028", "Uregelmessig") if is_uneven else _local("at0006", "Regelmessig")),
    ]
    if is_uneven:
        items.append(_element("at1055", "Type uregelmessighet", _local("at0008", "Uregelemessig uregelmessig")))
    return _observation(
        "openEHR-EHR-OBSERVATION.pulse.v2",
        "Puls/Hjertefrekvens",
        data=_history(
            "at0002",
            "Historikk",
            event=_event("at0003", measured, data=_tree("at0001", "Struktur", items)),
            origin=measured,
        ),
        protocol=_tree(
            "at0010", "Liste", [_element("at1019", "Målemetode", _local("at1034", "Automatisk, non-invasivt"))]
        ),
    )


def _observation(archetype: str, name: str, *, data: Json, protocol: Json) -> Json:
    return {
        "_type": "OBSERVATION",
        "name": _text(name),
        "archetype_node_id": archetype,
        "archetype_details": _archetyped(archetype),
        "language": _code_phrase("ISO_639-1", "nb"),
        "encoding": _code_phrase("IANA_character-sets", "UTF-8"),
        "subject": {"_type": "PARTY_SELF"},
        "protocol": protocol,
        "data": data,
    }


def _history(node: str, name: str, *, event: Json, origin: str) -> Json:
    return {
        "_type": "HISTORY",
        "name": _text(name),
        "archetype_node_id": node,
        "origin": _date_time(origin),
        "events": [event],
    }


def _event(node: str, measured: str, *, data: Json, state: Json | None = None) -> Json:
    event = {
        "_type": "POINT_EVENT",
        "name": _text("Uspesifisert hendelse"),
        "archetype_node_id": node,
        "time": _date_time(measured),
        "data": data,
    }
    return event if state is None else {**event, "state": state}


def _tree(node: str, name: str, items: list[Json]) -> Json:
    return {"_type": "ITEM_TREE", "name": _text(name), "archetype_node_id": node, "items": items}


def _element(node: str, name: str, value: Json) -> Json:
    return {"_type": "ELEMENT", "name": _text(name), "archetype_node_id": node, "value": value}


def _quantity(magnitude: int, units: str) -> Json:
    return {"_type": "DV_QUANTITY", "magnitude": float(magnitude), "units": units, "precision": 0}


def _weighted(codes: tuple[tuple[str, str, float], ...], choice: random.Random) -> Json:
    """Return one of the template's own codes, by weight."""
    code, text, _ = choice.choices(codes, [weight for _, _, weight in codes])[0]
    return _local(code, text)


def _local(code: str, text: str) -> Json:
    return _coded(text, "local", code)


def _coded(text: str, terminology: str, code: str) -> Json:
    return {"_type": "DV_CODED_TEXT", "value": text, "defining_code": _code_phrase(terminology, code)}


def _code_phrase(terminology: str, code: str) -> Json:
    return {
        "_type": "CODE_PHRASE",
        "terminology_id": {"_type": "TERMINOLOGY_ID", "value": terminology},
        "code_string": code,
    }


def _archetyped(archetype: str, *, template: bool = False) -> Json:
    details: Json = {
        "_type": "ARCHETYPED",
        "archetype_id": {"_type": "ARCHETYPE_ID", "value": archetype},
        "rm_version": "1.1.0",
    }
    return {**details, "template_id": {"_type": "TEMPLATE_ID", "value": TEMPLATE_ID}} if template else details


def _date_time(value: str) -> Json:
    return {"_type": "DV_DATE_TIME", "value": value}


def _text(value: str) -> Json:
    return {"_type": "DV_TEXT", "value": value}
