"""Who asks: from a request to a `Caller`, and whether the caller's role may use the route.

`none` takes everybody for one fixed caller and is for a machine of one's own; `basic` asks a user store for name and
password. Each is an `Authenticator`; the application calls it once for every request that found a route.
"""

from __future__ import annotations

import base64
import binascii
from collections import OrderedDict
from functools import partial
from hashlib import sha256
from typing import Protocol

import anyio.to_thread
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from fastapi import Request

from cdr.api.errors import NotAuthenticated
from cdr.api.roles import Role, roles_for
from cdr.api.settings import ApiSettings
from cdr.errors import NotPermitted
from cdr.identity import Caller
from cdr.ports import UserStore
from cdr.services.kernel import Services
from cdr.versioning.uid import is_object_id


class Authenticator(Protocol):
    """One way of saying who one is."""

    challenge: str

    async def caller(self, request: Request) -> Caller:
        """Return who asks; `NotAuthenticated` when the request does not say, or not in a way that holds."""


class FixedCaller:
    """Takes everybody for the same person, who may do everything."""

    challenge = "None"

    def __init__(self, tenant: str) -> None:
        self._caller = Caller(tenant=tenant, person="anonymous", role=Role.ADMIN)

    async def caller(self, request: Request) -> Caller:
        """Return the fixed caller."""
        return self._caller


class BasicLogin:
    """Name and password by HTTP Basic, checked against argon2 hashes.

    A check costs tens of milliseconds by design, so the last good logins are remembered for the life of the process,
    as a keyed hash beside the stored hash they matched: a changed password ends them.
    """

    def __init__(self, users: UserStore, *, tenant: str, realm: str, remembered: int = 1000) -> None:
        self.challenge = f'Basic realm="{realm}", charset="UTF-8"'
        self._users = users
        self._tenant = tenant
        self._hasher = PasswordHasher()
        self._remembered = remembered
        self._good: OrderedDict[tuple[str, bytes], str] = OrderedDict()
        # A password that nobody has: checking an unknown name takes as long as checking a known one.
        self._nobody = self._hasher.hash(base64.b64encode(sha256(realm.encode()).digest()))

    async def caller(self, request: Request) -> Caller:
        """Return the caller whose name and password the request holds."""
        name, password = _credentials(request)
        return await anyio.to_thread.run_sync(self._check, name, password)

    def _check(self, name: str, password: str) -> Caller:
        user = self._users.user(self._tenant, name)
        stored = user.password_hash if user is not None and user.is_active else self._nobody
        if not self._matches(name, password, stored) or user is None or not user.is_active:
            raise NotAuthenticated("a valid name and password are needed", code="LOGIN")
        return Caller(tenant=self._tenant, person=user.name, role=user.role)

    def _matches(self, name: str, password: str, stored: str) -> bool:
        key = (name, sha256(f"{stored}\n{password}".encode()).digest())
        if self._good.get(key) == stored:
            return True
        try:
            self._hasher.verify(stored, password)
        except (VerificationError, InvalidHashError):
            return False
        self._good[key] = stored
        while len(self._good) > self._remembered:
            self._good.popitem(last=False)
        return True


async def admit(request: Request) -> None:
    """Put the caller on the request, or refuse it: the first thing that runs on every route.

    Errors: `NotAuthenticated`, `NotPermitted` when the caller's role may not use the route.
    """
    settings: ApiSettings = request.app.state.settings
    authenticator: Authenticator = request.app.state.authenticator
    allowed = roles_for(request.method, request.scope["route"].path, base_path=settings.base_path)
    if Role.ANYBODY in allowed:
        return
    caller = await authenticator.caller(request)
    request.state.caller = caller
    if caller.role not in allowed:
        await _tell_of_denial(request, caller)
        raise NotPermitted("the caller's role may not use this", code="ROLE")


async def _tell_of_denial(request: Request, caller: Caller) -> None:
    """Tell the access log that a caller was refused, and whose record it was about where the address says so."""
    services: Services = request.app.state.services
    ehr_id = request.path_params.get("ehr_id", "")
    ehr_ids = [ehr_id] if is_object_id(ehr_id) else []
    resource = f"{request.method} {request.scope['route'].path}"
    told = partial(services.context.told, caller, action="denied", resource=resource, ehr_ids=ehr_ids)
    await anyio.to_thread.run_sync(told)


def _credentials(request: Request) -> tuple[str, str]:
    scheme, _, encoded = request.headers.get("authorization", "").partition(" ")
    try:
        if scheme.lower() != "basic":
            raise ValueError(scheme)
        name, separator, password = base64.b64decode(encoded.strip(), validate=True).decode().partition(":")
    except (ValueError, binascii.Error, UnicodeDecodeError) as error:
        raise NotAuthenticated("a login is needed", code="LOGIN") from error
    if not separator or not name:
        raise NotAuthenticated("a login is needed", code="LOGIN")
    return name, password
