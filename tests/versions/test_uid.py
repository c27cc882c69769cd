"""Version uids: reading and succession."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cdr.errors import BadParameter
from cdr.versioning.uid import VersionTreeId, VersionUid, first_uid, is_version_uid, next_uid, read_version_uid

OBJECT = "8849182c-82ad-4088-a07f-48ead4180515"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (f"{OBJECT}::sysB::1", f"{OBJECT}::sysB::2"),
        (f"{OBJECT}::sysB::99", f"{OBJECT}::sysB::100"),
        (f"{OBJECT}::sysB::1.1.1", f"{OBJECT}::sysB::1.1.2"),
        (f"{OBJECT}::sysA::2", f"{OBJECT}::sysB::2.1.1"),
        (f"{OBJECT}::sysA::2.3.4", f"{OBJECT}::sysB::2.1.1"),
    ],
)
def test_a_version_made_here_counts_on_and_one_made_elsewhere_is_branched(before: str, after: str) -> None:
    assert str(next_uid(read_version_uid(before), system_id="sysB")) == after


def test_a_branch_takes_the_first_free_number() -> None:
    taken = {f"{OBJECT}::sysB::2.1.1", f"{OBJECT}::sysB::2.2.1"}
    assert str(next_uid(read_version_uid(f"{OBJECT}::sysA::2"), system_id="sysB", taken=taken)).endswith("::2.3.1")


def test_the_first_version_is_number_one() -> None:
    assert str(first_uid(OBJECT, system_id="local.kilde")) == f"{OBJECT}::local.kilde::1"


@pytest.mark.parametrize(
    "text",
    [
        "",
        OBJECT,
        f"{OBJECT}::sys",
        f"{OBJECT}::sys::",
        f"{OBJECT}::sys::0",
        f"{OBJECT}::sys::01",
        f"{OBJECT}::sys::1.1",
        f"{OBJECT}::sys::1.1.1.1",
        f"{OBJECT}::sys::-1",
        f"{OBJECT}::sys::1::2",
        f"{OBJECT}:: sys::1",
        f"{OBJECT}::sys::1\n",
        f"{OBJECT}::../etc::1",
        f"{OBJECT}::sys::9999999999",
        "a" * 600 + "::sys::1",
        "$where::sys::1",
    ],
)
def test_other_texts_are_no_version_uid(text: str) -> None:
    assert not is_version_uid(text)
    with pytest.raises(BadParameter):
        read_version_uid(text)


trees = st.one_of(
    st.integers(1, 999_999_999).map(VersionTreeId),
    st.builds(VersionTreeId, *[st.integers(1, 999_999_999)] * 3),
)


@given(st.uuids().map(str), st.sampled_from(["local.kilde", "no.oslo.kilde-2", "1.2.3"]), trees)
def test_reading_what_was_written_gives_the_same_uid(object_id: str, system: str, tree: VersionTreeId) -> None:
    uid = VersionUid(object_id, system, tree)
    assert read_version_uid(str(uid)) == uid


@given(trees)
def test_the_next_place_stays_on_its_line_and_is_one_further(tree: VersionTreeId) -> None:
    following = tree.next()
    assert following.is_branch == tree.is_branch
    if tree.is_branch:
        assert (following.trunk, following.branch, following.on_branch) == (tree.trunk, tree.branch, tree.on_branch + 1)
    else:
        assert following.trunk == tree.trunk + 1
