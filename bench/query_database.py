"""A database to measure queries on: the made-up records, written through the store's own bulk path, and kept.

The folder is filled once; `opened` continues where an earlier, smaller or interrupted, filling ended.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import orjson

from bench.query_records import PER_EHR, compositions, ehr_id
from cdr import rm
from cdr.formats import canonical_json
from cdr.identity import Caller, RandomUids
from cdr.ports import Write
from cdr.services.ehr import default_status
from cdr.store.client import connect
from cdr.store.embedded import EmbeddedMongo
from cdr.store.tenant import TenantStore
from cdr.versioning.commit import Change, build_commit
from cdr.versioning.committal import NOTHING_SAID, audit_of
from cdr.versioning.model import ChangeType, EhrRecord, Lifecycle, ObjectKind

TENANT = "default"
SYSTEM = "local.kilde"
CALLER = Caller(tenant=TENANT, person="bench", role="admin")
_EHRS_AT_ONCE = 100

Say = Callable[[str], None]


@contextmanager
def opened(folder: Path, *, number: int, cache_gb: float, say: Say) -> Iterator[TenantStore]:
    """Give the store of a folder that holds at least `number` compositions."""
    with EmbeddedMongo(folder, cache_gb=cache_gb) as mongo:
        client = connect(mongo.uri)
        try:
            store = TenantStore(client, TENANT)
            store.ensure_indexes()
            fill(store, ehrs=max(1, number // PER_EHR), say=say)
            yield store
        finally:
            client.close()


def fill(store: TenantStore, *, ehrs: int, say: Say) -> None:
    """Write the EHRs that the store lacks, each with its compositions."""
    present = store.database["ehr"].estimated_document_count()
    if present == 0:
        examples = [orjson.dumps(each) for number in range(20) for each in compositions(ehrs + number + 1)]
        store.add_dictionary(examples)
    begun = time.perf_counter()
    for first in range(present + 1, ehrs + 1, _EHRS_AT_ONCE):
        store.versions.commit_all(_write(number) for number in range(first, min(first + _EHRS_AT_ONCE, ehrs + 1)))
        done = min(first + _EHRS_AT_ONCE, ehrs + 1) - 1
        if done % 1000 == 0 or done == ehrs:
            rate = (done - present) * PER_EHR / (time.perf_counter() - begun)
            say(f"{done * PER_EHR} compositions are there, {rate:.0f} written a second")
    store.versions.paths.flush(force=True)


def _write(number: int) -> Write:
    """Return the contribution that makes an EHR with its compositions."""
    now, uids = datetime.now(UTC), RandomUids()
    record = EhrRecord(
        ehr_id=ehr_id(number),
        system_id=SYSTEM,
        time_created=now,
        status_object_id=uids.new(),
        access_object_id=uids.new(),
    )
    audit = audit_of(CALLER, NOTHING_SAID, default=ChangeType.CREATION, system_id=SYSTEM, time=now)

    def change(kind: ObjectKind, root: rm.RmObject, object_id: str) -> Change:
        details = root.archetype_details if isinstance(root, rm.Composition) else None
        template = None if details is None or details.template_id is None else details.template_id.value
        return Change(
            kind=kind,
            change_type=ChangeType.CREATION,
            lifecycle=Lifecycle.COMPLETE,
            audit=audit,
            object_id=object_id,
            root=root,
            template_id=template,
        )

    changes = [change(ObjectKind.EHR_STATUS, default_status(), record.status_object_id)]
    for composition in compositions(number):
        root = canonical_json.decode(orjson.dumps(composition), rm.Composition)
        changes.append(change(ObjectKind.COMPOSITION, root, uids.new()))
    made = build_commit(
        changes,
        audit,
        contribution_uid=uids.new(),
        ehr_id=record.ehr_id,
        system_id=SYSTEM,
        time=now,
        encode=canonical_json.encode,
    )
    return Write(commit=made, new_ehr=record)
