"""Which change is allowed on which version: tables of change type and lifecycle state, and their words.

Theory: the change type says what the committer did (249 creation, 250 amendment, 251 modification, 523 deleted...),
the lifecycle state says what the new version is (532 complete, 553 incomplete, 523 deleted, 800 inactive,
801 abandoned). Three rules bind them:

1. A creation has no preceding version; every other change has one.
2. The change type 523 and the state 523 come together, and a deleted version has no data. A deletion is a version like
   any other, so nothing is lost and the object can be restored.
3. States follow each other as in `TRANSITIONS`; a deleted object comes back by a restoration (816) alone.

RM 1.1.0 draws the state machine as a picture and lists only the less common transitions in words. The table adds what
the words imply: a complete version may be followed by a draft of its successor.
Source: RM 1.1.0, common, change_control, Version Lifecycle;
https://specifications.openehr.org/releases/RM/Release-1.1.0/common.html#_version_lifecycle
"""

from __future__ import annotations

from cdr import rm
from cdr.errors import BadParameter, Invalid
from cdr.issue import Issue
from cdr.versioning.model import ChangeType, Lifecycle, ObjectKind

CHANGE_WORDS: dict[ChangeType, str] = {
    ChangeType.CREATION: "creation",
    ChangeType.AMENDMENT: "amendment",
    ChangeType.MODIFICATION: "modification",
    ChangeType.SYNTHESIS: "synthesis",
    ChangeType.UNKNOWN: "unknown",
    ChangeType.DELETED: "deleted",
    ChangeType.ATTESTATION: "attestation",
    ChangeType.RESTORATION: "restoration",
    ChangeType.FORMAT_CONVERSION: "format conversion",
}

LIFECYCLE_WORDS: dict[Lifecycle, str] = {
    Lifecycle.COMPLETE: "complete",
    Lifecycle.INCOMPLETE: "incomplete",
    Lifecycle.DELETED: "deleted",
    Lifecycle.INACTIVE: "inactive",
    Lifecycle.ABANDONED: "abandoned",
}

TRANSITIONS: dict[Lifecycle | None, frozenset[Lifecycle]] = {
    None: frozenset({Lifecycle.COMPLETE, Lifecycle.INCOMPLETE}),
    Lifecycle.COMPLETE: frozenset({Lifecycle.COMPLETE, Lifecycle.INCOMPLETE, Lifecycle.INACTIVE, Lifecycle.DELETED}),
    Lifecycle.INCOMPLETE: frozenset(Lifecycle),
    Lifecycle.INACTIVE: frozenset({Lifecycle.INACTIVE, Lifecycle.COMPLETE, Lifecycle.INCOMPLETE, Lifecycle.DELETED}),
    Lifecycle.ABANDONED: frozenset({Lifecycle.ABANDONED, Lifecycle.INCOMPLETE, Lifecycle.DELETED}),
    Lifecycle.DELETED: frozenset({Lifecycle.COMPLETE, Lifecycle.INCOMPLETE}),
}


def check_change(change: ChangeType, *, before: Lifecycle | None, after: Lifecycle, has_data: bool) -> None:
    """Raise `Invalid` when the change breaks one of the three rules; `before` is None for a new object."""
    if change is ChangeType.CREATION and before is not None:
        raise _refused("a change type other than 249 (creation) for an object that has versions", "/commit_audit")
    if change is not ChangeType.CREATION and before is None:
        raise _refused("the change type 249 (creation) for a new object", "/commit_audit")
    if (change is ChangeType.DELETED) != (after is Lifecycle.DELETED):
        raise _refused("the change type 523 (deleted) together with the lifecycle state 523", "/lifecycle_state")
    if has_data == (after is Lifecycle.DELETED):
        raise _refused("data in every version but a deleted one", "/data")
    if before is Lifecycle.DELETED and change is not ChangeType.RESTORATION:
        raise _refused("the change type 816 (restoration) for an object that is deleted", "/commit_audit")
    if after not in TRANSITIONS[before]:
        words = " or ".join(sorted(LIFECYCLE_WORDS[state] for state in TRANSITIONS[before]))
        raise _refused(f"one of the lifecycle states that may follow here ({words})", "/lifecycle_state")


def check_stays(kind: ObjectKind, *, after: Lifecycle) -> None:
    """Raise `Invalid` when the status of an EHR would go: an EHR always has one.

    Source: RM 1.1.0, ehr, EHR.ehr_status: 1..1.
    """
    if kind is ObjectKind.EHR_STATUS and after in (Lifecycle.DELETED, Lifecycle.ABANDONED):
        raise _refused("a status that stays, since an EHR always has one", "/lifecycle_state")


def change_type_of(code: str) -> ChangeType:
    """Return the change type of a code; `BadParameter` when the openEHR group has no such code."""
    try:
        return ChangeType(code)
    except ValueError as error:
        raise BadParameter("a code of the openEHR group 'audit change type'", code="CHANGE_TYPE") from error


def lifecycle_of(code: str) -> Lifecycle:
    """Return the lifecycle state of a code; `BadParameter` when the openEHR group has no such code."""
    try:
        return Lifecycle(code)
    except ValueError as error:
        raise BadParameter("a code of the openEHR group 'version lifecycle state'", code="LIFECYCLE_STATE") from error


def change_text(change: ChangeType) -> rm.DvCodedText:
    """Return the change type as AUDIT_DETAILS carries it."""
    return _coded(CHANGE_WORDS[change], change)


def lifecycle_text(state: Lifecycle) -> rm.DvCodedText:
    """Return the lifecycle state as ORIGINAL_VERSION carries it."""
    return _coded(LIFECYCLE_WORDS[state], state)


def _coded(word: str, code: str) -> rm.DvCodedText:
    return rm.DvCodedText(
        value=word,
        defining_code=rm.CodePhrase(terminology_id=rm.TerminologyId(value="openehr"), code_string=str(code)),
    )


def _refused(expected: str, path: str) -> Invalid:
    issue = Issue(code="RM_VERSION", path=path, expected=expected)
    return Invalid("the change does not fit the state of the versioned object", code="RM_VERSION", issues=[issue])
