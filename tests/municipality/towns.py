"""A synthetic municipality in a store, and how an answer is held against what the lives say."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from cdr.identity import Caller
from cdr.services.kernel import Services
from cdr.store.tenant import TenantStore
from cli.demo.town.answers import expected
from cli.demo.town.answers.asking import instant
from cli.demo.town.lives.life import lives
from cli.demo.town.loading import Inside, Loaded, load
from cli.demo.town.statements import Life
from tests.support.http import services_over

CALLER = Caller(tenant="town", person="tester", role="admin")
# JSON of answers and cells.
Json = Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Town:
    """A municipality that was loaded: what the lives say, and the services to ask."""

    services: Services
    lives: tuple[Life, ...]
    loaded: Loaded
    expected: dict[str, Json]


def town_in(store: TenantStore, count: int, *, seed: int) -> Town:
    """Load a municipality into an empty store."""
    services = services_over(store)
    people = tuple(lives(count, seed=seed))
    loaded = load(Inside(services, CALLER), people, stored=lambda _: None)
    # Through JSON, as the file has it.
    return Town(services=services, lives=people, loaded=loaded, expected=json.loads(json.dumps(expected(people))))


def differences(town: Town, key: str, text: str) -> Iterator[str]:
    """Yield what is wrong with the answers to a query, for every set of parameters."""
    known = town.expected[key]
    query = town.services.query
    assert query is not None
    for one in known["answers"]:
        answer = query.run(CALLER, text, parameters=one["parameters"])
        columns = [column.name for column in answer.columns]
        if columns != known["columns"]:
            yield f"{key}: columns {columns} instead of {known['columns']}"
            return
        found = [json.loads(json.dumps(list(row))) for row in answer.rows]
        wanted = [[_settled(cell, town, one["parameters"]) for cell in row] for row in one["rows"]]
        difference = _difference(found, wanted)
        if difference is None and known["newest_by"]:
            difference = _disorder(found, wanted, columns.index(known["newest_by"]))
        if difference is not None:
            yield f"{key} {one['parameters']}: {difference}"


def _difference(found: list[Json], wanted: list[Json]) -> str | None:
    """Return how the rows differ, whatever their order."""
    found_rows, wanted_rows = (Counter(_comparable(row) for row in rows) for rows in (found, wanted))
    if found_rows == wanted_rows:
        return None
    return f"not found {list(wanted_rows - found_rows)[:2]}, not expected {list(found_rows - wanted_rows)[:2]}"


def _disorder(found: list[Json], wanted: list[Json], column: int) -> str | None:
    """Return where the order of the sorted column differs."""
    orders = [[row[column] and instant(row[column]) for row in rows] for rows in (found, wanted)]
    return None if orders[0] == orders[1] else f"order {orders[0][:5]} instead of {orders[1][:5]}"


def _comparable(row: list[Json]) -> str:
    """Return a row as text in which numbers of one value are the same, and objects have sorted keys."""
    plain = [float(cell) if isinstance(cell, int) and not isinstance(cell, bool) else cell for cell in row]
    return json.dumps(plain, sort_keys=True, ensure_ascii=False)


def _settled(cell: Json, town: Town, parameters: dict[str, str]) -> Json:
    """Return a cell with what the server decided: the uid of a version, the time of its commit."""
    if not isinstance(cell, dict) or not ({"$uid", "$committed"} & set(cell)):
        return cell
    key = cell.get("$uid") or cell.get("$committed")
    object_id, system, _ = town.loaded.uids[key].split("::")
    uid = f"{object_id}::{system}::{cell['version']}"
    if "$uid" in cell:
        return uid
    ehr_id = parameters["ehr_id"]
    stored = town.services.composition.read(CALLER, ehr_id, uid_based_id=uid).time_committed
    return stored.isoformat(timespec="milliseconds").replace("+00:00", "Z")
