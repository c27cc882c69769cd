"""Administration: physical deletion, which leaves nothing but the access log's note of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from cdr.errors import NotFound
from cdr.identity import AccessFilter, Caller
from cdr.services.context import Context

_PAGE = 1000


@dataclass(frozen=True, slots=True)
class AdminService:
    """What only administrators may do."""

    context: Context

    def purge_ehr(self, caller: Caller, ehr_id: str) -> None:
        """Delete an EHR physically with all that belongs to it; `NotFound` when there is none."""
        if not self.context.versions.purge_ehr(ehr_id):
            raise NotFound("no EHR has this id", code="EHR_UNKNOWN")
        self.context.told(caller, action="delete", resource="EHR", ehr_ids=[ehr_id], detail="physical")

    def purge_ehrs(self, caller: Caller, ehr_ids: Sequence[str]) -> int:
        """Delete the given EHRs physically, or all when none is given; return how many they were.

        Errors: `NotFound` when one of the given ids is unknown; then none is deleted.
        """
        everything = AccessFilter.everything()
        for ehr_id in ehr_ids:
            if self.context.versions.ehr(ehr_id, access=everything) is None:
                raise NotFound("no EHR has one of these ids", code="EHR_UNKNOWN")
        if ehr_ids:
            for ehr_id in ehr_ids:
                self.purge_ehr(caller, ehr_id)
            return len(ehr_ids)
        count = 0
        while page := self.context.versions.ehr_ids(access=everything, limit=_PAGE):
            for ehr_id in page:
                self.purge_ehr(caller, ehr_id)
            count += len(page)
        return count
