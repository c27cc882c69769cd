"""`kilde user`: who may log in by name and password (`--auth basic`)."""

from __future__ import annotations

import sys

import click

from cdr.config import Settings
from cli.exits import Failed, WrongUsage
from cli.options import as_json, with_settings
from cli.output import show

_STORE = ("data", "mongo_uri", "mongod", "tenant")
_SHORTEST = 12


@click.group()
def user() -> None:
    """Add, list and remove users who log in by password.

    Works on the database itself: on the data folder, also while a server of the same user runs on it, or at
    --mongo-uri.
    """


@user.command()
@click.argument("name")
@with_settings(*_STORE)
@click.option(
    "--role",
    type=click.Choice(["user", "sender", "admin"]),
    default="user",
    show_default=True,
    help="What it may do; a sender only sends messages.",
)
def add(settings: Settings, *, name: str, role: str) -> None:
    """Add a user, or give an existing one a new password and role.

    The password is asked for, or read from standard input when that is no terminal; it has at least 12 characters.
    """
    if not name or ":" in name:
        raise WrongUsage("expected a name without a colon")
    password = _password()
    if len(password) < _SHORTEST:
        raise WrongUsage(f"expected a password of at least {_SHORTEST} characters")
    from argon2 import PasswordHasher

    from cdr.bootstrap import user_store
    from cdr.ports import UserRecord

    with user_store(settings) as users:
        hashed = PasswordHasher().hash(password)
        users.put(UserRecord(tenant=settings.tenant, name=name, password_hash=hashed, role=role))


@user.command(name="list")
@with_settings(*_STORE)
@as_json
def list_users(settings: Settings, *, as_json: bool) -> None:
    """List the users of a tenant, without their passwords."""
    from cdr.bootstrap import user_store

    with user_store(settings) as users:
        rows = [
            {"name": each.name, "role": each.role, "active": each.is_active} for each in users.users(settings.tenant)
        ]
    show(rows, ["name", "role", "active"], as_json=as_json, empty="no users")


@user.command()
@click.argument("name")
@with_settings(*_STORE)
def remove(settings: Settings, *, name: str) -> None:
    """Remove a user."""
    from cdr.bootstrap import user_store

    with user_store(settings) as users:
        if not users.remove(settings.tenant, name):
            raise Failed(f"no user is called {name}")


def _password() -> str:
    """Return the new password, never echoed and never from the command line, where others could read it."""
    if sys.stdin.isatty():
        return str(click.prompt("Password", hide_input=True, confirmation_prompt=True, err=True))
    return sys.stdin.readline().rstrip("\n")
