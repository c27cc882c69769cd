"""Finding what a request names, or saying that it is not there: EHRs, versions, templates.

All services start here, so that an unknown id, one of another EHR and one that the caller may not see give the same
answer.
"""

from __future__ import annotations

from datetime import datetime

from cdr.errors import Conflict, Deleted, Invalid, NotFound, PreconditionMissing, VersionConflict
from cdr.identity import Caller
from cdr.issue import Issue
from cdr.ports import Head, TemplateRecord
from cdr.services.context import Context
from cdr.services.registered import not_registered, registered
from cdr.versioning.commit import Base
from cdr.versioning.model import EhrRecord, Lifecycle, ObjectKind, VersionRecord
from cdr.versioning.uid import is_object_id, is_version_uid, read_version_uid

WORDS = {
    ObjectKind.COMPOSITION: "composition",
    ObjectKind.EHR_STATUS: "EHR status",
    ObjectKind.FOLDER: "directory",
    ObjectKind.EHR_ACCESS: "EHR access",
    ObjectKind.PARTY: "party",
}


def ehr_of(context: Context, caller: Caller, ehr_id: str) -> EhrRecord:
    """Return the EHR; `NotFound` when there is none that the caller may see."""
    found = context.versions.ehr(ehr_id, access=context.access(caller)) if is_object_id(ehr_id) else None
    if found is None:
        raise NotFound("no EHR has this id", code="EHR_UNKNOWN")
    return found


def modifiable_ehr_of(context: Context, caller: Caller, ehr_id: str) -> EhrRecord:
    """Return the EHR; `Conflict` when its status says that it must not be modified.

    Source: RM 1.1.0, ehr, EHR_STATUS.is_modifiable.
    """
    found = ehr_of(context, caller, ehr_id)
    if not found.is_modifiable:
        raise Conflict("the EHR does not allow modification (EHR_STATUS.is_modifiable is false)", code="EHR_LOCKED")
    return found


def version_of(context: Context, caller: Caller, ehr_id: str, *, kind: ObjectKind, uid: str) -> VersionRecord:
    """Return one version by its version uid, deleted ones too; `NotFound` when the EHR has none."""
    found = context.versions.version(uid, access=context.access(caller)) if is_version_uid(uid) else None
    return _belonging(found, ehr_id, kind)


def latest_of(
    context: Context, caller: Caller, ehr_id: str, *, kind: ObjectKind, object_id: str, at: datetime | None = None
) -> VersionRecord:
    """Return the newest version of an object, or the one that was the newest at a time; deleted ones too."""
    access = context.access(caller)
    if not is_object_id(object_id):
        found = None
    elif at is None:
        found = context.versions.latest(object_id, access=access)
    else:
        found = context.versions.version_at(object_id, at, access=access)
    return _belonging(found, ehr_id, kind)


def head_of(context: Context, caller: Caller, ehr_id: str, *, kind: ObjectKind, object_id: str) -> Head:
    """Return the current state of a versioned object; `NotFound` when the EHR has none of this kind and id."""
    head = context.versions.head(object_id) if is_object_id(object_id) else None
    if head is None or head.ehr_id != ehr_id or head.kind is not kind or not _may_see(context, caller, head):
        raise NotFound(f"the EHR has no {WORDS[kind]} with this id", code=f"{kind}_UNKNOWN")
    return head


def base_of(head: Head, preceding_uid: str | None) -> Base:
    """Return the base of a change; the preceding version uid must be given and be the newest.

    Errors: `PreconditionMissing` without one, `VersionConflict` with another than the newest.
    """
    if not preceding_uid:
        raise PreconditionMissing("the preceding version uid is needed (If-Match)", code="PRECEDING_VERSION_MISSING")
    if preceding_uid != head.latest_uid:
        raise VersionConflict("the preceding version uid must be the latest one", latest_uid=head.latest_uid)
    return Base(uid=read_version_uid(head.latest_uid), number=head.latest_number, lifecycle=Lifecycle(head.lifecycle))


def shown(record: VersionRecord) -> VersionRecord:
    """Return the version when it has content; `Deleted` when it says that the object is deleted."""
    if record.is_deleted:
        raise Deleted(f"the {WORDS[record.kind]} is deleted", version_uid=record.uid, code="DELETED")
    return record


def template_of(context: Context, template_id: str) -> TemplateRecord:
    """Return the current revision of a template; `NotFound` when there is none."""
    found = context.templates.current(template_id)
    if found is None:
        raise NotFound("no template has this id", code="TEMPLATE_UNKNOWN")
    return found


def template_for_commit(context: Context, template_id: str | None) -> TemplateRecord:
    """Return the template that content names.

    Errors: `Invalid` when it names none, one that is not here, or, where only registered templates are taken, one
    without a category.
    """
    if not template_id:
        issue = Issue(code="TPL_UNNAMED", path="/archetype_details/template_id", expected="the id of a template")
        raise Invalid("a composition must name its template", code="TEMPLATE_UNNAMED", issues=[issue])
    found = context.templates.current(template_id)
    if context.registered_only and (found is None or registered(context, found).category is None):
        raise not_registered(context, template_id)
    if found is None:
        issue = Issue(code="TPL_UNKNOWN", path="/archetype_details/template_id", expected="the id of a known template")
        raise Invalid("the template that the content names is not known", code="TEMPLATE_UNKNOWN", issues=[issue])
    return found


def _belonging(found: VersionRecord | None, ehr_id: str, kind: ObjectKind) -> VersionRecord:
    if found is None or found.ehr_id != ehr_id or found.kind is not kind:
        raise NotFound(f"the EHR has no such {WORDS[kind]}", code=f"{kind}_UNKNOWN")
    return found


def _may_see(context: Context, caller: Caller, head: Head) -> bool:
    access = context.access(caller)
    return access.allows(ehr_id=head.ehr_id, object_id=head.object_id, template_id=head.template_id)
