"""Made-up records for measuring queries: 20 compositions for each EHR, of the templates that Kilde brings along.

Nine contacts with blood pressure and pulse, three problem lists, three medication lists with nested clusters, and one
each of critical information, procedure, note, decision and service event. The same number gives the same records.
"""

from __future__ import annotations

import json
import random
import uuid
from collections.abc import Iterator
from functools import cache
from typing import Any

from cdr import resources

PER_EHR = 20
VITALS = 9

# Canonical JSON has values of any JSON type.
Json = dict[str, Any]

_NAMESPACE = uuid.UUID("0d7f1c5a-9a0e-5f43-8a3c-7f0a3b1de201")
_ICD10 = "2.16.578.1.12.4.1.1.7110"
COMMON_CODE, RARE_CODE = "I10", "Q99"
_CODES = (COMMON_CODE, *(f"{letter}{number:02}" for letter in "EFJKMN" for number in range(10, 50)))
_PURPOSES = ("smerte", "søvn", "kvalme", "uro", "feber", "hoste")
_EXAMPLES = ("kritisk_informasjon", "prosedyre", "journalnotat", "tjenestevedtak", "tjenestehendelse")


def ehr_id(number: int) -> str:
    """Return the id of an EHR; numbers begin with 1."""
    return str(uuid.uuid5(_NAMESPACE, f"ehr {number}"))


def compositions(number: int) -> Iterator[Json]:
    """Yield the compositions of an EHR as canonical JSON, without uids."""
    draw = random.Random(number)
    usual = draw.gauss(135, 14)
    for contact in range(VITALS):
        yield _vitals(draw, usual, contact)
    for _ in range(3):
        yield _problems(draw, number)
    for _ in range(3):
        yield _medication(draw)
    for name in _EXAMPLES:
        yield _started({**_example(name)}, draw)


@cache
def _example(name: str) -> Json:
    folder = resources.templates()[0].parent / "examples" / name
    found: Json = json.loads((folder / "minimal.json").read_text())
    return found


def _started(composition: Json, draw: random.Random) -> Json:
    """Return the composition with a start time of its own, and another composer."""
    start = _moment(draw)
    context = {**composition["context"], "start_time": {"_type": "DV_DATE_TIME", "value": start}}
    composer = {"_type": "PARTY_IDENTIFIED", "name": f"Testperson {draw.randrange(40)}"}
    return {**composition, "context": context, "composer": composer}


def _moment(draw: random.Random) -> str:
    day = draw.randrange(3 * 336)
    year, month, rest = 2023 + day // 336, day // 28 % 12 + 1, day % 28 + 1
    zone = draw.choice(("Z", "+01:00", "+02:00"))
    return f"{year}-{month:02}-{rest:02}T{draw.randrange(7, 21):02}:{draw.randrange(60):02}:00{zone}"


def _vitals(draw: random.Random, usual: float, contact: int) -> Json:
    systolic = float(round(min(240.0, max(80.0, draw.gauss(usual, 12)))))
    diastolic = float(round(min(systolic - 15, draw.gauss(82, 9))))
    composition = _started(_example("vitale_malinger"), draw)
    measured = composition["context"]["start_time"]["value"]
    pressure = _observation(
        "openEHR-EHR-OBSERVATION.blood_pressure.v2",
        "Blodtrykk",
        ("at0001", "at0006", "at0003"),
        measured,
        [_quantity("at0004", "Systolisk", systolic, "mm[Hg]"), _quantity("at0005", "Diastolisk", diastolic, "mm[Hg]")],
    )
    rate = float(round(min(170.0, max(40.0, draw.gauss(76, 13)))))
    rhythm = _coded("at0005", "Rytme", ("at0006", "Regelmessig") if draw.random() < 0.9 else ("at1028", "Uregelmessig"))
    pulse = _observation(
        "openEHR-EHR-OBSERVATION.pulse.v2",
        "Puls/Hjertefrekvens",
        ("at0002", "at0003", "at0001"),
        measured,
        [_quantity("at0004", "Frekvens", rate, "/min"), rhythm],
    )
    return {**composition, "content": [pressure, pulse] if contact % 3 else [pressure]}


def _problems(draw: random.Random, number: int) -> Json:
    composition = _started(_example("problemliste"), draw)
    entry = composition["content"][0]
    entries = []
    for place in range(draw.randint(1, 3)):
        is_rare = number % 2500 == 7 and not place
        # The first codes are the frequent ones.
        code = RARE_CODE if is_rare else _CODES[min(int(draw.expovariate(0.06)), len(_CODES) - 1)]
        name = _coded("at0002", "Problem/diagnosenavn", (code, f"Tilstand {code}"), terminology=_ICD10)
        entries.append({**entry, "data": {**entry["data"], "items": [name]}})
    return {**composition, "content": entries}


def _medication(draw: random.Random) -> Json:
    composition = _started(_example("legemiddelliste"), draw)
    order = composition["content"][0]
    activity = order["activities"][0]
    doses = [_dose(draw) for _ in range(draw.randint(1, 3))]
    drug = _text("at0070", "Legemiddel", f"Legemiddel {draw.randrange(300)}")
    safety = _cluster("at0062", "Legemiddelsikkerhet", doses)
    description = {**activity["description"], "items": [drug, safety]}
    return {**composition, "content": [{**order, "activities": [{**activity, "description": description}]}]}


def _dose(draw: random.Random) -> Json:
    amount = float(draw.choice((5, 10, 20, 40, 80, 160)))
    purpose = _text("at0165", "Formål", draw.choice(_PURPOSES))
    return _cluster(
        "at0150", "Total daglig effektiv dose", [purpose, _quantity("at0151", "Total daglig dosemengde", amount, "1")]
    )


def _observation(archetype: str, name: str, ids: tuple[str, str, str], measured: str, items: list[Json]) -> Json:
    history, event, tree = ids
    time = {"_type": "DV_DATE_TIME", "value": measured}
    return {
        "_type": "OBSERVATION",
        "name": {"_type": "DV_TEXT", "value": name},
        "archetype_node_id": archetype,
        "archetype_details": {
            "_type": "ARCHETYPED",
            "archetype_id": {"_type": "ARCHETYPE_ID", "value": archetype},
            "rm_version": "1.1.0",
        },
        "language": _code("ISO_639-1", "nb"),
        "encoding": _code("IANA_character-sets", "UTF-8"),
        "subject": {"_type": "PARTY_SELF"},
        "data": {
            "_type": "HISTORY",
            "name": {"_type": "DV_TEXT", "value": "Historikk"},
            "archetype_node_id": history,
            "origin": time,
            "events": [
                {
                    "_type": "POINT_EVENT",
                    "name": {"_type": "DV_TEXT", "value": "Uspesifisert hendelse"},
                    "archetype_node_id": event,
                    "time": time,
                    "data": {
                        "_type": "ITEM_TREE",
                        "name": {"_type": "DV_TEXT", "value": name},
                        "archetype_node_id": tree,
                        "items": items,
                    },
                }
            ],
        },
    }


def _cluster(node: str, name: str, items: list[Json]) -> Json:
    return {
        "_type": "CLUSTER",
        "name": {"_type": "DV_TEXT", "value": name},
        "archetype_node_id": node,
        "items": items,
    }


def _element(node: str, name: str, value: Json) -> Json:
    return {
        "_type": "ELEMENT",
        "name": {"_type": "DV_TEXT", "value": name},
        "archetype_node_id": node,
        "value": value,
    }


def _quantity(node: str, name: str, magnitude: float, units: str) -> Json:
    return _element(node, name, {"_type": "DV_QUANTITY", "magnitude": magnitude, "units": units})


def _text(node: str, name: str, text: str) -> Json:
    return _element(node, name, {"_type": "DV_TEXT", "value": text})


def _coded(node: str, name: str, code: tuple[str, str], *, terminology: str = "local") -> Json:
    value = {"_type": "DV_CODED_TEXT", "value": code[1], "defining_code": _code(terminology, code[0])}
    return _element(node, name, value)


def _code(terminology: str, code: str) -> Json:
    return {
        "_type": "CODE_PHRASE",
        "terminology_id": {"_type": "TERMINOLOGY_ID", "value": terminology},
        "code_string": code,
    }
