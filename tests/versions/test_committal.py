"""Committal headers and audits."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from cdr import rm
from cdr.errors import BadParameter
from cdr.identity import Caller
from cdr.versioning.committal import NOTHING_SAID, audit_of, committal_of_headers, time_text
from cdr.versioning.model import ChangeType, Lifecycle

CALLER = Caller(tenant="oslo", person="nina", role="user")
NOON = datetime(2024, 5, 17, 12, 0, 0, 250_000, tzinfo=UTC)


def test_the_example_of_the_specification_is_read() -> None:
    said = committal_of_headers(
        ['lifecycle_state.code_string="532"'],
        [
            'change_type.code_string="251"',
            'description.value="An updated composition, with comma; and \\"quotes\\""',
            'committer.name="John Doe",committer.external_ref.id="BC81",'
            'committer.external_ref.namespace="demographic",committer.external_ref.type="PERSON"',
        ],
    )
    assert said.lifecycle is Lifecycle.COMPLETE
    assert said.change_type is ChangeType.MODIFICATION
    assert said.description is not None
    assert said.description.value == 'An updated composition, with comma; and "quotes"'
    assert isinstance(said.committer, rm.PartyIdentified)
    assert said.committer.name == "John Doe"
    assert said.committer.external_ref is not None
    assert (said.committer.external_ref.namespace, said.committer.external_ref.type) == ("demographic", "PERSON")


def test_no_header_says_nothing() -> None:
    assert committal_of_headers([], []) == NOTHING_SAID


@pytest.mark.parametrize(
    ("versions", "audits"),
    [
        (['lifecycle_state.code_string="999"'], []),
        (['colour="red"'], []),
        ([], ['change_type.code_string="abc"']),
        ([], ["committer.name"]),
        ([], ['committer.name="unfinished']),
        ([], ['committer.shoe_size="43"']),
        ([], ["=1"]),
        ([], ['description.value="' + "x" * 9000 + '"']),
    ],
)
def test_a_header_that_cannot_be_read_is_a_bad_parameter(versions: list[str], audits: list[str]) -> None:
    with pytest.raises(BadParameter):
        committal_of_headers(versions, audits)


def test_what_was_not_said_comes_from_the_caller_and_the_clock() -> None:
    audit = audit_of(CALLER, NOTHING_SAID, default=ChangeType.CREATION, system_id="local.kilde", time=NOON)
    assert audit.system_id == "local.kilde"
    assert audit.time_committed.value == "2024-05-17T12:00:00.250Z"
    assert audit.change_type.defining_code.code_string == "249"
    assert audit.change_type.value == "creation"
    assert isinstance(audit.committer, rm.PartyIdentified)
    assert audit.committer.name == "nina"


def test_system_and_time_cannot_be_set_from_outside() -> None:
    said = committal_of_headers([], ['system_id="evil",time_committed.value="1999-01-01T00:00:00Z"'])
    audit = audit_of(CALLER, said, default=ChangeType.CREATION, system_id="local.kilde", time=NOON)
    assert (audit.system_id, audit.time_committed.value) == ("local.kilde", time_text(NOON))
