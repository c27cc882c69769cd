"""A store with one EHR, and short ways to commit into it: what the tests of commits and reads begin with."""

from __future__ import annotations

from aql.access import AccessFilter
from cdr.store.tenant import TenantStore
from cdr.versioning.model import Lifecycle
from tests.support.commits import Uids, commit_of, composition, new_ehr, new_version, pulse

ALL = AccessFilter.everything()


class Scene:
    """A store with one EHR, and short ways to commit into it."""

    def __init__(self, store: TenantStore) -> None:
        self.store = store
        self.versions = store.versions
        self.uids = Uids()
        self.ehr, commit = new_ehr(self.uids, subject=("fnr", "1"))
        self.versions.create_ehr(self.ehr, commit)

    def put(self, object_id: str, number: int, rate: float | None, lifecycle: Lifecycle = Lifecycle.COMPLETE) -> str:
        """Commit a version with one pulse rate, or a deletion; return its uid."""
        version = new_version(
            object_id,
            None if rate is None else composition([pulse([rate])]),
            contribution=self.uids.new(),
            ehr_id=self.ehr.ehr_id,
            number=number,
            lifecycle=lifecycle if rate is not None else Lifecycle.DELETED,
        )
        self.versions.commit(commit_of(version))
        return version.record.uid

    def indexed(self, name: str) -> list[tuple[int, str]]:
        """Return (number, lifecycle) of the compositions in an index collection, by number."""
        found = self.store.database[name].find({"k": "COMPOSITION"}, sort=[("n", 1)])
        return [(document["n"], document["lc"]) for document in found]
