"""`python -m bench.receive`: messages that one server receives a second, for each format.

Synthetic residents, a registered source for each kind of message, several senders at once over HTTP. Every message is
new and is stored: receipt, original, mapping, validation, commit and trace are all in the figures.
"""

from __future__ import annotations

import argparse
import itertools
import json
import random
import statistics
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from typing import Any

import httpx

from bench.machine import about_machine
from bench.server import serving
from cdr import resources
from cli.demo.identity import SYSTEM, identity_number

RECEIVE = "/rest/kilde/v1/receive"
OPENEHR = "/rest/openehr/v1"
TARGET = 100
TEMPLATES = ("diagnosehistorikk", "kritisk_informasjon", "legemiddelliste", "tjenestevedtak")
TEMPLATE_ID = "no.kommune.diagnosehistorikk.v1"
FHIR, CSV, FLAT = "application/fhir+json", "text/csv", "application/openehr.wt.flat+json"

# A message of a format for a resident: its bytes, the headers beside it, and how many items it holds.
Message = tuple[bytes, dict[str, str], int]
Make = Callable[[str, str, int], Message]
# `Any`: JSON documents.
Json = dict[str, Any]


class Setting:
    """A server with templates, sources and residents."""

    def __init__(self, url: str, residents: int) -> None:
        self.url = url
        self.residents: list[tuple[str, str]] = []
        with httpx.Client(base_url=url, timeout=60) as client:
            for name in TEMPLATES:
                source = (resources.folder("templates") / f"{name}.opt").read_bytes()
                address = f"{OPENEHR}/definition/template/adl1.4"
                client.post(address, content=source, headers={"content-type": "application/xml"}).raise_for_status()
            for key, body in SOURCES.items():
                client.put(f"{RECEIVE}/{key}", json=body).raise_for_status()
            choice = random.Random(7)
            for number in range(residents):
                born = date(1930 + number % 60, number % 12 + 1, number % 28 + 1)
                fnr = identity_number(born, is_female=bool(number % 2), choice=choice)
                answer = client.post(f"{OPENEHR}/ehr", json=_status(fnr))
                answer.raise_for_status()
                self.residents.append((fnr, answer.headers["location"].rsplit("/", 1)[1]))

    def measure(
        self, source: str, media: str, make: Make, *, seconds: float, senders: int
    ) -> tuple[float, float, float]:
        """Return messages and items a second, and the 95th percentile of an answer in milliseconds."""
        numbers = itertools.count()
        spent: list[float] = []
        items = 0
        end = time.perf_counter() + seconds

        def send() -> int:
            done = 0
            with httpx.Client(base_url=self.url, timeout=60) as client:
                while time.perf_counter() < end:
                    number = next(numbers)
                    fnr, ehr_id = self.residents[number % len(self.residents)]
                    body, headers, count = make(fnr, ehr_id, number)
                    before = time.perf_counter()
                    answer = client.post(
                        f"{RECEIVE}/{source}", content=body, headers={"content-type": media, **headers}
                    )
                    spent.append((time.perf_counter() - before) * 1000)
                    if answer.status_code != 201 or answer.json()["counts"] != {"stored": count}:
                        raise SystemExit(f"{source}: {answer.status_code} {answer.text[:500]}")
                    done += count
            return done

        begun = time.perf_counter()
        with ThreadPoolExecutor(senders) as pool:
            items = sum(work.result() for work in [pool.submit(send) for _ in range(senders)])
        took = time.perf_counter() - begun
        return len(spent) / took, items / took, statistics.quantiles(spent, n=20)[-1]


def conditions(count: int) -> Make:
    """Make Bundles of so many conditions."""

    def make(fnr: str, ehr_id: str, number: int) -> Message:
        entries: list[Json] = [
            {"resource": {"resourceType": "Patient", "id": "p", "identifier": [{"system": SYSTEM, "value": fnr}]}}
        ]
        entries += [{"resource": _condition(f"{count}-{number}-{place}")} for place in range(count)]
        bundle = {"resourceType": "Bundle", "type": "collection", "id": f"b{count}-{number}", "entry": entries}
        return json.dumps(bundle).encode(), {}, count

    return make


def decisions(count: int) -> Make:
    """Make lists of so many decisions."""

    def make(fnr: str, ehr_id: str, number: int) -> Message:
        rows = [_decision(fnr, f"V{count}-{number}-{place}") for place in range(count)]
        return "\n".join((";".join(COLUMNS), *rows)).encode(), {}, count

    return make


def medication(fnr: str, ehr_id: str, number: int) -> Message:
    """Make a medication statement that names its resident by identifier."""
    coding = {"system": "http://www.whocc.no/atc", "code": "A10BA02", "display": "Metformin"}
    resource = {
        "resourceType": "MedicationStatement",
        "id": f"m{number}",
        "status": "active",
        "medicationCodeableConcept": {"coding": [coding]},
        "subject": {"identifier": {"system": SYSTEM, "value": fnr}},
        "dateAsserted": "2024-03-01",
        "dosage": [{"text": "1 tablett morgen og kveld"}],
    }
    return json.dumps(resource).encode(), {}, 1


def flat(fnr: str, ehr_id: str, number: int) -> Message:
    """Make a FLAT composition."""
    return (
        json.dumps({**_FLAT, "diagnosehistorikk/context/rapport_id": f"F-{number}"}).encode(),
        _said(ehr_id, number),
        1,
    )


def canonical(setting: Setting, media: str) -> Make:
    """Make canonical compositions in a format: the same content under another item id each time."""
    fnr, ehr_id = setting.residents[0]
    with httpx.Client(base_url=setting.url, timeout=60) as client:
        body, _, _ = flat(fnr, ehr_id, 0)
        said = {"content-type": FLAT, "prefer": "return=minimal", "openehr-template-id": TEMPLATE_ID}
        sent = client.post(f"{OPENEHR}/ehr/{ehr_id}/composition", content=body, headers=said)
        sent.raise_for_status()
        content = client.get(sent.headers["location"], headers={"accept": media}).content

    def make(fnr: str, ehr_id: str, number: int) -> Message:
        name = f"{media}-{number}"
        return content, {"kilde-ehr-id": ehr_id, "kilde-item-id": name, "kilde-message-id": name}, 1

    return make


def runs(setting: Setting) -> Iterator[tuple[str, str, str, Make]]:
    """Yield what is measured: a name, the source, the media type, and how messages are made."""
    yield "FHIR, Bundle of 1 Condition", "fastlege", FHIR, conditions(1)
    yield "FHIR, Bundle of 20 Conditions", "fastlege", FHIR, conditions(20)
    yield "FHIR, 1 MedicationStatement", "fastlege", FHIR, medication
    yield "CSV, 1 decision", "tildelingskontor", CSV, decisions(1)
    yield "CSV, 50 decisions", "tildelingskontor", CSV, decisions(50)
    yield "FLAT", "hjemmetjeneste", FLAT, flat
    for name, media in (("canonical JSON", "application/json"), ("canonical XML", "application/xml")):
        yield name, "hjemmetjeneste", media, canonical(setting, media)


def main() -> None:
    """Measure and print one markdown table."""
    parser = argparse.ArgumentParser(prog="python -m bench.receive", description=__doc__)
    parser.add_argument("--seconds", type=float, default=8.0, help="how long each format is measured")
    parser.add_argument("--senders", type=int, default=4, help="how many send at once")
    parser.add_argument("--residents", type=int, default=100, help="how many residents the messages are about")
    options = parser.parse_args()
    print("| message | messages/s | items/s | p95 of an answer | target |\n|---|---|---|---|---|")
    with serving(1) as url:
        setting = Setting(url, options.residents)
        for name, source, media, make in runs(setting):
            setting.measure(source, media, _apart(make), seconds=1, senders=options.senders)
            messages, items, slow = setting.measure(
                source, media, make, seconds=options.seconds, senders=options.senders
            )
            target = f"{TARGET} messages/s" if items < messages * 2 else ""
            print(f"| {name} | {messages:.0f} | {items:.0f} | {slow:.0f} ms | {target} |", flush=True)
    print()
    print(about_machine(workers=1))


def _apart(make: Make) -> Make:
    """Return messages of the same kind with other ids: for warming up."""
    return lambda fnr, ehr_id, number: make(fnr, ehr_id, number + 10_000_000)


def _condition(key: str) -> Json:
    return {
        "resourceType": "Condition",
        "id": key,
        "meta": {"lastUpdated": "2024-03-01T10:00:00+01:00"},
        "clinicalStatus": {"coding": [{"code": "active"}]},
        "verificationStatus": {"coding": [{"code": "confirmed"}]},
        "code": {"coding": [{"system": "http://hl7.org/fhir/sid/icpc-2", "code": "T90", "display": "Diabetes type 2"}]},
        "subject": {"reference": "Patient/p"},
        "onsetDateTime": "2019-05",
        "recordedDate": "2024-03-01",
    }


def _decision(fnr: str, key: str) -> str:
    row = {
        "fnr": fnr,
        "vedtak_id": key,
        "vedtak_dato": "01.03.2024",
        "gyldig_fra": "01.03.2024",
        "utfall": "INNVILGET",
        "beslutningstype": "NY",
        "tjeneste_id": f"T-{key}",
        "tjenestekode": "1",
        "omfang": "2,5",
        "omfang_enhet": "t/uke",
        "start_dato": "04.03.2024",
        "enhet_navn": "Tildelingskontoret",
        "sist_endret": "01.03.2024",
    }
    return ";".join(row.get(name, "") for name in COLUMNS)


def _said(ehr_id: str, number: int) -> dict[str, str]:
    return {"kilde-ehr-id": ehr_id, "kilde-item-id": f"F-{number}", "openehr-template-id": TEMPLATE_ID}


def _status(fnr: str) -> Json:
    reference = {"_type": "GENERIC_ID", "value": fnr, "scheme": "id_number"}
    party = {"_type": "PARTY_REF", "namespace": SYSTEM, "type": "PERSON", "id": reference}
    return {
        "_type": "EHR_STATUS",
        "name": {"_type": "DV_TEXT", "value": "EHR Status"},
        "archetype_node_id": "openEHR-EHR-EHR_STATUS.generic.v1",
        "subject": {"_type": "PARTY_SELF", "external_ref": party},
        "is_queryable": True,
        "is_modifiable": True,
    }


_FLAT: Json = {
    "ctx/language": "nb",
    "ctx/territory": "NO",
    "ctx/composer_name": "Kari Nordmann",
    "diagnosehistorikk/problem_diagnose:0/problem_diagnosenavn|code": "T90",
    "diagnosehistorikk/problem_diagnose:0/problem_diagnosenavn|value": "Diabetes type 2",
    "diagnosehistorikk/problem_diagnose:0/problem_diagnosenavn|terminology": "http://hl7.org/fhir/sid/icpc-2",
}
COLUMNS = json.loads((resources.folder("templates") / "mappings" / "vedtak_csv.json").read_bytes())["records"][
    "columns"
]
SOURCES: dict[str, Json] = {
    "fastlege": {
        "title": "GP",
        "supplier": "Bench",
        "mappings": ["fhir_condition_bundle", "fhir_medication_statement"],
    },
    "tildelingskontor": {"title": "Allocation office", "supplier": "Bench", "mappings": ["vedtak_csv"]},
    "hjemmetjeneste": {"title": "Home care", "supplier": "Bench", "templates": [TEMPLATE_ID]},
}

if __name__ == "__main__":
    main()
