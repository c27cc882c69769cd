"""The control database: users of all tenants, apart from every tenant's data."""

from __future__ import annotations

import ast
import dataclasses
from collections.abc import Iterator
from pathlib import Path

import pytest
from pymongo import MongoClient

import cdr
from cdr.ports import UserRecord, UserStore
from cdr.store.client import Document
from cdr.store.control import DATABASE, MongoUserStore

KARI = UserRecord(tenant="oslo", name="kari", password_hash="$argon2id$x", role="clinician")


@pytest.fixture
def users(mongo_client: MongoClient[Document]) -> Iterator[UserStore]:
    store = MongoUserStore(mongo_client)
    store.ensure_indexes()
    yield store
    mongo_client.drop_database(DATABASE)


def test_a_user_comes_back_as_stored(users: UserStore) -> None:
    users.put(KARI)
    assert users.user("oslo", "kari") == KARI


def test_a_user_of_another_tenant_is_not_found(users: UserStore) -> None:
    users.put(KARI)
    assert users.user("bergen", "kari") is None
    assert users.users("bergen") == []


def test_a_user_is_changed_in_place(users: UserStore) -> None:
    users.put(KARI)
    changed = dataclasses.replace(KARI, role="admin", is_active=False)
    users.put(changed)
    assert users.users("oslo") == [changed]


def test_users_are_listed_by_name(users: UserStore) -> None:
    for name in ("b", "c", "a"):
        users.put(dataclasses.replace(KARI, name=name))
    assert [user.name for user in users.users("oslo")] == ["a", "b", "c"]


def test_a_removed_user_is_gone(users: UserStore) -> None:
    users.put(KARI)
    assert users.remove("oslo", "kari") is True
    assert users.remove("oslo", "kari") is False
    assert users.user("oslo", "kari") is None


def test_a_name_that_is_an_operator_is_only_a_name(users: UserStore) -> None:
    odd = dataclasses.replace(KARI, name='{"$ne": 1}')
    users.put(KARI)
    users.put(odd)
    assert users.user("oslo", odd.name) == odd
    assert users.remove("oslo", odd.name)
    assert users.users("oslo") == [KARI]


def test_nobody_changes_the_database_of_a_document_class_at_run_time() -> None:
    banned = {"switch_db", "switch_collection", "using"}
    found = []
    for path in Path(cdr.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            name = node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""
            if name in banned:
                found.append((path.name, name))
    assert found == []


def test_tenant_data_do_not_go_through_mongoengine() -> None:
    users = [
        path.name
        for path in Path(cdr.__file__).parent.rglob("*.py")
        if any(
            getattr(node, "module", None) == "mongoengine" or "mongoengine" in [name.name for name in node.names]
            for node in ast.walk(ast.parse(path.read_text()))
            if isinstance(node, ast.Import | ast.ImportFrom)
        )
    ]
    assert users == ["control.py"]
