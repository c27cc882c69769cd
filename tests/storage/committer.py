"""The server process of the crash tests: an embedded mongod with four clients that commit until they are killed.

Run as `python -m tests.storage.committer DIRECTORY SPACE`. Prints `mongod PID`, then one line with the contribution
uid, the version uids and the rate for each commit that was acknowledged, as soon as it was.
"""

from __future__ import annotations

import os
import sys
import threading

from cdr.errors import StoreUnavailable
from cdr.store.client import connect
from cdr.store.embedded import EmbeddedMongo
from cdr.store.tenant import TenantStore
from tests.support.commits import Uids, commit_of, composition, new_ehr, new_version, pulse

CLIENTS = 4


def main(directory: str, space: int) -> None:
    """Commit until killed."""
    mongo = EmbeddedMongo(directory, cache_gb=0.25)
    uri = mongo.start()
    _say(f"mongod {mongo.pid}")
    store = TenantStore(connect(uri, selection_ms=20_000), "crash")
    store.ensure_indexes()
    threads = [threading.Thread(target=_commit, args=(store, Uids(space + place))) for place in range(CLIENTS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def _commit(store: TenantStore, uids: Uids) -> None:
    ehr, status = new_ehr(uids)
    store.versions.create_ehr(ehr, status)
    number = 0
    amended = uids.new()
    while True:
        number += 1
        contribution = uids.new()
        versions = [
            new_version(
                object_id,
                composition([pulse([60 + at])]),
                contribution=contribution,
                ehr_id=ehr.ehr_id,
                number=at,
            )
            for object_id, at in ((amended, number), (uids.new(), 1), (uids.new(), 1))
        ]
        try:
            store.versions.commit(commit_of(*versions))
        except StoreUnavailable as error:
            if error.code == "OutcomeUnknown":
                return
            # Nothing was written: the same number is tried again.
            number -= 1
            continue
        _say(" ".join([contribution, *(version.record.uid for version in versions)]))


def _say(line: str) -> None:
    os.write(1, (line + "\n").encode())


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
