"""The control database, `kilde_control`: what is not any tenant's own, so far the users that sign in by password.

Small, fixed documents through mongoengine. A tenant's data never go through it: it has no transactions, and its way
of changing the database at run time is not safe with threads. Each store therefore has a document class of its own,
bound for good to the client that the store was given.
"""

from __future__ import annotations

import itertools
from typing import Any

import mongoengine
from pymongo import MongoClient

from cdr.ports import UserRecord
from cdr.store.client import Document
from cdr.store.failures import store_failures

DATABASE = "kilde_control"

_aliases = itertools.count(1)


class MongoUserStore:
    """The `UserStore` of all tenants; safe for several threads.

    Shape: collection `user`, {tenant, name, password_hash, role, is_active}, unique by tenant and name.
    """

    def __init__(self, client: MongoClient[Document]) -> None:
        alias = f"control{next(_aliases)}"
        mongoengine.register_connection(
            alias,
            db=DATABASE,
            uuidRepresentation="standard",
            # The store's own client, with its write concern and pool, instead of one that mongoengine would make.
            mongo_client_class=lambda **_: client,
        )
        self._users = _user_class(alias)

    def ensure_indexes(self) -> None:
        """Make the indexes that are absent."""
        with store_failures():
            self._users.ensure_indexes()

    def user(self, tenant: str, name: str) -> UserRecord | None:
        """Return a user by name, or None."""
        with store_failures():
            found = self._users.objects(tenant=tenant, name=name).first()
        return None if found is None else _record(found)

    def put(self, user: UserRecord) -> None:
        """Store a user, new or changed."""
        with store_failures():
            self._users.objects(tenant=user.tenant, name=user.name).update_one(
                upsert=True,
                set__password_hash=user.password_hash,
                set__role=user.role,
                set__is_active=user.is_active,
            )

    def users(self, tenant: str) -> list[UserRecord]:
        """Return all users of a tenant by name."""
        with store_failures():
            return [_record(found) for found in self._users.objects(tenant=tenant).order_by("name")]

    def remove(self, tenant: str, name: str) -> bool:
        """Remove a user; False when there is none."""
        with store_failures():
            return bool(self._users.objects(tenant=tenant, name=name).delete())


# mongoengine is untyped: its classes are Any to the type checker.
def _user_class(alias: str) -> Any:
    """Return a document class for users that belongs to one connection."""
    fields = {
        "tenant": mongoengine.StringField(required=True, max_length=40),
        "name": mongoengine.StringField(required=True, max_length=200),
        "password_hash": mongoengine.StringField(required=True),
        "role": mongoengine.StringField(required=True),
        "is_active": mongoengine.BooleanField(default=True),
        "meta": {
            "db_alias": alias,
            "collection": "user",
            "indexes": [{"fields": ["tenant", "name"], "unique": True}],
            "index_cls": False,
            "auto_create_index": False,
            "strict": False,
        },
    }
    return type(f"User_{alias}", (mongoengine.Document,), fields)


def _record(found: Any) -> UserRecord:
    return UserRecord(
        tenant=found.tenant,
        name=found.name,
        password_hash=found.password_hash,
        role=found.role,
        is_active=found.is_active,
    )
