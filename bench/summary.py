"""`python -m bench.summary`: how long a summary takes for residents with 20, 200 and 2,000 compositions.

The records are made of the examples that come with the templates, mixed as in a municipality and spread over five
sources. Everything goes over HTTP to a server of its own; times are wall-clock times at the client.
"""

from __future__ import annotations

import argparse
import copy
import json
import statistics
import sys
import time
from collections.abc import Iterator
from contextlib import nullcontext
from typing import Any

import httpx

from bench.machine import about_machine
from bench.server import serving
from cdr import resources

BASE, KILDE = "/rest/openehr/v1", "/rest/kilde/v1"
SIZES = (20, 200, 2000)
SERVICES = ("tjenesteoversikt", "diagnoser_behandling", "klinisk_oppsummering")
TARGET = "p50 below 100 ms with 200"
# How many of a hundred records are of each template: mostly contacts and measurements, as in a municipality.
MIX = {
    "vitale_malinger": 40,
    "journalnotat": 20,
    "tjenestehendelse": 12,
    "diagnosehistorikk": 10,
    "legemiddelliste": 6,
    "prosedyre": 6,
    "tjenestevedtak": 4,
    "kritisk_informasjon": 2,
}
_CODES = ("T90", "K86", "K77", "P76", "R95", "L90", "U71", "P70", "K78", "N87")
_SOURCES = ("fastlege", "legevakt", "hjemmetjeneste", "tildelingskontor", "sykehjem")

# Compositions are JSON objects.
Json = dict[str, Any]


def life(size: int) -> Iterator[Json]:
    """Yield the compositions of a resident: small examples of the templates, each with a date and source of its own."""
    folder = resources.folder("templates") / "examples"
    examples = {name: json.loads((folder / name / "minimal.json").read_bytes()) for name in MIX}
    order = [name for name, share in MIX.items() for _ in range(share)]
    for number in range(size):
        # A step that has no factor in common with a hundred spreads the templates over the years.
        document = copy.deepcopy(examples[order[number * 37 % len(order)]])
        document.pop("uid", None)
        date = f"{2010 + number % 14}-{number % 12 + 1:02d}-{number % 28 + 1:02d}T10:30:00+01:00"
        document["context"]["start_time"]["value"] = date
        system = {"_type": "FEEDER_AUDIT_DETAILS", "system_id": _SOURCES[number % len(_SOURCES)]}
        document["feeder_audit"] = {"_type": "FEEDER_AUDIT", "originating_system_audit": system}
        _coded(document, number)
        yield document


def _coded(document: Json, number: int) -> None:
    """Give the diagnosis of a composition one of a few codes, so that sources meet."""
    for entry in document["content"]:
        if entry["archetype_node_id"] != "openEHR-EHR-EVALUATION.problem_diagnosis.v1":
            continue
        code = _CODES[number % len(_CODES)]
        entry["data"]["items"][0]["value"] = {
            "_type": "DV_CODED_TEXT",
            "value": f"Diagnose {code}",
            "defining_code": {
                "_type": "CODE_PHRASE",
                "terminology_id": {"_type": "TERMINOLOGY_ID", "value": "http://hl7.org/fhir/sid/icpc-2"},
                "code_string": code,
            },
        }


def main() -> None:
    """Load the residents, ask, print one markdown table."""
    parser = argparse.ArgumentParser(prog="python -m bench.summary", description=__doc__)
    parser.add_argument("--times", type=int, default=40, help="how often each summary is asked for")
    parser.add_argument("--sizes", type=int, nargs="*", default=list(SIZES), help="compositions of each resident")
    parser.add_argument("--url", help="measure this server instead of starting one")
    options = parser.parse_args()
    print("| compositions | service | form | p50 ms | p95 ms | statements | kB |\n|---|---|---|---|---|---|---|")
    running = serving(1) if options.url is None else nullcontext(options.url)
    with running as url, httpx.Client(base_url=url, timeout=120) as client:
        _upload(client)
        for size in options.sizes:
            ehr_id = _resident(client, size)
            for service in SERVICES:
                for form in ("json", "html", "fhir"):
                    print(_row(client, ehr_id, size=size, service=service, form=form, times=options.times), flush=True)
    print(f"\nTarget: {TARGET}.\n\n{about_machine(workers=1)}")


def _row(client: httpx.Client, ehr_id: str, *, size: int, service: str, form: str, times: int) -> str:
    address = f"{KILDE}/ehr/{ehr_id}/summary/{service}"
    spent = []
    answer = client.get(address, params={"format": form})
    for _ in range(times):
        begun = time.perf_counter()
        answer = client.get(address, params={"format": form})
        spent.append((time.perf_counter() - begun) * 1000)
        if answer.status_code != 200:
            raise SystemExit(f"the server answered {answer.status_code}: {answer.text[:300]}")
    told = client.get(address).json()
    if not told["complete"]:
        raise SystemExit("a summary is not complete: its times would mean nothing")
    statements = sum(len(group["statements"]) for section in told["sections"] for group in section["groups"])
    high = statistics.quantiles(spent, n=20)[-1]
    kilobytes = len(answer.content) // 1024
    return f"| {size} | {service} | {form} | {statistics.median(spent):.0f} | {high:.0f} | {statements} | {kilobytes} |"


def _resident(client: httpx.Client, size: int) -> str:
    ehr_id = client.post(f"{BASE}/ehr").headers["location"].rsplit("/", 1)[1]
    lines = [json.dumps({"ehr_id": ehr_id, "composition": one}) for one in life(size)]
    for start in range(0, len(lines), 500):
        answer = client.post(
            f"{KILDE}/bulk/composition",
            content="\n".join(lines[start : start + 500]).encode(),
            headers={"Content-Type": "application/x-ndjson"},
        ).json()
        if answer["refused"]:
            raise SystemExit(f"the server refused {answer['errors'][:2]}")
    print(f"loaded {size}", file=sys.stderr)
    return ehr_id


def _upload(client: httpx.Client) -> None:
    for path in resources.templates():
        client.post(
            f"{BASE}/definition/template/adl1.4",
            content=path.read_bytes(),
            headers={"Content-Type": "application/xml"},
        )


if __name__ == "__main__":
    main()
