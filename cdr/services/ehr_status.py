"""The status of an EHR: whose it is, whether it may be changed and queried; versioned like all content."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from cdr import rm
from cdr.identity import Caller
from cdr.services.checking import check_object
from cdr.services.committing import Wish, commit
from cdr.services.context import Context
from cdr.services.ehr import subject_of
from cdr.services.lookup import base_of, ehr_of, head_of, latest_of, shown, version_of
from cdr.services.representation import Body, decode
from cdr.versioning.committal import NOTHING_SAID, Committal
from cdr.versioning.model import ChangeType, EhrRecord, ObjectKind, VersionRecord

KIND = ObjectKind.EHR_STATUS


@dataclass(frozen=True, slots=True)
class EhrStatusService:
    """The versions of EHR_STATUS."""

    context: Context

    def read(self, caller: Caller, ehr_id: str, *, at: datetime | None = None) -> VersionRecord:
        """Return the newest version of the status, or the newest at a time; `NotFound` when there is none."""
        ehr = ehr_of(self.context, caller, ehr_id)
        found = latest_of(self.context, caller, ehr_id, kind=KIND, object_id=ehr.status_object_id, at=at)
        self.context.told(caller, action="read", resource=KIND, ehr_ids=[ehr_id], detail=found.uid)
        return shown(found)

    def read_version(self, caller: Caller, ehr_id: str, *, version_uid: str) -> VersionRecord:
        """Return one version of the status; `NotFound` when there is none."""
        found = version_of(self.context, caller, ehr_id, kind=KIND, uid=version_uid)
        self.context.told(caller, action="read", resource=KIND, ehr_ids=[ehr_id], detail=found.uid)
        return shown(found)

    def update(
        self, caller: Caller, ehr_id: str, *, preceding_uid: str | None, body: Body, said: Committal = NOTHING_SAID
    ) -> VersionRecord:
        """Store the next version of the status and return it; the EHR takes over subject and flags.

        An EHR that must not be modified can still get a new status, else it could never be opened again.
        Errors: `NotFound`, `PreconditionMissing`, `VersionConflict`, `BadInput`, `Invalid`, `Conflict` (the subject
        has another EHR).
        """
        ehr = ehr_of(self.context, caller, ehr_id)
        head = head_of(self.context, caller, ehr_id, kind=KIND, object_id=ehr.status_object_id)
        base = base_of(head, preceding_uid)
        status = decode(body, rm.EhrStatus)
        check_object(self.context, status, word="the EHR status")
        wish = Wish(kind=KIND, default=ChangeType.MODIFICATION, root=status, base=base, said=said)
        changed = ehr_with_status(ehr, status)
        made = commit(self.context, caller, [wish], ehr_id=ehr_id, said=said, ehr=changed)
        return made.versions[0].record


def ehr_with_status(ehr: EhrRecord, status: rm.EhrStatus) -> EhrRecord:
    """Return the EHR with what a new status says about it."""
    return replace(
        ehr, subject=subject_of(status), is_modifiable=status.is_modifiable, is_queryable=status.is_queryable
    )
