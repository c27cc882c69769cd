"""The connection to MongoDB, with the settings that its promises depend on.

Every write is acknowledged by a majority and journaled; see `cdr.store.unit_of_work` for transactions.

"""

from __future__ import annotations

from typing import Any

from pymongo import MongoClient

from cdr.errors import NotSupported

# The dictionaries that PyMongo gives hold any BSON value.
Document = dict[str, Any]

SELECTION_MS = 5_000


def connect(uri: str, *, selection_ms: int = SELECTION_MS, pool: int = 100) -> MongoClient[Document]:
    """Return a client for the replica set or sharded cluster at the URI; it connects when first used.

    `selection_ms` bounds, in milliseconds, how long an operation waits for a primary; `pool` is the greatest number
    of connections. What the URI says about read preference or write concern is overruled.
    """
    return MongoClient(
        uri,
        w="majority",
        journal=True,
        retryWrites=True,
        retryReads=True,
        readPreference="primary",
        readConcernLevel="majority",
        serverSelectionTimeoutMS=selection_ms,
        connectTimeoutMS=5_000,
        # Longer than any allowed statement; a hung server must not hold a thread for ever.
        socketTimeoutMS=120_000,
        wTimeoutMS=10_000,
        heartbeatFrequencyMS=2_000,
        maxPoolSize=pool,
        tz_aware=True,
        appname="kilde",
    )


def require_transactions(client: MongoClient[Document]) -> None:
    """Raise `NotSupported` when the server is a single mongod without a replica set: it has no transactions."""
    hello = client.admin.command("hello")
    if "setName" not in hello and hello.get("msg") != "isdbgrid":
        raise NotSupported(
            "The MongoDB should be a replica set (one member is enough) or a sharded cluster; "
            "start it with --replSet rs0 and run rs.initiate() once.",
            code="NoReplicaSet",
        )
