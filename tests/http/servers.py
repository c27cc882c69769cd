"""Servers for published data: templates that share an id live in different servers."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import httpx
from pymongo import MongoClient

from cdr.am.opt14 import read_opt
from cdr.store.client import Document
from cdr.store.tenant import TenantStore
from tests.support.http import client_over, upload
from tests.support.mongo import fresh_tenant_name


class Servers:
    """Gives a client of a server that has a certain template; starts servers as they are needed."""

    def __init__(self, mongo_client: MongoClient[Document], stack: ExitStack) -> None:
        self._mongo_client = mongo_client
        self._stack = stack
        self._clients: list[tuple[httpx.Client, dict[str, str]]] = []

    def having(self, source: bytes | None) -> httpx.Client:
        """Return a client of a server with this very template (any server when it is None)."""
        if source is None:
            return (self._clients or [self._new()])[0][0]
        digest = hashlib.sha256(source).hexdigest()
        template_id = read_opt(source).template_id
        for client, templates in self._clients:
            if template_id not in templates:
                upload(client, source)
                templates[template_id] = digest
            if templates[template_id] == digest:
                return client
        self._new()
        return self.having(source)

    def _new(self) -> tuple[httpx.Client, dict[str, str]]:
        store = TenantStore(self._mongo_client, fresh_tenant_name())
        store.ensure_indexes()
        client = self._stack.enter_context(client_over(store))
        self._stack.callback(self._mongo_client.drop_database, store.database.name)
        self._clients.append((client, {}))
        return self._clients[-1]


@contextmanager
def servers_over(mongo_client: MongoClient[Document]) -> Iterator[Servers]:
    """Give servers that are stopped, and their data dropped, at the end."""
    with ExitStack() as stack:
        yield Servers(mongo_client, stack)
