"""Headers of requests and answers: ETag, If-Match, Prefer, Location, Last-Modified and the committal headers.

Source: ITS-REST 1.1.0, overview, HTTP headers.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from email.utils import format_datetime
from enum import StrEnum
from urllib.parse import quote
from zoneinfo import ZoneInfo

from fastapi import Request

from cdr.api.settings import ApiSettings
from cdr.errors import BadParameter
from cdr.versioning.committal import Committal, committal_of_headers, whole_header
from cdr.versioning.uid import is_version_uid

# RFC 9110, section 8.8.3, etagc: visible ASCII without the double quote; `%` is left for the encoding.
_HEADER_SAFE = "".join(chr(code) for code in range(0x20, 0x7F) if chr(code) not in '"%\\')
# Where the outermost layer notes the alias that it took off the path.
ALIAS = "kilde.alias"


class Preference(StrEnum):
    """What a client wants back from a write."""

    MINIMAL = "minimal"
    IDENTIFIER = "identifier"
    REPRESENTATION = "representation"


_HOST = re.compile(r"[A-Za-z0-9_.:\[\]-]{0,255}")
_RETURN = re.compile(r'(?:^|[,;\s])return\s*=\s*"?(minimal|identifier|representation)"?\s*(?:$|[,;\s])', re.IGNORECASE)


def etag(request: Request, uid: str) -> str:
    """Return the ETag of an id: weak as ITS-REST 1.1.0 has it, or strong for older clients.

    What a header cannot hold (template ids may be any text) is percent-encoded.
    """
    settings: ApiSettings = request.app.state.settings
    text = quote(uid, safe=_HEADER_SAFE)
    return f'"{text}"' if settings.etag == "strong" else f'W/"{text}"'


def if_match(request: Request) -> str | None:
    """Return the version uid in If-Match, written bare, quoted, weak or in braces; None where the header is absent.

    Errors: `BadParameter` when it is there and names no version.
    """
    given = request.headers.get("if-match")
    if given is None or not given.strip():
        return None
    text = given.strip()
    if text[:2].upper() == "W/":
        text = text[2:]
    text = text.strip().strip('"').strip()
    if text.startswith("{") and text.endswith("}"):
        text = text[1:-1].strip().strip('"')
    if not is_version_uid(text):
        raise BadParameter("If-Match must hold one version uid", code="IF_MATCH")
    return text


def preference(request: Request) -> Preference:
    """Return what Prefer asks for; the default where it is absent or cannot be read."""
    settings: ApiSettings = request.app.state.settings
    found = _RETURN.search(request.headers.get("prefer", ""))
    return Preference(found[1].lower() if found else settings.default_preference)


def is_preference_read(request: Request) -> bool:
    """Tell whether Prefer says what to return in a way that can be read; only then is it confirmed."""
    return _RETURN.search(request.headers.get("prefer", "")) is not None


def resolves_references(request: Request) -> bool:
    """Tell whether Prefer asks for references to be resolved."""
    return "resolve_refs" in request.headers.get("prefer", "")


def committal(request: Request) -> Committal:
    """Return what the committal headers say, in all their spellings. Errors: `BadParameter`."""
    versions = _committal_headers(request, ("openehr-version",))
    return committal_of_headers(
        versions, _committal_headers(request, ("openehr-audit-details", "openehr-audit_details"))
    )


def header_text(text: str) -> str:
    """Return the text of a header that may hold names: UTF-8 where it can be read as that, otherwise as it came."""
    try:
        return text.encode("latin-1").decode("utf-8")
    except UnicodeError:
        return text


def _committal_headers(request: Request, names: Sequence[str]) -> list[str]:
    found = []
    for key, text in request.headers.items():
        name, _, attribute = key.partition(".")
        if name in names:
            text = header_text(text)
            found.append(whole_header(attribute, text) if attribute else text)
    return found


def last_modified(time: datetime) -> str:
    """Return a time as an HTTP date."""
    return format_datetime(time, usegmt=True)


def location(request: Request, *segments: str) -> str:
    """Return the absolute address of a resource below the base path that the request came in by.

    X-Forwarded-Proto, -Host, -Port and -Prefix count when the peer is a known proxy.
    """
    settings: ApiSettings = request.app.state.settings
    return address_below(request, settings.base_path, *segments)


def address_below(request: Request, prefix: str, *segments: str) -> str:
    """Return the absolute address of a resource below any prefix, as `location` does below the base path."""
    alias: str = request.scope.get(ALIAS, "")
    path = "/".join(quote(segment, safe=":@!$&'()*+,;=-._~") for segment in segments)
    return f"{_origin(request)}{alias}{prefix}/{path}"


def base_path(request: Request) -> str:
    """Return the base path of the openEHR API, with the alias that the request came in by."""
    settings: ApiSettings = request.app.state.settings
    alias: str = request.scope.get(ALIAS, "")
    return alias + settings.base_path


def is_host(text: str) -> bool:
    """Tell whether a text can be the host of an address: a name or an address, and perhaps a port."""
    return _HOST.fullmatch(text) is not None


def at_time(request: Request) -> datetime | None:
    """Return `version_at_time`; `BadParameter` when it is no date and time with offset.

    A time without an offset is in the time zone of the settings. Clients often forget to encode the plus of an
    offset; it then arrives as a space.
    """
    settings: ApiSettings = request.app.state.settings
    text = request.query_params.get("version_at_time", "").strip()
    return read_time(text, settings.time_zone) if text else None


def read_time(text: str, time_zone: str, *, parameter: str = "version_at_time") -> datetime:
    """Return a point in time from extended ISO 8601; `BadParameter`, which names the parameter, when it is none."""
    repaired = re.sub(r" (\d{2}:?\d{2})$", r"+\1", text)
    try:
        found = datetime.fromisoformat(repaired)
        found = found if found.tzinfo else found.replace(tzinfo=ZoneInfo(time_zone))
        # The database holds UTC: at the ends of the calendar an offset leads out of what it can hold.
        found.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise BadParameter(f"{parameter} must be extended ISO 8601, 2024-01-31T12:00:00+01:00") from error
    return found


def _origin(request: Request) -> str:
    settings: ApiSettings = request.app.state.settings
    scheme, host, prefix = request.url.scheme, request.headers.get("host") or request.url.netloc, ""
    peer = request.client.host if request.client else ""
    if "*" in settings.forwarded_hosts or peer in settings.forwarded_hosts:
        first = {name: request.headers.get(f"x-forwarded-{name}", "").split(",")[0].strip() for name in _FORWARDED}
        scheme = first["proto"] if first["proto"] in ("http", "https") else scheme
        # It stands in Location: what is no name and no address is not passed on.
        host = first["host"] if first["host"] and is_host(first["host"]) else host
        if first["port"].isdigit() and ":" not in host and first["port"] not in ("80", "443"):
            host = f"{host}:{first['port']}"
        prefix = first["prefix"].rstrip("/") if first["prefix"].startswith("/") else ""
    return f"{scheme}://{host}{prefix}"


_FORWARDED = ("proto", "host", "port", "prefix")
