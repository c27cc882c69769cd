"""The setting `flat_dialect` reaches the server: what it reads as FLAT and what it writes."""

from __future__ import annotations

import json

import httpx

from tests.support.command import kilde, serving
from tests.support.http import BASE, template_source, uid_in, upload

TEMPLATE_ID = "no.kommune.vitale_malinger.v1"
FLAT = "application/openehr.wt.flat+json"


def test_a_server_of_the_other_dialect_numbers_repeated_siblings() -> None:
    keys = json.loads(kilde("template", "example", TEMPLATE_ID, "--format", "flat", "--detail", "required").out)
    second = {key.replace("blodtrykk:0", "blodtrykk:1"): value for key, value in keys.items() if "blodtrykk:0" in key}
    with serving("--flat-dialect", "better") as server, httpx.Client(base_url=server.url, timeout=60) as client:
        upload(client, template_source())
        ehr = f"{BASE}/ehr/{uid_in(client.post(f'{BASE}/ehr'))}"
        headers = {"content-type": FLAT, "openehr-template-id": TEMPLATE_ID}
        answer = client.post(f"{ehr}/composition", content=json.dumps(keys | second), headers=headers)
        assert answer.status_code == 201, answer.text
        stored = f"{ehr}/composition/{uid_in(answer)}"
        assert [entry["name"]["value"] for entry in client.get(stored).json()["content"]][:2] == [
            "Blodtrykk",
            "Blodtrykk #2",
        ]
        assert not [key for key in client.get(stored, headers={"accept": FLAT}).json() if key.endswith("/_name")]
