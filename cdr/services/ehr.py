"""EHRs: creation with a first status, and finding them by id or subject."""

from __future__ import annotations

from dataclasses import dataclass

from cdr import rm
from cdr.errors import BadParameter, NotFound
from cdr.identity import Caller
from cdr.services.checking import check_object
from cdr.services.committing import Wish, create_ehr
from cdr.services.context import Context
from cdr.services.lookup import ehr_of
from cdr.services.representation import Body, decode
from cdr.versioning.committal import NOTHING_SAID, Committal
from cdr.versioning.model import ChangeType, EhrRecord, ObjectKind
from cdr.versioning.uid import is_uid

STATUS_ARCHETYPE = "openEHR-EHR-EHR_STATUS.generic.v1"


@dataclass(frozen=True, slots=True)
class EhrService:
    """The EHRs of the tenant."""

    context: Context

    def create(
        self,
        caller: Caller,
        *,
        body: Body | None = None,
        ehr_id: str | None = None,
        said: Committal = NOTHING_SAID,
    ) -> EhrRecord:
        """Store a new EHR and return it; `body` is its EHR_STATUS, without one it gets a default status.

        Errors: `BadParameter` when the id is none, `BadInput` and `Invalid` for the status, `Conflict` when the id or
        the subject has an EHR already.
        Source: RM 1.1.0, ehr, EHR Creation Semantics.
        """
        if ehr_id is not None and not is_uid(ehr_id):
            raise BadParameter("an EHR id has the form of a UUID (or of an OID or an internet domain)", code="EHR_ID")
        status = default_status() if body is None else decode(body, rm.EhrStatus)
        check_object(self.context, status, word="the EHR status")
        uids = self.context.uids
        record = EhrRecord(
            ehr_id=ehr_id or uids.new(),
            system_id=self.context.system_id,
            time_created=self.context.clock.now(),
            status_object_id=uids.new(),
            access_object_id=uids.new(),
            subject=subject_of(status),
            is_modifiable=status.is_modifiable,
            is_queryable=status.is_queryable,
        )
        wish = Wish(
            kind=ObjectKind.EHR_STATUS,
            default=ChangeType.CREATION,
            root=status,
            object_id=record.status_object_id,
            said=said,
        )
        create_ehr(self.context, caller, wish, ehr=record)
        return record

    def read(self, caller: Caller, ehr_id: str) -> EhrRecord:
        """Return an EHR; `NotFound` when there is none."""
        found = ehr_of(self.context, caller, ehr_id)
        self.context.told(caller, action="read", resource="EHR", ehr_ids=[ehr_id])
        return found

    def find(self, caller: Caller, *, subject_id: str, namespace: str) -> EhrRecord:
        """Return the EHR of a subject; `NotFound` when there is none."""
        found = self.context.versions.ehr_by_subject(subject_id, namespace, access=self.context.access(caller))
        if found is None:
            raise NotFound("no EHR has this subject", code="EHR_UNKNOWN")
        self.context.told(caller, action="read", resource="EHR", ehr_ids=[found.ehr_id])
        return found

    def ids(self, caller: Caller, *, after: str | None = None, limit: int = 100) -> list[str]:
        """Return EHR ids in order, after the given one, for paging."""
        found = self.context.versions.ehr_ids(access=self.context.access(caller), after=after, limit=limit)
        self.context.told(caller, action="read", resource="EHR_LIST", ehr_ids=found)
        return found


def default_status() -> rm.EhrStatus:
    """Return the status of an EHR that is created without one.

    Source: ITS-REST 1.1.0, EHR API, Create EHR.
    """
    return rm.EhrStatus(
        name=rm.DvText(value="EHR Status"),
        archetype_node_id=STATUS_ARCHETYPE,
        archetype_details=rm.Archetyped(archetype_id=rm.ArchetypeId(value=STATUS_ARCHETYPE), rm_version="1.1.0"),
        subject=rm.PartySelf(),
        is_queryable=True,
        is_modifiable=True,
    )


def subject_of(status: rm.EhrStatus) -> tuple[str, str] | None:
    """Return (namespace, id) of the subject's external reference, None where there is none."""
    reference = status.subject.external_ref if status.subject is not None else None
    if reference is None or reference.id is None:
        return None
    return reference.namespace, reference.id.value
