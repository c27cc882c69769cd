"""The recorded AQL cases as records for the interpreter: their set-up requests carried out on plain values.

Nothing of the server takes part: bodies are decoded to canonical JSON, given the ids that the recording has for them,
and put into `InterpretedEhr`s.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from typing import Any

import orjson

from aql.interpret import InterpretedEhr, InterpretedObject, InterpretedVersion
from cdr import rm
from cdr.am.opt14 import read_opt
from cdr.formats import canonical_json, flat
from cdr.webtemplate import build
from tests.support.corpus import shared, shared_folder

SYSTEM = "local.ehrbase.org"
_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}")


@dataclass(frozen=True)
class RecordedQuery:
    """One query of a case with what the recording says of its answer."""

    case: str
    text: str
    parameters: dict[str, Any]
    rows: list[list[Any]] | None
    row_count: int | None
    is_ordered: bool
    excluded: tuple[str, ...]
    setup: int


@dataclass
class _Ehr:
    """An EHR while its set-up requests are carried out."""

    ehr_id: str
    objects: dict[str, list[InterpretedVersion]] = field(default_factory=dict)

    def add(self, uid: str, content: dict[str, Any] | None, change: str, audit: dict[str, Any] | None = None) -> None:
        """Put a version at the end of its object."""
        if content is not None:
            content["uid"] = {"_type": "OBJECT_VERSION_ID", "value": uid}
        version = {"commit_audit": _audit(change, audit), "lifecycle_state": _coded("complete", "532")}
        self.objects.setdefault(uid.partition("::")[0], []).append(InterpretedVersion(uid, content, version))

    def finished(self) -> InterpretedEhr:
        objects = tuple(InterpretedObject(uid, tuple(versions)) for uid, versions in self.objects.items())
        return InterpretedEhr(self.ehr_id, SYSTEM, "2024-01-01T12:00:00Z", objects)


def recorded_queries() -> list[RecordedQuery]:
    """Return every recorded query; [] where the recordings are absent."""
    return list(_queries()) if shared_folder() is not None else []


@cache
def records(setup: int) -> tuple[InterpretedEhr, ...]:
    """Return the EHRs that a set-up leaves behind."""
    ehrs: dict[str, _Ehr] = {}
    for step in _suites()[setup]["setup"]:
        path, method = step["p"], step["m"]
        if "format=FLAT" in path:
            ehr_id = path.partition("ehrId=")[2].partition("&")[0]
            ehrs[ehr_id].add(step["id"], _flat_composition(setup, step), "creation")
        if not path.startswith("/ehr") or method == "GET":
            continue
        kind = path.partition("?")[0].split("/")[3:4]
        if not kind:
            ehr = ehrs[step["id"]] = _Ehr(step["id"])
            status = _content(step["b"], rm.EhrStatus) if "b" in step else {"_type": "EHR_STATUS"}
            ehr.add(f"5{step['id'][1:]}::{SYSTEM}::1", status, "creation")
            continue
        ehr = ehrs[path.split("/")[2]]
        if kind == ["composition"]:
            _composition(ehr, step)
        elif kind == ["ehr_status"]:
            head = next(uid for uid, versions in ehr.objects.items() if versions[-1].uid.startswith("5"))
            ehr.add(f"{head}::{SYSTEM}::2", _content(step["b"], rm.EhrStatus), "modification")
        elif kind == ["directory"]:
            folder = _content(step["b"], rm.Folder)
            # A folder that comes with an id keeps it as the id of its object.
            ehr.add(f"{folder['uid']['value']}::{SYSTEM}::1" if "uid" in folder else step["id"], folder, "creation")
        elif kind == ["contribution"]:
            _contribution(ehr, step, _number_before(setup))
    return tuple(ehr.finished() for ehr in ehrs.values())


def same(expected: Any, found: Any, excluded: tuple[str, ...] = ()) -> bool:
    """Tell whether a value is the recorded one.

    The recording leaves out `_type` in places, has no ids of EHR_STATUS, and asks not to look at some uids.
    """
    if isinstance(expected, dict) and isinstance(found, dict):
        names = (expected.keys() | found.keys()) - {"_type", *excluded}
        return all(name in expected and name in found and same(expected[name], found[name]) for name in names)
    if isinstance(expected, list) and isinstance(found, list):
        return len(expected) == len(found) and all(map(same, expected, found))
    if isinstance(expected, str) and expected.startswith("5000") and _UUID.match(expected):
        return isinstance(found, str) and _UUID.match(found) is not None
    if isinstance(expected, bool) or isinstance(found, bool):
        return expected is found
    return bool(expected == found)


def same_rows(query: RecordedQuery, found: list[list[Any]]) -> bool:
    """Tell whether the answer is the recorded one, in any order where the recording does not look at the order."""
    if query.rows is None:
        return query.row_count is None or len(found) == query.row_count
    excluded = ("uid",) if any("['uid']" in path for path in query.excluded) else ()
    left = list(found)
    for row in query.rows:
        places = range(1 if query.is_ordered else len(left))
        place = next((at for at in places if left and _same_row(row, left[at], excluded)), None)
        if place is None:
            return False
        left.pop(place)
    return not left


def _same_row(expected: list[Any], found: list[Any], excluded: tuple[str, ...]) -> bool:
    return len(expected) == len(found) and all(same(*pair, excluded) for pair in zip(expected, found, strict=True))


def _queries() -> Iterator[RecordedQuery]:
    for number, suite in enumerate(_suites()):
        for case in suite["cases"]:
            for index, query in enumerate(case["queries"]):
                expected = (case["expected"] or [None] * len(case["queries"]))[index : index + 1]
                answer = expected[0] if expected else None
                counts = case["row_counts"] or []
                yield RecordedQuery(
                    case=case["id"],
                    text=query["q"],
                    parameters=query["params"] or {},
                    rows=None if answer is None else answer["rows"],
                    row_count=counts[index] if index < len(counts) else None,
                    is_ordered=bool(answer and answer["ordered"]),
                    excluded=tuple(answer["exclude_paths"] or ()) if answer else (),
                    setup=number,
                )


@cache
def _suites() -> list[dict[str, Any]]:
    return json.loads(shared("data", "recorded", "aql_cases.json").read_bytes())


@cache
def _elsewhere() -> dict[str, str]:
    return json.loads(shared("data", "recorded", "bodies_in_repo_files.json").read_bytes())


def _body(digest: str) -> bytes:
    own = shared("data", "recorded", "bodies", digest)
    return own.read_bytes() if own.exists() else shared("data", *_elsewhere()[digest].split("\t")).read_bytes()


def _content(digest: str, rm_class: type[rm.RmObject]) -> dict[str, Any]:
    return _plain(canonical_json.decode(_body(digest), rm_class))


def _plain(obj: rm.RmObject) -> dict[str, Any]:
    return orjson.loads(canonical_json.encode(obj))


def _composition(ehr: _Ehr, step: dict[str, Any]) -> None:
    if step["m"] == "DELETE":
        object_id, system, version = step["p"].rpartition("/")[2].split("::")
        ehr.add(f"{object_id}::{system}::{int(version) + 1}", None, "deleted")
        return
    content = _content(step["b"], rm.Composition)
    if step["m"] == "PUT":
        object_id = step["id"].partition("::")[0]
        if step["ifm"] == ehr.objects[object_id][-1].uid:
            ehr.add(step["id"], content, "modification")
        return
    ehr.add(step["id"], content, "creation")


def _flat_composition(setup: int, step: dict[str, Any]) -> dict[str, Any]:
    source = next(each for each in _suites()[setup]["setup"] if each.get("template_id") == step["tid"])
    template = read_opt(_body(source["b"]))
    mapping = json.loads(_body(step["b"]))
    return _plain(flat.decode(mapping, build(template), template, now=datetime(2024, 1, 1, tzinfo=UTC)))


def _contribution(ehr: _Ehr, step: dict[str, Any], number: int) -> None:
    """Commit the one version of a contribution, under the number that the recording gave its composition."""
    (version,) = json.loads(_body(step["b"]))["versions"]
    data = canonical_json.decode_value(version["data"], rm.Composition)
    uid = f"c{number:07x}-0000-4000-8000-{number:012x}::{SYSTEM}::1"
    ehr.add(uid, _plain(data), "creation", version["commit_audit"])


def _number_before(setup: int) -> int:
    """Return the number before the first composition of a set-up: the one that its contribution made."""
    numbers = [int(step["id"][1:8], 16) for step in _suites()[setup]["setup"] if step.get("id", "").startswith("c0")]
    return min(numbers) - 1


_CHANGES = {"creation": "249", "modification": "251", "deleted": "523"}


def _audit(change: str, given: dict[str, Any] | None) -> dict[str, Any]:
    audit: dict[str, Any] = {
        "_type": "AUDIT_DETAILS",
        "system_id": SYSTEM,
        "time_committed": {"_type": "DV_DATE_TIME", "value": "2024-01-01T12:00:00Z"},
        "change_type": _coded(change, _CHANGES[change]),
    }
    description = (given or {}).get("description")
    return (
        audit if description is None else {**audit, "description": {"_type": "DV_TEXT", "value": description["value"]}}
    )


def _coded(value: str, code: str) -> dict[str, Any]:
    terminology = {"_type": "TERMINOLOGY_ID", "value": "openehr"}
    phrase = {"_type": "CODE_PHRASE", "terminology_id": terminology, "code_string": code, "preferred_term": value}
    return {"_type": "DV_CODED_TEXT", "value": value, "defining_code": phrase}
