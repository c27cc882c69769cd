"""Everything stored for one tenant: its database and the ports over it.

A tenant (a municipality) is a database of its own, `kilde_<tenant>`; nothing crosses. Make one `TenantStore` per
tenant and process and keep it: it caches the path dictionary.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from zoneinfo import ZoneInfo

from pymongo import MongoClient
from pymongo.database import Database

from cdr.errors import BadParameter
from cdr.identity import Clock, SystemClock
from cdr.store.access_log import MongoAccessLog
from cdr.store.archetypes import MongoArchetypeStore
from cdr.store.client import Document, require_transactions
from cdr.store.compositions import MongoCompositionIndex
from cdr.store.extractor import check_extractor, note_extractor
from cdr.store.failures import store_failures
from cdr.store.indexes import ensure_indexes
from cdr.store.layout import DEFAULT_ZONE
from cdr.store.queries import MongoQueryStore
from cdr.store.receipts import MongoReceiptStore
from cdr.store.reindex import Progress, reindex
from cdr.store.templates import MongoTemplateStore
from cdr.store.versions import MongoVersionStore

_TENANT_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}\Z")


def database_name(tenant: str) -> str:
    """Return the name of a tenant's database; `BadParameter` when the tenant's name is not a plain lower-case word."""
    if not _TENANT_NAME.match(tenant):
        raise BadParameter("A tenant's name should be 1 to 40 of the characters a-z, 0-9, - and _.", code="TenantName")
    return f"kilde_{tenant}"


class TenantStore:
    """The stores of one tenant; safe for use by several threads.

    `versions`, `compositions`, `templates`, `archetypes`, `queries` and `access_log` implement the protocols of
    `cdr.ports`; `database` is for the query runner. `zone` is the time zone of dates and times without an offset,
    Europe/Oslo unless given.
    """

    def __init__(
        self,
        client: MongoClient[Document],
        tenant: str,
        *,
        clock: Clock | None = None,
        zone: ZoneInfo | None = None,
    ) -> None:
        clock = clock or SystemClock()
        self.tenant = tenant
        self._zone = zone or ZoneInfo(DEFAULT_ZONE)
        self.client = client
        self.database: Database[Document] = client[database_name(tenant)]
        self.versions = MongoVersionStore(self.database, zone=self._zone)
        self.compositions = MongoCompositionIndex(self.database)
        self.templates = MongoTemplateStore(self.database)
        self.archetypes = MongoArchetypeStore(self.database)
        self.queries = MongoQueryStore(self.database)
        self.access_log = MongoAccessLog(self.database, clock=clock)
        self.receipts = MongoReceiptStore(self.database)

    def ensure_indexes(self) -> None:
        """Make the collections and indexes that are absent; cheap when all are there.

        `NotSupported` when the server has no transactions; `Conflict` when the index was made by another extractor or
        for another time zone.
        """
        with store_failures():
            require_transactions(self.client)
            ensure_indexes(self.database)
            check_extractor(self.database, self._zone)

    def reindex(self, progress: Progress = lambda done, total: None) -> int:
        """Rebuild the query index of all objects from the stored versions; return how many there are.

        `progress` is told how many objects of how many are done. Others may read and commit meanwhile.
        """
        done = reindex(self.database, paths=self.versions.paths, blobs=self.versions.blobs, progress=progress)
        with store_failures():
            note_extractor(self.database, self._zone)
        return done

    def add_dictionary(self, examples: Iterable[bytes]) -> int:
        """Compress what is stored from now on with the help of generated examples; return the dictionary's number.

        `examples` are canonical JSON of generated compositions, never of records.
        """
        with store_failures():
            return self.versions.blobs.add_dictionary(examples)
