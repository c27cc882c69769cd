"""Version uids: reading OBJECT_VERSION_ID and finding the uid of the next version.

Comes in: text from a URL, a header or a body, and the uid of the version that is built on. Goes out: `VersionUid`.

Theory: `object_id::creating_system_id::version_tree_id`. A version made here gets this system's id. When the version it
builds on was made here too, the number counts on: on the trunk 2 follows 1, on a branch 1.1.2 follows 1.1.1. When it
was made elsewhere (an imported version), a local change is a branch of it: 2 of system A becomes 2.1.1 of system B, so
that the next trunk version of A can still be taken in without a clash.
Source: RM 1.1.0, common, change_control, Version Identification;
https://specifications.openehr.org/releases/RM/Release-1.1.0/common.html#_version_identification
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass

from cdr.errors import BadParameter

# BASE, base_types.identification: UID is a UUID, an OID or an internet id; all fit this lexical frame.
_UID = r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?"
_TREE = r"[1-9][0-9]{0,8}(?:\.[1-9][0-9]{0,8}\.[1-9][0-9]{0,8})?"
_OBJECT_ID = re.compile(_UID)
# The three kinds of UID as the section gives them: UUID, ISO_OID and INTERNET_ID, of which the last two have dots.
_HEX = "[0-9A-Fa-f]"
_LABEL = r"[A-Za-z](?:[A-Za-z0-9-]*[A-Za-z0-9])?"
_STRICT_UID = re.compile(
    rf"{_HEX}{{8}}(?:-{_HEX}{{4}}){{3}}-{_HEX}{{12}}|(?:0|[1-9][0-9]*)(?:\.(?:0|[1-9][0-9]*))+|{_LABEL}(?:\.{_LABEL})+"
)
_VERSION_UID = re.compile(rf"({_UID})::({_UID})::({_TREE})")
_LONGEST = 512


@dataclass(frozen=True, slots=True)
class VersionTreeId:
    """The place of a version in its tree: a trunk number, on a branch also the branch and the number on it."""

    trunk: int
    branch: int = 0
    on_branch: int = 0

    @property
    def is_branch(self) -> bool:
        """Tell whether the version stands on a branch."""
        return self.branch > 0

    def __str__(self) -> str:
        return f"{self.trunk}.{self.branch}.{self.on_branch}" if self.is_branch else str(self.trunk)

    def next(self) -> VersionTreeId:
        """Return the next place on the same line."""
        if self.is_branch:
            return VersionTreeId(self.trunk, self.branch, self.on_branch + 1)
        return VersionTreeId(self.trunk + 1)


@dataclass(frozen=True, slots=True)
class VersionUid:
    """The three parts of an OBJECT_VERSION_ID."""

    object_id: str
    system_id: str
    tree: VersionTreeId

    def __str__(self) -> str:
        return f"{self.object_id}::{self.system_id}::{self.tree}"


FIRST = VersionTreeId(1)


def is_object_id(text: str) -> bool:
    """Tell whether the text can be the id of a versioned object or an EHR (a UID without extension)."""
    return len(text) <= _LONGEST and _OBJECT_ID.fullmatch(text) is not None


def is_uid(text: str) -> bool:
    """Tell whether the text is a UUID, an OID or an internet id; what new ids are held to, while reads take more."""
    return len(text) <= _LONGEST and _STRICT_UID.fullmatch(text) is not None


def is_version_uid(text: str) -> bool:
    """Tell whether the text has the three parts of a version uid."""
    return len(text) <= _LONGEST and _VERSION_UID.fullmatch(text) is not None


def read_version_uid(text: str) -> VersionUid:
    """Return the parts of a version uid.

    Errors: `BadParameter` when the text is none.
    Example:
        >>> str(read_version_uid("8849182c-82ad-4088-a07f-48ead4180515::local.kilde::2").tree.next())
        '3'
    """
    found = _VERSION_UID.fullmatch(text) if len(text) <= _LONGEST else None
    if found is None:
        raise BadParameter("a version uid has the form object_id::system_id::version", code="VERSION_UID")
    return VersionUid(found[1], found[2], read_tree_id(found[3]))


def read_tree_id(text: str) -> VersionTreeId:
    """Return the parts of a version-tree id such as `2` or `1.1.3`; `BadParameter` when the text is none."""
    if re.fullmatch(_TREE, text) is None:
        raise BadParameter("a version tree id has the form 1 or 1.1.1", code="VERSION_UID")
    return VersionTreeId(*(int(part) for part in text.split(".")))


def first_uid(object_id: str, *, system_id: str) -> VersionUid:
    """Return the uid of the first version of a new object."""
    return VersionUid(object_id, system_id, FIRST)


def next_uid(preceding: VersionUid, *, system_id: str, taken: Collection[str] = ()) -> VersionUid:
    """Return the uid of a new local version that builds on another one.

    `taken` holds the uids that the object has already; they matter only where a branch is opened.
    Example:
        >>> str(next_uid(read_version_uid("a::sysA::2"), system_id="sysB"))
        'a::sysB::2.1.1'
    """
    if preceding.system_id == system_id:
        return VersionUid(preceding.object_id, system_id, preceding.tree.next())
    branch = 1
    while True:
        candidate = VersionUid(preceding.object_id, system_id, VersionTreeId(preceding.tree.trunk, branch, 1))
        if str(candidate) not in taken:
            return candidate
        branch += 1
