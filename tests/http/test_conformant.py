"""Compositions drawn from a template alone: sent as JSON and as XML, stored, and read back as they were."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cdr import rm
from cdr.am.opt14 import read_opt
from cdr.am.opt14_write import write_opt
from cdr.formats import canonical_json, canonical_xml
from tests.support.conformant import conformant
from tests.support.http import BASE, template_source
from tests.support.sources import all_values

JSON = "application/json"
XML = "application/xml"
OPEN = (("DV_IDENTIFIER matches {id matches {/[A-Z]{3}-[0-9]{4}/}}", "DV_IDENTIFIER matches {*}"),)


def _without_uid(body: bytes) -> Any:
    document = json.loads(body)
    document.pop("uid", None)
    return document


def _prove(client: httpx.Client, ehr_id: str, source: bytes, *, examples: int) -> None:
    uploaded = client.post(f"{BASE}/definition/template/adl1.4", content=source, headers={"content-type": XML})
    assert uploaded.status_code in (201, 409)
    template = read_opt(source)

    @settings(max_examples=examples, deadline=None, suppress_health_check=list(HealthCheck), database=None)
    @given(st.data())
    def survives(data: st.DataObject) -> None:
        composition = data.draw(conformant(template))
        composition.uid = None
        sent = canonical_json.encode(composition)
        for content, kind in ((sent, JSON), (canonical_xml.encode(composition), XML)):
            answer = client.post(f"{BASE}/ehr/{ehr_id}/composition", content=content, headers={"content-type": kind})
            assert answer.status_code == 201, answer.text
            address = answer.headers["location"]
            assert _without_uid(client.get(address, headers={"accept": JSON}).content) == json.loads(sent)
            as_xml = client.get(address, headers={"accept": XML}).content
            again = canonical_xml.decode(as_xml, rm.Composition)
            assert _without_uid(canonical_json.encode(again)) == json.loads(sent)

    survives()


def _sources() -> list[bytes]:
    return [write_opt(all_values(*OPEN)), template_source()]


@pytest.mark.parametrize("index", [0, 1], ids=["all values", "vital signs"])
def test_conformant_compositions_are_read_back_as_they_were(
    shared_client: httpx.Client, new_ehr: str, index: int
) -> None:
    _prove(shared_client, new_ehr, _sources()[index], examples=10)


@pytest.mark.torture
@pytest.mark.parametrize("index", [0, 1], ids=["all values", "vital signs"])
def test_thousands_of_conformant_compositions_are_read_back_as_they_were(
    shared_client: httpx.Client, new_ehr: str, index: int
) -> None:
    _prove(shared_client, new_ehr, _sources()[index], examples=2500)
