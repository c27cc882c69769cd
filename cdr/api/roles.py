"""Who may use which endpoint: the one table of routes and roles.

A route that is not in the table is refused for everybody, and a test fails for it. `docs/routes.md` is written from
this table by `table_of_routes`.
"""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum

from fastapi import FastAPI
from fastapi.routing import APIRoute


class Role(StrEnum):
    """The roles that a caller can have; `ANYBODY` needs no login, `SENDER` is for systems that only send."""

    ANYBODY = "anybody"
    USER = "user"
    SENDER = "sender"
    ADMIN = "admin"


_ANYBODY = frozenset({Role.ANYBODY, Role.USER, Role.ADMIN})
_USERS = frozenset({Role.USER, Role.ADMIN})
_SENDERS = frozenset({Role.SENDER, Role.USER, Role.ADMIN})
_ADMINS = frozenset({Role.ADMIN})

_OPENEHR = "{openehr}"

ROLES: dict[str, frozenset[Role]] = {
    "GET /rest/status": _ANYBODY,
    "GET /rest/kilde/v1/openapi.json": _ANYBODY,
    "GET /health/live": _ANYBODY,
    "GET /health/ready": _ANYBODY,
    "GET /management/health": _ANYBODY,
    "GET /management/info": _ADMINS,
    "GET /management/env": _ADMINS,
    "GET /management/metrics": _ADMINS,
    "GET /management/prometheus": _ADMINS,
    "OPTIONS /": _ANYBODY,
    "OPTIONS {openehr}": _ANYBODY,
    "POST {openehr}/ehr": _USERS,
    "GET {openehr}/ehr": _USERS,
    "PUT {openehr}/ehr/{ehr_id}": _USERS,
    "GET {openehr}/ehr/{ehr_id}": _USERS,
    "GET {openehr}/ehr/{ehr_id}/ehr_status": _USERS,
    "PUT {openehr}/ehr/{ehr_id}/ehr_status": _USERS,
    "GET {openehr}/ehr/{ehr_id}/ehr_status/{version_uid}": _USERS,
    "GET {openehr}/ehr/{ehr_id}/versioned_ehr_status": _USERS,
    "GET {openehr}/ehr/{ehr_id}/versioned_ehr_status/revision_history": _USERS,
    "GET {openehr}/ehr/{ehr_id}/versioned_ehr_status/version": _USERS,
    "GET {openehr}/ehr/{ehr_id}/versioned_ehr_status/version/{version_uid}": _USERS,
    "POST {openehr}/ehr/{ehr_id}/composition": _USERS,
    "GET {openehr}/ehr/{ehr_id}/composition/{uid_based_id}": _USERS,
    "PUT {openehr}/ehr/{ehr_id}/composition/{uid_based_id}": _USERS,
    "DELETE {openehr}/ehr/{ehr_id}/composition/{uid_based_id}": _USERS,
    "GET {openehr}/ehr/{ehr_id}/versioned_composition/{versioned_object_uid}": _USERS,
    "GET {openehr}/ehr/{ehr_id}/versioned_composition/{versioned_object_uid}/revision_history": _USERS,
    "GET {openehr}/ehr/{ehr_id}/versioned_composition/{versioned_object_uid}/version": _USERS,
    "GET {openehr}/ehr/{ehr_id}/versioned_composition/{versioned_object_uid}/version/{version_uid}": _USERS,
    "POST {openehr}/ehr/{ehr_id}/directory": _USERS,
    "PUT {openehr}/ehr/{ehr_id}/directory": _USERS,
    "DELETE {openehr}/ehr/{ehr_id}/directory": _USERS,
    "GET {openehr}/ehr/{ehr_id}/directory": _USERS,
    "GET {openehr}/ehr/{ehr_id}/directory/{version_uid}": _USERS,
    "POST {openehr}/ehr/{ehr_id}/contribution": _USERS,
    "GET {openehr}/ehr/{ehr_id}/contribution/{contribution_uid}": _USERS,
    "POST {openehr}/definition/template/adl1.4": _USERS,
    "GET {openehr}/definition/template/adl1.4": _USERS,
    "GET {openehr}/definition/template/adl1.4/{template_id:path}": _USERS,
    "GET {openehr}/definition/template/adl1.4/{template_id:path}/example": _USERS,
    "GET {openehr}/definition/template/adl1.4/{template_id:path}/webtemplate": _USERS,
    "GET {openehr}/definition/template/adl2": _USERS,
    "POST {openehr}/definition/template/adl2": _USERS,
    "GET {openehr}/definition/template/adl2/{rest:path}": _USERS,
    **{
        f"{method} {{openehr}}{address}": _USERS
        for method in ("DELETE", "GET", "POST", "PUT")
        for address in (
            "/demographic/{rest:path}",
            "/ehr/{ehr_id}/tags",
            "/ehr/{ehr_id}/{resource}/{uid_based_id}/tags",
            "/ehr/{ehr_id}/{resource}/{uid_based_id}/tags/{key}",
        )
    },
    "GET {openehr}/query/aql": _USERS,
    "POST {openehr}/query/aql": _USERS,
    "GET {openehr}/query/{name}": _USERS,
    "POST {openehr}/query/{name}": _USERS,
    "GET {openehr}/query/{name}/{version}": _USERS,
    "POST {openehr}/query/{name}/{version}": _USERS,
    "GET {openehr}/definition/query": _USERS,
    "GET {openehr}/definition/query/{name}": _USERS,
    "PUT {openehr}/definition/query/{name}": _USERS,
    "GET {openehr}/definition/query/{name}/{version}": _USERS,
    "PUT {openehr}/definition/query/{name}/{version}": _USERS,
    "DELETE {openehr}/definition/query/{name}/{version}": _ADMINS,
    "GET {openehr}/admin/status": _ADMINS,
    "DELETE {openehr}/admin/ehr/all": _ADMINS,
    "DELETE {openehr}/admin/ehr/{ehr_id}": _ADMINS,
    "PUT {openehr}/admin/template/{template_id:path}": _ADMINS,
    "DELETE {openehr}/admin/template/all": _ADMINS,
    "DELETE {openehr}/admin/template/{template_id:path}": _ADMINS,
    "GET /rest/admin/status": _ADMINS,
    "DELETE /rest/admin/ehr/all": _ADMINS,
    "DELETE /rest/admin/ehr/{ehr_id}": _ADMINS,
    "PUT /rest/admin/template/{template_id:path}": _ADMINS,
    "DELETE /rest/admin/template/all": _ADMINS,
    "DELETE /rest/admin/template/{template_id:path}": _ADMINS,
    "GET /rest/ecis/v1/template": _USERS,
    "GET /rest/ecis/v1/template/{template_id:path}": _USERS,
    "GET /rest/ecis/v1/template/{template_id:path}/example": _USERS,
    "POST /rest/ecis/v1/composition": _USERS,
    "GET /rest/ecis/v1/composition/{uid}": _USERS,
    "PUT /rest/ecis/v1/composition/{uid}": _USERS,
    "DELETE /rest/ecis/v1/composition/{uid}": _USERS,
    "POST /rest/kilde/v1/validate/composition": _USERS,
    "POST /rest/kilde/v1/bulk/composition": _USERS,
    "POST /rest/kilde/v1/archetype": _USERS,
    "GET /rest/kilde/v1/archetype": _USERS,
    "GET /rest/kilde/v1/archetype/{archetype_id}": _USERS,
    "DELETE /rest/kilde/v1/archetype/{archetype_id}": _ADMINS,
    "POST /rest/kilde/v1/template/diff": _USERS,
    "POST /rest/kilde/v1/template/check": _ADMINS,
    "PUT /rest/kilde/v1/template/{template_id:path}/deprecated": _ADMINS,
    "DELETE /rest/kilde/v1/template/{template_id:path}/deprecated": _ADMINS,
    "GET /rest/kilde/v1/aql/features": _USERS,
    "POST /rest/kilde/v1/aql/check": _USERS,
    "GET /rest/kilde/v1/category": _USERS,
    "GET /rest/kilde/v1/category/coded": _USERS,
    "GET /rest/kilde/v1/category/usage": _ADMINS,
    "GET /rest/kilde/v1/category/{key}": _USERS,
    "GET /rest/kilde/v1/category/{key}/template": _USERS,
    "PUT /rest/kilde/v1/category/{key}/template/{template_id:path}": _ADMINS,
    "DELETE /rest/kilde/v1/category/{key}/template/{template_id:path}": _ADMINS,
    "GET /rest/kilde/v1/content": _ADMINS,
    "POST /rest/kilde/v1/content/{kind}/{name}": _ADMINS,
    "GET /rest/kilde/v1/ehr/{ehr_id}/category": _USERS,
    "GET /rest/kilde/v1/ehr/{ehr_id}/category/{key}": _USERS,
    "GET /rest/kilde/v1/suppliers": _USERS,
    "POST /rest/kilde/v1/receive-recovery": _ADMINS,
    "GET /rest/kilde/v1/receive": _SENDERS,
    "PUT /rest/kilde/v1/receive/{source}": _ADMINS,
    "GET /rest/kilde/v1/receive/{source}": _SENDERS,
    "POST /rest/kilde/v1/receive/{source}": _SENDERS,
    "GET /rest/kilde/v1/receive/{source}/receipt": _SENDERS,
    "GET /rest/kilde/v1/receive/{source}/receipt/{receipt_id}": _SENDERS,
    "GET /rest/kilde/v1/receive/{source}/receipt/{receipt_id}/original": _SENDERS,
    "GET /rest/kilde/v1/receive/{source}/quality": _SENDERS,
    "GET /rest/kilde/v1/receive/{source}/quarantine": _SENDERS,
    "GET /rest/kilde/v1/receive/{source}/quarantine/{quarantine_id}": _SENDERS,
    "PUT /rest/kilde/v1/receive/{source}/quarantine/{quarantine_id}": _SENDERS,
    "DELETE /rest/kilde/v1/receive/{source}/quarantine/{quarantine_id}": _SENDERS,
    "POST /rest/kilde/v1/receive/{source}/quarantine/{quarantine_id}/replay": _SENDERS,
    "POST /rest/kilde/v1/receive/{source}/replay": _SENDERS,
    "GET /rest/kilde/v1/ehr/{ehr_id}/composition/{uid_based_id}/original": _USERS,
    "GET /rest/kilde/v1/summary": _USERS,
    "GET /rest/kilde/v1/ehr/{ehr_id}/summary/{service}": _USERS,
    "POST /rest/kilde/v1/ehr/{ehr_id}/review": _USERS,
    "GET /rest/kilde/v1/ehr": _ADMINS,
    "GET /rest/kilde/v1/access-log": _ADMINS,
}


def roles_for(method: str, template: str, *, base_path: str) -> frozenset[Role]:
    """Return the roles that may use a route; none for a route that is not in the table."""
    return ROLES.get(_key(method, template, base_path), frozenset())


def routes_of(app: FastAPI, *, base_path: str) -> Iterator[tuple[str, frozenset[Role]]]:
    """Yield every route of the application by its name in the table, with its roles; empty where it has no entry."""
    for route in app.routes:
        if isinstance(route, APIRoute):
            for method in sorted(route.methods or ()):
                yield _key(method, route.path, base_path), roles_for(method, route.path, base_path=base_path)


def table_of_routes(app: FastAPI, *, base_path: str) -> str:
    """Return the table of routes and roles as a page of documentation."""
    rows = sorted(routes_of(app, base_path=base_path), key=lambda row: (row[0].split(" ")[1], row[0]))
    lines = [
        "# Routes and roles",
        "",
        "Written from `cdr/api/roles.py`; a route without a role fails the tests. `{openehr}` stands for the base",
        f"path `{base_path}`, and every address works below `/ehrbase` as well.",
        "",
        "| Route | Roles |",
        "|---|---|",
    ]
    lines += [f"| `{name}` | {', '.join(sorted(roles)) if roles else 'none'} |" for name, roles in rows]
    return "\n".join(lines) + "\n"


def _key(method: str, template: str, base_path: str) -> str:
    if template == base_path or template.startswith(base_path + "/"):
        template = _OPENEHR + template[len(base_path) :]
    return f"{method} {template}"
