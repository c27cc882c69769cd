"""Which change is allowed on which version."""

from __future__ import annotations

import itertools

import pytest

from cdr.errors import BadParameter, Invalid
from cdr.versioning.lifecycle import CHANGE_WORDS, LIFECYCLE_WORDS, change_type_of, check_change, lifecycle_of
from cdr.versioning.model import ChangeType, Lifecycle

COMPLETE, INCOMPLETE, DELETED = Lifecycle.COMPLETE, Lifecycle.INCOMPLETE, Lifecycle.DELETED


@pytest.mark.parametrize(
    ("change", "before", "after"),
    [
        (ChangeType.CREATION, None, COMPLETE),
        (ChangeType.CREATION, None, INCOMPLETE),
        (ChangeType.MODIFICATION, COMPLETE, COMPLETE),
        (ChangeType.AMENDMENT, COMPLETE, COMPLETE),
        (ChangeType.MODIFICATION, INCOMPLETE, COMPLETE),
        (ChangeType.MODIFICATION, INCOMPLETE, Lifecycle.ABANDONED),
        (ChangeType.MODIFICATION, Lifecycle.ABANDONED, INCOMPLETE),
        (ChangeType.MODIFICATION, COMPLETE, Lifecycle.INACTIVE),
        (ChangeType.MODIFICATION, Lifecycle.INACTIVE, COMPLETE),
        (ChangeType.ATTESTATION, COMPLETE, COMPLETE),
        (ChangeType.RESTORATION, DELETED, COMPLETE),
    ],
)
def test_these_changes_with_data_are_allowed(change: ChangeType, before: Lifecycle | None, after: Lifecycle) -> None:
    check_change(change, before=before, after=after, has_data=True)


@pytest.mark.parametrize("before", [COMPLETE, INCOMPLETE, Lifecycle.INACTIVE, Lifecycle.ABANDONED])
def test_every_state_but_deleted_can_be_deleted(before: Lifecycle) -> None:
    check_change(ChangeType.DELETED, before=before, after=DELETED, has_data=False)


@pytest.mark.parametrize(
    ("change", "before", "after", "has_data"),
    [
        (ChangeType.CREATION, COMPLETE, COMPLETE, True),
        (ChangeType.MODIFICATION, None, COMPLETE, True),
        (ChangeType.DELETED, None, DELETED, False),
        (ChangeType.DELETED, COMPLETE, COMPLETE, True),
        (ChangeType.MODIFICATION, COMPLETE, DELETED, False),
        (ChangeType.DELETED, COMPLETE, DELETED, True),
        (ChangeType.MODIFICATION, COMPLETE, COMPLETE, False),
        (ChangeType.MODIFICATION, DELETED, COMPLETE, True),
        (ChangeType.DELETED, DELETED, DELETED, False),
        (ChangeType.MODIFICATION, COMPLETE, Lifecycle.ABANDONED, True),
        (ChangeType.CREATION, None, Lifecycle.INACTIVE, True),
        (ChangeType.MODIFICATION, Lifecycle.ABANDONED, COMPLETE, True),
    ],
)
def test_these_changes_are_refused(
    change: ChangeType, before: Lifecycle | None, after: Lifecycle, has_data: bool
) -> None:
    with pytest.raises(Invalid) as refused:
        check_change(change, before=before, after=after, has_data=has_data)
    assert refused.value.issues[0].code == "RM_VERSION"


def test_every_combination_is_either_allowed_or_refused_with_an_issue() -> None:
    for change, before, after, has_data in itertools.product(ChangeType, [None, *Lifecycle], Lifecycle, [True, False]):
        try:
            check_change(change, before=before, after=after, has_data=has_data)
        except Invalid as refused:
            assert refused.issues
        else:
            assert (change is ChangeType.CREATION) == (before is None)
            assert has_data == (after is not DELETED)


def test_every_code_has_a_word_and_can_be_read() -> None:
    assert all(change_type_of(code) in CHANGE_WORDS for code in ChangeType)
    assert all(lifecycle_of(code) in LIFECYCLE_WORDS for code in Lifecycle)


def test_an_unknown_code_is_a_bad_parameter() -> None:
    with pytest.raises(BadParameter):
        change_type_of("999")
    with pytest.raises(BadParameter):
        lifecycle_of("complete")
