"""No answer that refuses something, and no log line, holds a value that was sent."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.support.http import BASE, TEMPLATE_ID, Json, composition, status
from tests.support.planted import CANARY

Path = tuple[str | int, ...]


def leaves(tree: Any, path: Path = ()) -> Iterator[Path]:
    """Yield the place of every plain value in a JSON tree."""
    if isinstance(tree, dict):
        for key, value in tree.items():
            yield from leaves(value, (*path, key))
    elif isinstance(tree, list):
        for at, value in enumerate(tree):
            yield from leaves(value, (*path, at))
    else:
        yield path


def spoilt(tree: Json, path: Path, value: Any) -> Json:
    """Return the tree with another value at a place."""
    changed = copy.deepcopy(tree)
    inner: Any = changed
    for step in path[:-1]:
        inner = inner[step]
    inner[path[-1]] = value
    return changed


def check(answer: httpx.Response, log: str, path: Path) -> None:
    """Check that an answer is no mistake of ours, and that neither it nor the log holds the canary."""
    assert answer.status_code < 500, (path, answer.text)
    assert answer.status_code < 300 or CANARY not in answer.text, (path, answer.text)
    assert CANARY not in log, path


@pytest.mark.parametrize("value", [CANARY, [CANARY], {"_type": CANARY}, {"_type": "DV_TEXT", "value": CANARY}], ids=str)
def test_a_wrong_value_anywhere_in_a_composition_is_not_repeated(
    shared_client: httpx.Client, new_ehr: str, capsys: pytest.CaptureFixture[str], value: Any
) -> None:
    document = composition()
    refused = 0
    for path in leaves(document):
        answer = shared_client.post(f"{BASE}/ehr/{new_ehr}/composition", json=spoilt(document, path, value))
        check(answer, capsys.readouterr().out, path)
        refused += answer.status_code >= 400
    assert refused > 50


def test_a_wrong_value_anywhere_in_flat_data_is_not_repeated(
    shared_client: httpx.Client, new_ehr: str, capsys: pytest.CaptureFixture[str]
) -> None:
    address = f"{BASE}/ehr/{new_ehr}/composition"
    made = shared_client.post(address, json=composition())
    kind = "application/openehr.wt.flat+json"
    document = shared_client.get(made.headers["location"], headers={"accept": kind}).json()
    headers = {"content-type": kind, "openehr-template-id": TEMPLATE_ID}
    refused = 0
    for key in document:
        body = json.dumps({**document, key: CANARY})
        answer = shared_client.post(address, content=body, headers=headers)
        check(answer, capsys.readouterr().out, (key,))
        refused += answer.status_code >= 400
    assert refused > 10


def test_a_wrong_value_anywhere_in_a_status_is_not_repeated(
    shared_client: httpx.Client, capsys: pytest.CaptureFixture[str]
) -> None:
    document = status("someone")
    for path in leaves(document):
        for value in (CANARY, [CANARY], {"x": CANARY}):
            answer = shared_client.post(f"{BASE}/ehr", json=spoilt(document, path, value))
            check(answer, capsys.readouterr().out, path)


@pytest.mark.parametrize(
    "address",
    [
        f"/ehr/{CANARY}",
        f"/ehr?subject_id={CANARY}&subject_namespace={CANARY}",
        f"/ehr/{CANARY}/composition/{CANARY}",
        f"/ehr/x/composition/y?version_at_time={CANARY}",
        f"/ehr/x/directory?path={CANARY}",
        f"/definition/template/adl1.4/{CANARY}",
        f"/{CANARY}",
        f"/query/aql?q=SELECT '{CANARY}",
    ],
)
def test_what_an_address_holds_is_not_logged(
    shared_client: httpx.Client, capsys: pytest.CaptureFixture[str], address: str
) -> None:
    answer = shared_client.get(BASE + address)
    assert 400 <= answer.status_code < 500
    log = capsys.readouterr().out
    assert "route=" in log
    assert CANARY not in log
