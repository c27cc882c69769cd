"""Contributions: versions of any kind, committed whole or not at all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from cdr.errors import Conflict, NotFound
from cdr.identity import Caller
from cdr.rm import EhrStatus
from cdr.services.committing import Wish, commit, stored_commit
from cdr.services.context import Context
from cdr.services.contribution_body import read_contribution
from cdr.services.contribution_versions import wishes_of
from cdr.services.directory import check_has_no_directory, new_directory_id
from cdr.services.ehr_status import ehr_with_status
from cdr.services.lookup import ehr_of, modifiable_ehr_of
from cdr.versioning.model import ContributionRecord, EhrRecord, ObjectKind


@dataclass(frozen=True, slots=True)
class ContributionService:
    """The contributions of EHRs."""

    context: Context

    def create(
        self, caller: Caller, ehr_id: str, *, content: bytes, contribution_uid: str | None = None
    ) -> ContributionRecord:
        """Store all versions of a contribution and return it.

        The uid in the body counts before `contribution_uid` (which comes of an idempotency key); sent again with the
        same versions it gives the stored contribution.
        Errors: `NotFound`, `BadInput`, `Invalid` (issues of all versions, paths below `/versions[i]`), `Conflict`,
        `VersionConflict`.
        """
        ehr = ehr_of(self.context, caller, ehr_id)
        body = read_contribution(content)
        uid = body.uid or contribution_uid
        access = self.context.access(caller)
        is_known = uid is not None and self.context.versions.contribution(uid, access=access) is not None
        wishes = wishes_of(self.context, caller, ehr, versions=body.versions, is_repeat=is_known)
        if uid is not None and is_known:
            stored = stored_commit(self.context, caller, wishes, contribution_uid=uid, ehr_id=ehr_id)
            if stored is not None:
                return stored.contribution
        if any(wish.kind is not ObjectKind.EHR_STATUS for wish in wishes):
            modifiable_ehr_of(self.context, caller, ehr_id)
        changed, wishes = self._with_ehr(ehr, wishes)
        made = commit(self.context, caller, wishes, ehr_id=ehr_id, said=body.said, contribution_uid=uid, ehr=changed)
        return made.contribution

    def read(self, caller: Caller, ehr_id: str, *, contribution_uid: str) -> ContributionRecord:
        """Return a contribution of an EHR; `NotFound` when there is none."""
        ehr_of(self.context, caller, ehr_id)
        found = self.context.versions.contribution(contribution_uid, access=self.context.access(caller))
        if found is None or found.ehr_id != ehr_id:
            raise NotFound("the EHR has no contribution with this uid", code="CONTRIBUTION_UNKNOWN")
        self.context.told(caller, action="read", resource="CONTRIBUTION", ehr_ids=[ehr_id])
        return found

    def _with_ehr(self, ehr: EhrRecord, wishes: Sequence[Wish]) -> tuple[EhrRecord | None, list[Wish]]:
        """Return the EHR as the wishes change it (None: they do not), and the wishes with ids for new directories."""
        changed, settled = ehr, []
        for wish in wishes:
            if isinstance(wish.root, EhrStatus):
                if wish.base is None and wish.original is None:
                    raise Conflict("the EHR has a status already", code="EHR_STATUS_EXISTS")
                changed = ehr_with_status(changed, wish.root)
            if wish.kind is ObjectKind.FOLDER and wish.base is None:
                check_has_no_directory(self.context, changed)
                uid = wish.original.uid.object_id if wish.original else new_directory_id(changed)
                wish = replace(wish, object_id=uid)
                changed = replace(changed, directory_object_id=uid)
            settled.append(wish)
        return (None if changed == ehr else changed), settled
