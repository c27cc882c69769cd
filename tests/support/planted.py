"""What must never stand in a log: identity numbers and texts that tests plant wherever a request can hold something.

Every server and every database of a test run is looked through when it ends: see `tests.support.command.serving` and
`tests.support.mongo.embedded_mongo`.
"""

from __future__ import annotations

import re
from pathlib import Path

from cli.demo.residents import SEED, residents

CANARY = "Kanarifugl-27182818"
IDENTITY = "01815012345"
_PEOPLE = 400
# Logs hold other long numbers, so that only whole ones count.
_NUMBER = re.compile(rb"(?<![0-9])[0-9]{11}(?![0-9])")


def leaks_in(*logs: Path) -> list[str]:
    """Return where planted texts stand: name and line of each; [] where a log is absent."""
    people = {one.identity.encode() for seed in (SEED, 7) for one in residents(_PEOPLE, seed=seed)}
    people.add(IDENTITY.encode())
    found = []
    for log in logs:
        if not log.exists():
            continue
        for number, line in enumerate(log.read_bytes().splitlines(), 1):
            if CANARY.encode() in line or not people.isdisjoint(_NUMBER.findall(line)):
                found.append(f"{log.name}, line {number}")
    return found
