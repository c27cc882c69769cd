"""Measured residents as lines for a bulk commit: for measurements and tests that need many alike."""

from __future__ import annotations

import json
from collections.abc import Iterator

from cli.demo.residents import Resident
from cli.demo.vitals import compositions


def lines_of(resident: Resident, *, seed: int) -> Iterator[bytes]:
    """Yield a resident's compositions as lines for a bulk commit."""
    for composition in compositions(resident, seed=seed):
        yield json.dumps({"ehr_id": resident.ehr_id, "composition": composition}, ensure_ascii=False).encode()
