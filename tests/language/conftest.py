"""Records that several tests of the language ask about."""

from __future__ import annotations

import pytest

from aql.interpret import InterpretedEhr
from tests.language.small_records import composition, ehr, element, event, observation, quantity


@pytest.fixture
def two_events() -> InterpretedEhr:
    """One observation with two events of two elements each."""
    return ehr(
        "e1",
        composition(
            observation(
                "bp.v1",
                event(element("at0004", quantity(120)), element("at0005", quantity(80)), time="2024-01-01T10:00:00"),
                event(element("at0004", quantity(140)), element("at0005", quantity(90)), time="2024-01-02T10:00:00"),
            )
        ),
    )
