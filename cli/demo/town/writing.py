"""A synthetic municipality as files: what to load, in what order, and what the shipped queries must then answer.

- `ehrs.ndjson`: `{"ehr_id", "ehr_status"}`, one EHR a line;
- `compositions.ndjson`: `{"ehr_id", "key", "composition"}`, records that begin complete, for `kilde import`;
- `changes.ndjson`: `{"ehr_id", "key", "version", "lifecycle_state", "composition"}`, drafts and later versions;
- `expected.json`: `{"seed", "residents", "queries"}`, the last as `cli.demo.town.answers` says.

`key` is the id of the record in its source system, which also stands in the FEEDER_AUDIT of the composition.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from cli.demo.status import ehr_status
from cli.demo.town.answers import expected
from cli.demo.town.composing import composition_json
from cli.demo.town.loading import lines_of
from cli.demo.town.statements import Life, State


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """How much went into the files: EHRs and versions."""

    ehrs: int
    versions: int


def write(folder: Path, town: Iterable[Life], *, seed: int, written: Callable[[int], None]) -> Written:
    """Write the files into a folder, made if absent; `written` is told how many residents are done."""
    folder.mkdir(parents=True, exist_ok=True)
    lives: list[Life] = []
    versions = 0
    with ExitStack() as files:
        ehrs, compositions, changes = (
            files.enter_context((folder / f"{name}.ndjson").open("wb")) for name in ("ehrs", "compositions", "changes")
        )
        for life in town:
            ehr_id = life.resident.ehr_id
            ehrs.write(_line({"ehr_id": ehr_id, "ehr_status": ehr_status(life.resident)}))
            for _, line in lines_of(life):
                compositions.write(line + b"\n")
                versions += 1
            for change in _changes(life):
                changes.write(change)
                versions += 1
            lives.append(life)
            written(1)
    answers = {"seed": seed, "residents": len(lives), "queries": expected(lives)}
    (folder / "expected.json").write_text(json.dumps(answers, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    return Written(ehrs=len(lives), versions=versions)


def _changes(life: Life) -> Iterable[bytes]:
    """Yield the lines with drafts and later versions."""
    for record in life.records:
        for number, version in enumerate(record.versions, 1):
            if number == 1 and version.state is State.COMPLETE:
                continue
            document = version.document
            composition = json.loads(composition_json(document, record.key)) if document else None
            yield _line(
                {
                    "ehr_id": life.resident.ehr_id,
                    "key": record.key,
                    "version": number,
                    "lifecycle_state": version.state,
                    "composition": composition,
                }
            )


def _line(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode() + b"\n"
