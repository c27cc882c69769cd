"""What the tests of this folder start from: the shipped examples, templates in every state, and short ways to send."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from cdr.store.tenant import TenantStore
from tests.support.http import BASE, Json, as_bytes, composition, template_source

KILDE = "/rest/kilde/v1"
KEYS = (
    "klinisk_oppsummering",
    "undersokelser_malinger_funn",
    "journaldokumenter",
    "kliniske_bakgrunnsopplysninger",
    "sosialt_utdanning_bolig",
    "tjenester_ytelser_hjelpemidler",
    "prosedyrer_behandlinger",
    "problem_diagnose_behov",
    "applikasjonsspesifikke_data",
)
FOREIGN = "vendor.vitals.v1"

_EXAMPLES = Path(__file__).resolve().parents[2] / "templates" / "examples"
_DECLARED = b'<other_details id="category">undersokelser_malinger_funn</other_details>'


@dataclass(frozen=True, slots=True, kw_only=True)
class Town:
    """A server with all shipped content, and one EHR with the full example of every template."""

    client: httpx.Client
    store: TenantStore
    ehr_id: str
    compositions: list[Json]


def examples(detail: str = "full") -> list[Json]:
    """Return the shipped examples as compositions, by the names of their templates."""
    files = sorted(_EXAMPLES.glob(f"*/{detail}.json"))
    return [json.loads(file.read_text(encoding="utf-8")) for file in files]


def example(name: str, detail: str = "full") -> Json:
    """Return one shipped example: `tjenestevedtak`."""
    document: Json = json.loads((_EXAMPLES / name / f"{detail}.json").read_text(encoding="utf-8"))
    return document


def template_id_of(document: Json) -> str:
    """Return the id of the template that a composition names."""
    return str(document["archetype_details"]["template_id"]["value"])


def source_of(name: str) -> bytes:
    """Return a shipped template's source: `tjenestevedtak`."""
    return (_EXAMPLES.parent / f"{name}.opt").read_bytes()


def foreign_template(category: str | None = None) -> bytes:
    """Return a template of somebody else, under the id `FOREIGN`, that declares what is given, or nothing."""
    source = template_source()
    assert _DECLARED in source
    declared = b"" if category is None else b'<other_details id="category">%s</other_details>' % category.encode()
    return source.replace(_DECLARED, declared).replace(b"no.kommune.vitale_malinger.v1", FOREIGN.encode())


def foreign_composition() -> Json:
    """Return a valid composition under the template of somebody else."""
    document = composition()
    document["archetype_details"]["template_id"]["value"] = FOREIGN
    return document


def post(client: httpx.Client, ehr_id: str, document: Json, **headers: str) -> httpx.Response:
    """Commit a composition."""
    return client.post(
        f"{BASE}/ehr/{ehr_id}/composition",
        content=as_bytes(document),
        headers={"content-type": "application/json", **headers},
    )


def ask(client: httpx.Client, aql: str, **parameters: Any) -> list[list[Any]]:
    """Return the rows of a query."""
    answer = client.post(f"{BASE}/query/aql", json={"q": aql, "query_parameters": parameters})
    assert answer.status_code == 200, answer.text
    rows: list[list[Any]] = answer.json()["rows"]
    return rows


def coded(text: str, code: str, terminology: str = "openehr") -> Json:
    """Return a DV_CODED_TEXT."""
    phrase = {
        "_type": "CODE_PHRASE",
        "terminology_id": {"_type": "TERMINOLOGY_ID", "value": terminology},
        "code_string": code,
    }
    return {"_type": "DV_CODED_TEXT", "value": text, "defining_code": phrase}


def walk(node: Any) -> Iterator[Json]:
    """Yield every object in a JSON tree."""
    if isinstance(node, dict):
        yield node
        for member in node.values():
            yield from walk(member)
    elif isinstance(node, list):
        for member in node:
            yield from walk(member)
