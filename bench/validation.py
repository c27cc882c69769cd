"""`python -m bench.validation`: decode + validate + encode of compositions, beside JSON Schema in the same run.

The compositions are made from a published one by repeating an entry of its template until the size is reached; the
schema is the official one of RM 1.1.0, checked with the `jsonschema` package. Both lie in the published test data
beside the checkout. The columns are milliseconds of one processor. JSON Schema checks structure only, and nothing of
the template.
"""

from __future__ import annotations

import argparse
import json
import statistics
import time
from collections.abc import Callable
from pathlib import Path

from jsonschema import Draft7Validator

from bench.machine import about_machine
from cdr import rm
from cdr.am.opt14 import read_opt
from cdr.am.template import OperationalTemplate
from cdr.formats import canonical_json
from cdr.validation import validate

_SOURCES = "data/ehrbase+integration-tests/tests/robot/_resources/test_data_sets/aql/data_load"
_COMPOSITION = "type_repetition_conformance_ehrbase.org_where1.json"
_TEMPLATE = f"{_SOURCES}/opts/type_repetition_conformance_ehrbase.org.opt"
_SCHEMA = "data/openEHR+specifications-ITS-JSON/components/openehr_rm_1.1.0_all.json"
_SIZES = (10, 50, 250)


def main() -> None:
    """Measure and print a markdown table."""
    parser = argparse.ArgumentParser(prog="python -m bench.validation", description=__doc__)
    parser.add_argument("--shared", type=Path, default=Path(__file__).parents[2] / "shared", help="published test data")
    parser.add_argument("--rounds", type=int, default=100, help="how often each composition is checked")
    options = parser.parse_args()
    template = read_opt((options.shared / _TEMPLATE).read_bytes())
    schema = Draft7Validator(json.loads((options.shared / _SCHEMA).read_bytes()))
    source = next((options.shared / _SOURCES).rglob(_COMPOSITION)).read_bytes()
    print("| composition | decode + validate + encode, median | p95 | validate alone, median | jsonschema, median |")
    print("|---|---|---|---|---|")
    for size in _SIZES:
        body = composition_of(source, template, kilobytes=size)
        print(_row(body, template, schema, rounds=options.rounds))
    print()
    print(about_machine(workers=None))


def composition_of(source: bytes, template: OperationalTemplate, *, kilobytes: int) -> bytes:
    """Return a valid composition of about a size: the source with entries left out or repeated."""
    composition = canonical_json.decode(source, rm.Composition)
    entries = list(composition.content or [])
    length = len(canonical_json.encode(composition))
    sizes = sorted(entries, key=lambda entry: len(canonical_json.encode(entry)))
    while length > kilobytes * 1000 * 1.1 and len(entries) > 1:
        entries.remove(sizes.pop())
        composition.content = list(entries)
        length = len(canonical_json.encode(composition))
    if length < kilobytes * 1000:
        each = len(canonical_json.encode(entries[0]))
        entries.extend(entries[0] for _ in range(round((kilobytes * 1000 - length) / each)))
        composition.content = list(entries)
    body = canonical_json.encode(composition)
    report = validate(canonical_json.decode(body, rm.Composition), template)
    assert report.is_valid, report.issues[:3]
    return body


def _row(body: bytes, template: OperationalTemplate, schema: Draft7Validator, *, rounds: int) -> str:
    def whole() -> None:
        composition = canonical_json.decode(body, rm.Composition)
        assert validate(composition, template).is_valid
        canonical_json.encode(composition)

    decoded = canonical_json.decode(body, rm.Composition)
    tree = json.loads(body)
    ours = _times(whole, rounds)
    alone = _times(lambda: validate(decoded, template), rounds)
    theirs = _times(lambda: schema.is_valid(tree), max(3, rounds // 25))
    columns = (statistics.median(ours), _p95(ours), statistics.median(alone), statistics.median(theirs))
    return f"| {len(body) / 1000:.0f} kB | " + " | ".join(f"{column:.2f}" for column in columns) + " |"


def _times(work: Callable[[], object], rounds: int) -> list[float]:
    """Return the milliseconds of each round after one that is not counted."""
    work()
    found: list[float] = []
    for _ in range(rounds):
        start = time.process_time()
        work()
        found.append((time.process_time() - start) * 1000)
    return found


def _p95(values: list[float]) -> float:
    return sorted(values)[int(len(values) * 0.95)]


if __name__ == "__main__":
    main()
