"""The recorded AQL cases: set a store up as a case asks, run its queries over HTTP, compare the answers.

Ids in the cases are placeholders; `Ids` maps them to what the server returned. Expected objects leave out `_type` in
places; ours has it everywhere, so it is compared only where the expectation has it.
"""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx

from cdr.identity import Caller
from cdr.services.checking import template_id_of
from cdr.services.committing import Wish, commit
from cdr.services.context import Context
from cdr.services.representation import Body, Format, decode_composition
from cdr.versioning.model import ChangeType, ObjectKind
from tests.support.corpus import shared
from tests.support.http import BASE

Json = Any

# Suites of which the recording has no set-up: what the row counts show must have been there.
_SUPPLIED: dict[str, list[Json]] = {
    "014c80373c6c": [
        {
            "m": "POST",
            "p": "/definition/template/adl1.4",
            "ct": "application/xml",
            "b": "9ad4749df7913035d6f0d6db04417d705d57d3f0",
        },
        {"m": "POST", "p": "/ehr", "id": "e0000083-0000-4000-8000-000000000083"},
        {
            "m": "POST",
            "p": "/ehr/e0000083-0000-4000-8000-000000000083/composition",
            "b": "d21e0f3eca6d282bb1614c4d35d23cfb762bc09d",
            "id": "c00000ae-0000-4000-8000-0000000000ae::local.ehrbase.org::1",
        },
    ],
    "e9c29af2a010": [
        {
            "m": "POST",
            "p": "/definition/template/adl1.4",
            "ct": "application/xml",
            "b": "22912cda1267481da71c0937c9e08e6aaf5754b3",
        },
        {"m": "POST", "p": "/ehr", "id": "e0000084-0000-4000-8000-000000000084"},
        {
            "m": "POST",
            "p": "/ehr/e0000084-0000-4000-8000-000000000084/composition",
            "b": "57e0c54a00c2e356086126668a8d55b7ba2f8ccd",
            "id": "c00000af-0000-4000-8000-0000000000af::local.ehrbase.org::1",
        },
    ],
}

CALLER = Caller(tenant="recorded", person="tester", role="admin")

_PLACEHOLDER = re.compile(r"[0-9a-f]{8}-0000-4000-8000-[0-9a-f]{12}")
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@cache
def suites() -> list[Json]:
    """Return the recorded suites."""
    cases: list[Json] = json.loads((shared("data") / "recorded" / "aql_cases.json").read_bytes())
    return cases


@cache
def _files() -> dict[str, str]:
    found: dict[str, str] = json.loads((shared("data") / "recorded" / "bodies_in_repo_files.json").read_bytes())
    return found


def body(sha: str) -> bytes:
    """Return a request body by its SHA-1."""
    folder = shared("data") / "recorded" / "bodies"
    for path in (folder / sha, *folder.glob(f"{sha}.*")):
        if path.exists():
            return path.read_bytes()
    repository, _, path_in_it = _files()[sha].partition("\t")
    return (shared("data") / repository / path_in_it).read_bytes()


@dataclass
class Ids:
    """Placeholders and the ids that stand for them."""

    known: dict[str, str] = field(default_factory=dict)

    def learn(self, placeholder: str, actual: str) -> None:
        """Remember an id: both may be version uids, of which the first parts are learnt."""
        self.known[placeholder.split("::")[0]] = actual.split("::")[0]

    def real(self, text: str) -> str:
        """Return a text with all known placeholders replaced."""
        return _UUID.sub(lambda found: self.known.get(found[0], found[0]), text)


class Server:
    """One server that is emptied between suites."""

    def __init__(self, client: httpx.Client, context: Context) -> None:
        self.client = client
        self._context = context
        self._templates: set[str] = set()

    def set_up(self, suite: Json) -> Ids:
        """Run the set-up of a suite in an emptied store. Errors: AssertionError that names the request."""
        self.client.delete(f"{BASE}/admin/ehr/all")
        ids = Ids()
        statuses: list[str] = []
        self._contributed: list[str] = []
        for request in [*_SUPPLIED.get(suite["cases"][0]["id"], []), *suite["setup"]]:
            self._request(request, ids, statuses)
        # Nobody tells which GET a status placeholder came from: they are numbered in the order of the requests.
        named = {found for found in _PLACEHOLDER.findall(json.dumps(suite)) if found.startswith("5")}
        unknown = sorted(named - ids.known.keys())
        for placeholder, actual in zip(
            unknown, [one for one in statuses if one not in ids.known.values()], strict=False
        ):
            ids.learn(placeholder, actual)
        named = {found for found in _PLACEHOLDER.findall(json.dumps(suite["cases"])) if found.startswith("c")}
        for placeholder, actual in zip(sorted(named - ids.known.keys()), self._contributed, strict=False):
            ids.learn(placeholder, actual)
        return ids

    def _request(self, request: Json, ids: Ids, statuses: list[str]) -> None:
        path = ids.real(request["p"])
        headers = {"content-type": request.get("ct") or "application/json", "prefer": "return=minimal"}
        content = body(request["b"]) if request.get("b") else b""
        if "application/json" in headers["content-type"] and content:
            content = json.dumps(repaired(json.loads(ids.real(content.decode())))).encode()
        if request["m"] == "POST" and path.startswith("/definition/template"):
            if request["b"] in self._templates:
                return
            self._templates.add(request["b"])
        if path.startswith("{ecis}"):
            asked = parse_qs(urlsplit(path).query)
            path = f"/ehr/{asked['ehrId'][0]}/composition?format=FLAT&templateId={asked['templateId'][0]}"
        if request.get("ifm"):
            if request["ifm"].startswith("5") and request["ifm"].split("::")[0] not in ids.known:
                ids.learn(request["ifm"], statuses[-1])
            headers["if-match"] = ids.real(request["ifm"])
        is_new = request["m"] == "POST" and "/composition" in path
        if is_new and b'"uid"' in content and "uid" in (document := json.loads(content)):
            # The recording server kept the uid of the body; ours gives a new one.
            self._store(path, content, object_id=document["uid"]["value"].split("::")[0])
            return
        if path.startswith("/definition/query/"):
            content = ids.real(content.decode()).encode()
        answer = self.client.request(request["m"], BASE + path, headers=headers, content=content)
        if is_new and answer.status_code == 422:
            # What these cases store breaks the rules of its template; they are about queries, so it goes in unchecked.
            ids.learn(request["id"], self._store(path, content))
            return
        assert answer.status_code < 300, f"{request['m']} {request['p']}: {answer.status_code} {answer.text[:600]}"
        if request["m"] == "GET" and path.endswith("/ehr_status"):
            statuses.append(answer.json()["uid"]["value"].split("::")[0])
        if path.endswith("/directory") and b'"uid"' in content:
            ids.learn(json.loads(content)["uid"]["value"], answer.headers["etag"].removeprefix("W/").strip('"'))
        if path.endswith("/contribution"):
            made = self.client.get(answer.headers["location"]).json()
            self._contributed += [version["id"]["value"] for version in made["versions"]]
        if request.get("id"):
            tag = answer.headers.get("etag", "").removeprefix("W/").strip('"')
            ids.learn(request["id"], tag or answer.headers["location"].rsplit("/", 1)[1])

    def _store(self, path: str, content: bytes, *, object_id: str | None = None) -> str:
        """Commit a composition without validating it; return its version uid."""
        address = urlsplit(path)
        template_id = parse_qs(address.query).get("templateId", [None])[0]
        sent = Body(
            content=content, format=Format.JSON if template_id is None else Format.FLAT, template_id=template_id
        )
        composition = decode_composition(self._context, sent)
        wish = Wish(
            kind=ObjectKind.COMPOSITION,
            default=ChangeType.CREATION,
            root=composition,
            object_id=object_id,
            template_id=template_id_of(composition),
        )
        made = commit(self._context, CALLER, [wish], ehr_id=address.path.split("/")[2])
        return made.versions[0].record.uid

    def ask(self, query: Json, ids: Ids) -> httpx.Response:
        """Run one query of a case."""
        path = ids.real(query["path"])
        if query["method"] == "GET":
            return self.client.get(BASE + path, params=query.get("params"))
        asked = {"q": ids.real(query["q"]), "query_parameters": json.loads(ids.real(json.dumps(query["params"] or {})))}
        return self.client.post(BASE + path, json=asked)


def repaired(value: Json) -> Json:
    """Return a body without what no server should take: it is what the recording server made of it.

    Empty lists, spaces around ids, an attribute that no class has, a description without `_type`, and intervals that
    leave out whether their bounds are included.
    """
    if isinstance(value, list):
        return [repaired(member) for member in value]
    if not isinstance(value, dict):
        return value
    made = {name: repaired(member) for name, member in value.items() if member != []}
    kind = made.get("_type")
    if kind != "FEEDER_AUDIT":
        made.pop("feeder_system_audit", None)
    if kind == "HIER_OBJECT_ID":
        made["value"] = made["value"].strip()
    if kind == "DV_INTERVAL":
        for bound in ("lower", "upper"):
            made.setdefault(f"{bound}_included", not made.get(f"{bound}_unbounded", False))
    description = made.get("description")
    if isinstance(description, dict) and description.keys() == {"value"}:
        made["description"] = {"_type": "DV_TEXT", **description}
    return made


def differences(case: Json, number: int, answer: Json, ids: Ids) -> Iterator[str]:
    """Give what is wrong with the answer to one query of a case."""
    rows = answer["rows"]
    if number < len(case["row_counts"]) and case["row_counts"][number] != len(rows):
        yield f"expected {case['row_counts'][number]} rows, got {len(rows)}"
    if number >= len(case["expected"]):
        return
    expected = json.loads(ids.real(json.dumps(case["expected"][number])))
    yield from _columns(expected.get("columns", []), answer["columns"])
    wanted, found = _pruned(expected, expected["rows"]), _pruned(expected, rows)
    if len(wanted) != len(found):
        yield f"expected {len(wanted)} rows, got {len(found)}: {str(found)[:300]}"
    elif expected["ordered"]:
        yield from (
            f"row {place}: {str(b)[:300]} is not {str(a)[:300]}"
            for place, (a, b) in enumerate(zip(wanted, found, strict=True))
            if not same(a, b)
        )
    else:
        rest = list(found)
        for row in wanted:
            match = next((each for each in rest if same(row, each)), None)
            if match is None:
                yield f"no row is {str(row)[:300]}; left: {str(rest[0])[:300] if rest else ''}"
                return
            rest.remove(match)


def same(wanted: Json, found: Json) -> bool:
    """Tell whether a value is the expected one, `_type` left aside where the expectation has none."""
    if isinstance(wanted, dict):
        if not isinstance(found, dict):
            return False
        names = found.keys() if "_type" in wanted else found.keys() - {"_type"}
        return wanted.keys() == names and all(same(wanted[name], found[name]) for name in wanted)
    if isinstance(wanted, list):
        return isinstance(found, list) and len(wanted) == len(found) and all(map(same, wanted, found))
    if isinstance(wanted, bool) or isinstance(found, bool):
        return wanted is found
    if isinstance(wanted, str) and isinstance(found, str) and wanted != found:
        # The recording server writes dates its own way; ours gives back what was stored.
        return _extended(wanted) == _extended(found)
    return bool(wanted == found)


def _extended(text: str) -> str:
    """Return a date or time in the extended form with Z for UTC; other texts as they are."""
    text = re.sub(r"^(\d{4})(\d{2})(\d{2})$", r"\1-\2-\3", text)
    return re.sub(r"^(\d{4}-\d{2}-\d{2}T[\d:.]+)\+00:00$", r"\1Z", text)


def _columns(wanted: list[Json], found: list[Json]) -> Iterator[str]:
    if len(wanted) != len(found):
        yield f"expected {len(wanted)} columns, got {len(found)}"
        return
    for one, other in zip(wanted, found, strict=True):
        if one["name"] != other["name"] or one.get("path") != other.get("path"):
            yield f"column {other} is not {one}"


def _pruned(expected: Json, rows: Json) -> list[Json]:
    """Return the rows without the uids that the recording leaves out of the comparison."""
    rows = copy.deepcopy(rows)
    for excluded in expected["exclude_paths"]:
        steps = re.findall(r"\[(?:'([^']*)'|(\d+))\]", excluded)
        if not steps or steps[0][0] != "rows":
            continue
        # The recording names rows by number, but rows have no order: the same member is left out of every row.
        for row in rows:
            _drop(row, [name or int(number) for name, number in steps[2:]])
    return list(rows)


def _drop(value: Json, steps: list[str | int]) -> None:
    for step in steps[:-1]:
        if (isinstance(value, dict) and step in value) or (
            isinstance(value, list) and isinstance(step, int) and step < len(value)
        ):
            value = value[step]
        else:
            return
    if isinstance(value, dict):
        value.pop(steps[-1], None)
