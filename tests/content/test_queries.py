"""The shipped queries against the shipped templates: what a query asks for is somewhere a template has it.

All full examples together are one resident, and the interpreter of AQL answers. The conditions of a query are left out
and their paths asked for, so that a path counts even where no example meets the condition.
"""

from __future__ import annotations

import json
from functools import cache
from typing import Any

import pytest

from aql.analyse import analyse
from aql.interpret import InterpretedEhr, InterpretedObject, InterpretedVersion, interpret
from aql.parser import parse
from aql.unparse import identified_path_text, source_text
from cdr import resources
from cdr.categories.queries import ShippedQuery, shipped_queries
from cdr.rm.catalog import CATALOG
from tests.engine.test_oracle import MOMENT

QUERIES = shipped_queries()

each = pytest.mark.parametrize("query", QUERIES, ids=[query.key for query in QUERIES])


@cache
def _resident() -> InterpretedEhr:
    """Return an EHR with the full example of every template."""
    objects = []
    for number, path in enumerate(resources.templates()):
        composition = json.loads((path.parent / "examples" / path.stem / "full.json").read_bytes())
        uid = f"00000000-0000-4000-8000-{number:012}::local.kilde::1"
        composition["uid"] = {"_type": "OBJECT_VERSION_ID", "value": uid}
        # Any composition may say where and by which system it was made, whatever its template.
        composition["context"] |= {
            "end_time": {"_type": "DV_DATE_TIME", "value": "2024-03-15T11:00:00+01:00"},
            "health_care_facility": {"_type": "PARTY_IDENTIFIED", "name": "Nordbyen legesenter"},
        }
        for entry in composition.get("content", []):
            source = {"_type": "FEEDER_AUDIT_DETAILS", "system_id": "fastlege"}
            entry["feeder_audit"] = {"_type": "FEEDER_AUDIT", "originating_system_audit": source}
        objects.append(
            InterpretedObject(uid.partition("::")[0], (InterpretedVersion(uid, composition, _version(uid)),))
        )
    return InterpretedEhr("7d44b88c-4199-4bad-97dc-d78268e01398", "local.kilde", "2024-01-01T00:00:00Z", tuple(objects))


def _version(uid: str) -> dict[str, Any]:
    committed = {"_type": "DV_DATE_TIME", "value": "2024-03-15T10:30:00+01:00"}
    return {
        "_type": "ORIGINAL_VERSION",
        "uid": {"_type": "OBJECT_VERSION_ID", "value": uid},
        "commit_audit": {"_type": "AUDIT_DETAILS", "time_committed": committed},
    }


def _all_paths(query: ShippedQuery) -> tuple[list[str], str]:
    """Return every path of a query, and the query that asks for all of them without conditions."""
    checked = analyse(parse(query.text), CATALOG)
    paths = list(dict.fromkeys(identified_path_text(path) for path in checked.paths))
    return paths, f"SELECT {', '.join(paths)} FROM {source_text(checked.query.source)}"


def test_there_are_the_45_queries_of_the_model() -> None:
    assert len(QUERIES) == 45


@each
def test_every_path_of_a_query_leads_to_something_in_a_template(query: ShippedQuery) -> None:
    paths, text = _all_paths(query)
    rows = interpret(analyse(parse(text), CATALOG), [_resident()], moment=MOMENT).rows
    assert rows
    assert [path for index, path in enumerate(paths) if all(row[index] is None for row in rows)] == []
