"""Version containers and versions as such: VERSIONED_OBJECT, VERSION, REVISION_HISTORY, CONTRIBUTION, EHR.

Comes in: what the store knows. Goes out: the reference model's own objects, and ORIGINAL_VERSION as canonical JSON with
the stored content put in unchanged.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from cdr import rm
from cdr.formats import canonical_json
from cdr.identity import Caller
from cdr.ports import Head
from cdr.services.context import Context
from cdr.services.lookup import ehr_of, head_of, latest_of, version_of
from cdr.versioning.committal import date_time
from cdr.versioning.lifecycle import lifecycle_of, lifecycle_text
from cdr.versioning.model import ContributionRecord, EhrRecord, ObjectKind, VersionRecord

_CONTAINERS: dict[ObjectKind, type[rm.VersionedObject]] = {
    ObjectKind.COMPOSITION: rm.VersionedComposition,
    ObjectKind.EHR_STATUS: rm.VersionedEhrStatus,
    ObjectKind.EHR_ACCESS: rm.VersionedEhrAccess,
    ObjectKind.FOLDER: rm.VersionedFolder,
    ObjectKind.PARTY: rm.VersionedParty,
}


@dataclass(frozen=True, slots=True)
class HistoryService:
    """The versions of versioned objects, seen as versions."""

    context: Context

    def container(self, caller: Caller, ehr_id: str, *, kind: ObjectKind, object_id: str | None = None) -> Head:
        """Return a versioned object; `object_id` is left out for the status. Errors: `NotFound`."""
        object_id = self._object_id(caller, ehr_id, object_id)
        head = head_of(self.context, caller, ehr_id, kind=kind, object_id=object_id)
        self._told(caller, kind, ehr_id)
        return head

    def revisions(
        self, caller: Caller, ehr_id: str, *, kind: ObjectKind, object_id: str | None = None
    ) -> list[VersionRecord]:
        """Return all versions without content, the oldest first. Errors: `NotFound`."""
        object_id = self._object_id(caller, ehr_id, object_id)
        head_of(self.context, caller, ehr_id, kind=kind, object_id=object_id)
        self._told(caller, kind, ehr_id)
        return self.context.versions.history(object_id, access=self.context.access(caller))

    def version(
        self,
        caller: Caller,
        ehr_id: str,
        *,
        kind: ObjectKind,
        object_id: str | None = None,
        version_uid: str | None = None,
        at: datetime | None = None,
    ) -> VersionRecord:
        """Return one version, a deleted one too: by uid, the newest at a time, or the newest. Errors: `NotFound`."""
        object_id = self._object_id(caller, ehr_id, object_id)
        if version_uid is None:
            found = latest_of(self.context, caller, ehr_id, kind=kind, object_id=object_id, at=at)
        else:
            inside = version_uid if version_uid.split("::")[0] == object_id else ""
            found = version_of(self.context, caller, ehr_id, kind=kind, uid=inside)
        self._told(caller, kind, ehr_id)
        return found

    def _object_id(self, caller: Caller, ehr_id: str, object_id: str | None) -> str:
        return object_id if object_id is not None else ehr_of(self.context, caller, ehr_id).status_object_id

    def _told(self, caller: Caller, kind: ObjectKind, ehr_id: str) -> None:
        self.context.told(caller, action="read", resource=f"VERSIONED_{kind}", ehr_ids=[ehr_id])


def versioned_object(head: Head) -> rm.VersionedObject:
    """Return the container as the reference model has it."""
    return _CONTAINERS[head.kind](
        uid=rm.HierObjectId(value=head.object_id),
        owner_id=_reference("EHR", rm.HierObjectId(value=head.ehr_id or "")),
        time_created=date_time(head.time_created),
    )


def revision_history(versions: Sequence[VersionRecord]) -> rm.RevisionHistory:
    """Return the audits of all versions, the newest last.

    Source: RM 1.1.0, common, generic, REVISION_HISTORY ("most-recent-last order").
    """
    items = [
        rm.RevisionHistoryItem(
            version_id=rm.ObjectVersionId(value=version.uid),
            audits=[version.imported_audit or version.audit, *version.attestations],
        )
        for version in versions
    ]
    return rm.RevisionHistory(items=items)


def version_object(record: VersionRecord, *, data: rm.AnyVersioned | None) -> rm.Version:
    """Return the version as ORIGINAL_VERSION, or as IMPORTED_VERSION around one."""
    preceding = record.preceding_uid
    others = [rm.ObjectVersionId(value=uid) for uid in record.other_input_uids]
    original = rm.OriginalVersion(
        contribution=_contribution(record.contribution),
        signature=record.signature,
        commit_audit=record.audit,
        uid=rm.ObjectVersionId(value=record.uid),
        preceding_version_uid=None if preceding is None else rm.ObjectVersionId(value=preceding),
        other_input_version_uids=others or None,
        lifecycle_state=lifecycle_text(lifecycle_of(record.lifecycle)),
        attestations=list(record.attestations) or None,
        data=data,
    )
    if record.imported_audit is None:
        return original
    return rm.ImportedVersion(
        contribution=_contribution(record.imported_contribution or ""),
        commit_audit=record.imported_audit,
        item=original,
    )


def version_json(record: VersionRecord) -> bytes:
    """Return the version as canonical JSON; the stored content goes in as it is, without being read."""
    wrapped = canonical_json.encode(version_object(record, data=None))
    if record.content is None:
        return wrapped
    # `data` is the last attribute of ORIGINAL_VERSION, and `item` the last of IMPORTED_VERSION.
    closing = 1 if record.imported_audit is None else 2
    return wrapped[:-closing] + b',"data":' + record.content + b"}" * closing


def contribution_object(record: ContributionRecord) -> rm.Contribution:
    """Return the contribution as the reference model has it."""
    return rm.Contribution(
        uid=rm.HierObjectId(value=record.uid),
        versions=[_reference("VERSION", rm.ObjectVersionId(value=uid)) for uid in record.version_uids],
        audit=record.audit,
    )


def ehr_object(record: EhrRecord, *, compositions: Sequence[Head] = ()) -> rm.Ehr:
    """Return the EHR as the reference model has it; the lists of what is in it are left to queries."""
    directory = record.directory_object_id
    folder = None if directory is None else _reference("VERSIONED_FOLDER", rm.HierObjectId(value=directory))
    listed = [_reference("VERSIONED_COMPOSITION", rm.HierObjectId(value=head.object_id)) for head in compositions]
    return rm.Ehr(
        system_id=rm.HierObjectId(value=record.system_id),
        ehr_id=rm.HierObjectId(value=record.ehr_id),
        ehr_status=_reference("VERSIONED_EHR_STATUS", rm.HierObjectId(value=record.status_object_id)),
        ehr_access=_reference("VERSIONED_EHR_ACCESS", rm.HierObjectId(value=record.access_object_id)),
        compositions=listed or None,
        directory=folder,
        time_created=date_time(record.time_created),
        folders=None if folder is None else [folder],
    )


def _contribution(uid: str) -> rm.ObjectRef:
    return _reference("CONTRIBUTION", rm.HierObjectId(value=uid))


def _reference(kind: str, target: rm.HierObjectId | rm.ObjectVersionId) -> rm.ObjectRef:
    return rm.ObjectRef(namespace="local", type=kind, id=target)
