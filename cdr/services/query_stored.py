"""Stored queries: names, versions, and the checks that a query has to pass before it is kept.

A name is `[namespace::]query-name`; versions are `major.minor.patch`, and the beginning of one means the latest that
begins so. A stored version never changes.

Source: ITS-REST 1.1.0, Query API, Qualified query name; Definition API, Query.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from aql.analyse import analyse
from aql.catalog import RmCatalog
from aql.params import parameter_names
from aql.parser import parse
from cdr.categories import category_keys, find_category
from cdr.errors import BadParameter, NotFound
from cdr.identity import Caller
from cdr.ports import QueryRecord
from cdr.services.context import Context
from cdr.services.query_errors import aql_errors
from cdr.services.query_templates import Remark, remarks_on

_NAME = re.compile(r"(?:[A-Za-z0-9_.-]{1,200}::)?(?!\.{1,2}\Z)[A-Za-z0-9_.-]{1,200}\Z")
_VERSION = re.compile(r"(0|[1-9][0-9]{0,8})(?:\.(0|[1-9][0-9]{0,8}))?(?:\.(0|[1-9][0-9]{0,8}))?\Z")


@dataclass(frozen=True, slots=True)
class StoredQueries:
    """The stored queries of one tenant."""

    context: Context
    catalog: RmCatalog

    def put(
        self,
        caller: Caller,
        name: str,
        text: str,
        *,
        version: str | None = None,
        purpose: str = "",
        parameters: Mapping[str, str] | None = None,
        category: str = "",
        purposes: Mapping[str, str] | None = None,
    ) -> QueryRecord:
        """Check a query and store it; without a version as the next minor one, the first as 1.0.0.

        `version` may leave out its last parts, which are then 0; `purposes` says by language what the query is for.
        Errors: `BadParameter` for a name, version or category that is none, `BadInput` for a query that would not be
        answered, `Conflict` when the version exists.
        """
        _check_category(category)
        _check_name(name)
        with aql_errors():
            query = parse(text)
            analyse(query, self.catalog)
        used = parameter_names(query)
        record = QueryRecord(
            name=name,
            version=self._next(name) if version is None else _whole(version),
            text=text,
            time_created=self.context.clock.now(),
            purpose=purpose or (purposes or {}).get("en", ""),
            category=category,
            purposes=dict(purposes) if purposes else None,
            author=caller.person,
            parameters={parameter: (parameters or {}).get(parameter, "") for parameter in used},
        )
        self.context.queries.add(record)
        return record

    def remarks(self, record: QueryRecord) -> tuple[Remark, ...]:
        """Return what is to say about a stored query, such as codes that no template has."""
        return remarks_on(self.context, analyse(parse(record.text), self.catalog))

    def get(self, name: str, *, version: str | None = None) -> QueryRecord:
        """Return the latest version of a query that begins with `version`. Errors: `NotFound`, `BadParameter`."""
        _check_name(name)
        wanted = () if version is None else _parts(version)
        found = [
            record for record in self.context.queries.versions(name) if _parts(record.version)[: len(wanted)] == wanted
        ]
        if not found:
            raise NotFound("A stored query of this name and version should exist.", code="QUERY_NOT_FOUND")
        return max(found, key=lambda record: _parts(record.version))

    def list(self, prefix: str = "", *, category: str = "") -> list[QueryRecord]:
        """Return all versions of the queries whose names begin with the text, of one category where one is given."""
        _check_category(category)
        found = self.context.queries.list(prefix)
        return [record for record in found if record.category == category] if category else found

    def remove(self, name: str, version: str) -> None:
        """Remove one version. Errors: `NotFound`."""
        if not self.context.queries.remove(name, _whole(version)):
            raise NotFound("A stored query of this name and version should exist.", code="QUERY_NOT_FOUND")

    def _next(self, name: str) -> str:
        known = [_parts(record.version) for record in self.context.queries.versions(name)]
        if not known:
            return "1.0.0"
        major, minor, _ = max(known)
        return f"{major}.{minor + 1}.0"


def _check_name(name: str) -> None:
    if not _NAME.match(name) or name.lower() == "aql":
        raise BadParameter(
            "A query's name should be [namespace::]name of letters, digits, '_', '.' and '-', and not aql.",
            code="QUERY_NAME",
        )


def _check_category(category: str) -> None:
    if category and find_category(category) is None:
        raise BadParameter(f"category should be one of: {', '.join(category_keys())}", code="CATEGORY_UNKNOWN")


def _parts(version: str) -> tuple[int, ...]:
    found = _VERSION.match(version)
    if found is None:
        raise BadParameter(
            "A query's version should be major.minor.patch, or the beginning of it.", code="QUERY_VERSION"
        )
    return tuple(int(part) for part in found.groups() if part is not None)


def _whole(version: str) -> str:
    parts = _parts(version)
    return ".".join(map(str, (*parts, 0, 0)[:3]))
