"""From the versions in a contribution's body to wishes: decoded, checked, each on the head that it builds on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from cdr import rm
from cdr.errors import BadInput, Invalid, KildeError
from cdr.formats import canonical_json
from cdr.identity import Caller
from cdr.issue import Issue
from cdr.services.checking import check_composition, check_object
from cdr.services.committing import Wish
from cdr.services.context import Context
from cdr.services.contribution_body import VersionBody
from cdr.services.lookup import base_of, head_of
from cdr.versioning.commit import Base, Original
from cdr.versioning.committal import committer_of, date_time
from cdr.versioning.lifecycle import change_text, lifecycle_of
from cdr.versioning.model import ChangeType, EhrRecord, Lifecycle, ObjectKind
from cdr.versioning.uid import read_version_uid

_CLASSES: tuple[type[rm.Locatable], ...] = (rm.Composition, rm.EhrStatus, rm.Folder)
_DRAFTS = (Lifecycle.INCOMPLETE, Lifecycle.ABANDONED)


def wishes_of(
    context: Context, caller: Caller, ehr: EhrRecord, *, versions: Sequence[VersionBody], is_repeat: bool
) -> list[Wish]:
    """Return one wish a version.

    `is_repeat` says that the contribution is stored already: heads have moved then and are not looked at.
    Errors: `Invalid` or `BadInput` with the issues of all versions; `NotFound`, `VersionConflict` of the first.
    """
    wishes: list[Wish] = []
    faults: list[KildeError] = []
    for at, version in enumerate(versions, 1):
        try:
            wishes.append(_wish(context, caller, ehr, version=version, is_repeat=is_repeat))
        except (BadInput, Invalid) as fault:
            faults.append(_placed(fault, f"/versions[{at}]"))
    if len(faults) == 1:
        raise faults[0]
    if faults:
        issues = [issue for fault in faults for issue in fault.issues]
        kind = BadInput if any(isinstance(fault, BadInput) for fault in faults) else Invalid
        raise kind(f"{len(faults)} versions cannot be committed", code="CONTRIBUTION", issues=issues)
    return wishes


def _wish(context: Context, caller: Caller, ehr: EhrRecord, *, version: VersionBody, is_repeat: bool) -> Wish:
    if version.imported is not None:
        return _imported(context, version)
    change_type = version.said.change_type or ChangeType.CREATION
    lifecycle = version.said.lifecycle or (Lifecycle.COMPLETE if version.data else Lifecycle.DELETED)
    root = None if version.data is None else canonical_json.decode_any(version.data, _CLASSES)
    base = kind = None
    if version.preceding_uid is not None:
        kind, base = _base(context, caller, ehr, uid=version.preceding_uid, is_repeat=is_repeat)
    if isinstance(root, rm.Locatable) and base is None:
        root.uid = None
    if change_type is ChangeType.ATTESTATION and root is None and version.preceding_uid is not None:
        root = _content_of(context, caller, version.preceding_uid)
    if root is not None:
        wanted = ObjectKind(root.rm_name())
        if kind is not None and kind is not wanted:
            raise _mismatch("/data", "the class of the earlier versions")
        kind = wanted
    if kind is None:
        raise _mismatch("/preceding_version_uid", "the uid of the version that is changed")
    said = replace(version.said, lifecycle=lifecycle)
    wish = Wish(
        kind=kind,
        default=change_type,
        root=root,
        base=base,
        said=said,
        signature=version.signature,
        attestations=tuple(_completed(context, caller, one) for one in version.attestations),
    )
    return _checked(context, wish, is_draft=lifecycle in _DRAFTS)


def _checked(context: Context, wish: Wish, *, is_draft: bool) -> Wish:
    """Return the wish with its template when its content is valid."""
    if isinstance(wish.root, rm.Composition):
        template = check_composition(context, wish.root, is_draft=is_draft, is_new=wish.base is None)
        return replace(wish, template_id=template.template_id, template_revision=template.revision)
    if wish.root is not None:
        check_object(context, wish.root, word=wish.root.rm_name(), is_draft=is_draft)
    return wish


def _base(
    context: Context, caller: Caller, ehr: EhrRecord, *, uid: str, is_repeat: bool
) -> tuple[ObjectKind | None, Base]:
    parts = read_version_uid(uid)
    if is_repeat:
        return None, Base(uid=parts, number=0, lifecycle=Lifecycle.COMPLETE)
    head = context.versions.head(parts.object_id)
    kind = head.kind if head else ObjectKind.COMPOSITION
    head = head_of(context, caller, ehr.ehr_id, kind=kind, object_id=parts.object_id)
    return kind, base_of(head, uid)


def _content_of(context: Context, caller: Caller, uid: str) -> rm.RmObject | None:
    """Return the content that an attestation is about: the next version carries it unchanged."""
    found = context.versions.version(uid, access=context.access(caller))
    if found is None or found.content is None:
        return None
    return canonical_json.decode_any(found.content, _CLASSES)


def _imported(context: Context, version: VersionBody) -> Wish:
    """Return the wish for an IMPORTED_VERSION: the original as it was, checked like any other content."""
    item = canonical_json.decode(version.imported or b"", rm.OriginalVersion)
    if item.uid is None or item.commit_audit is None or item.contribution is None or item.lifecycle_state is None:
        raise _mismatch("/item", "a whole ORIGINAL_VERSION")
    uid = read_version_uid(item.uid.value)
    head = context.versions.head(uid.object_id)
    lifecycle = lifecycle_of(item.lifecycle_state.defining_code.code_string)
    kind = head.kind if head else ObjectKind.COMPOSITION
    base = None
    if head is not None:
        base = Base(
            uid=read_version_uid(head.latest_uid), number=head.latest_number, lifecycle=Lifecycle(head.lifecycle)
        )
    preceding = item.preceding_version_uid
    wish = Wish(
        kind=ObjectKind(item.data.rm_name()) if item.data is not None else kind,
        default=ChangeType.CREATION,
        root=item.data,
        base=base,
        object_id=uid.object_id,
        said=replace(version.said, lifecycle=lifecycle),
        signature=item.signature,
        attestations=tuple(item.attestations or ()),
        other_input_uids=tuple(other.value for other in item.other_input_version_uids or ()),
        original=Original(
            uid=uid,
            preceding_uid=preceding.value if preceding is not None else None,
            contribution=item.contribution.id.value,
            audit=item.commit_audit,
        ),
    )
    return _checked(context, wish, is_draft=lifecycle in _DRAFTS)


def _completed(context: Context, caller: Caller, attestation: rm.Attestation) -> rm.Attestation:
    """Return the attestation with what only the system says, and its defaults."""
    attestation.system_id = context.system_id
    attestation.time_committed = date_time(context.clock.now())
    if _is_absent(attestation.change_type):
        attestation.change_type = change_text(ChangeType.ATTESTATION)
    if _is_absent(attestation.committer):
        attestation.committer = committer_of(caller)
    if _is_absent(attestation.is_pending):
        attestation.is_pending = False
    return attestation


def _is_absent(value: object) -> bool:
    """Tell whether a required attribute was left out: its annotation does not say that it can be."""
    return value is None


def _mismatch(path: str, expected: str) -> BadInput:
    issue = Issue(code="RM_VERSION", path=path, expected=expected)
    return BadInput("a version does not fit what it builds on", code="CONTRIBUTION", issues=[issue])


def _placed(fault: KildeError, where: str) -> KildeError:
    """Return the fault with its issues placed below the version that they are about."""
    issues = [replace(issue, path=f"{where}/data{issue.path}") for issue in fault.issues] or [
        Issue(code=fault.code, path=where, expected=fault.message)
    ]
    return type(fault)(fault.message, code=fault.code, issues=issues)
