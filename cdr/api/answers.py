"""Answers to reads and writes: status, headers and body, with what Prefer and Accept ask for."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from xml.sax.saxutils import escape

import msgspec
from fastapi import Request, Response

from cdr import rm
from cdr.api.headers import Preference, etag, is_preference_read, last_modified, location, preference
from cdr.api.media import FORMATS, Media
from cdr.services.representation import encode_object
from cdr.versioning.model import VersionRecord


def content(
    request: Request, body: bytes, media: Media, *, uid: str | None = None, time: datetime | None = None
) -> Response:
    """Return 200 with a body."""
    return Response(body, media_type=media, headers=_state(request, uid, time))


def rm_object(
    request: Request, obj: rm.RmObject, media: Media, *, uid: str | None = None, time: datetime | None = None
) -> Response:
    """Return 200 with an object of the reference model in a canonical format."""
    return content(request, encode_object(obj, FORMATS[media]), media, uid=uid, time=time)


def written(
    request: Request,
    *,
    uid: str,
    time: datetime,
    segments: Sequence[str],
    is_new: bool,
    media: Media,
    represent: Callable[[], bytes],
    name: str = "uid",
) -> Response:
    """Return the answer to a write: 201 for something new, else 200 or 204, with as much of it as Prefer asks for.

    `represent` gives the whole body and is called only when it is wanted; `name` is another attribute that
    holds the identifier in the short form, beside `uid`.
    """
    wanted = preference(request)
    headers = _state(request, uid, time)
    headers["Location"] = location(request, *segments)
    if is_preference_read(request):
        headers["Preference-Applied"] = f"return={wanted}"
    if wanted is Preference.MINIMAL:
        return Response(status_code=201 if is_new else 204, headers=headers)
    if wanted is Preference.IDENTIFIER:
        body, media = _identifier(name, uid, media)
    else:
        body = represent()
    return Response(body, status_code=201 if is_new else 200, media_type=media, headers=headers)


def deleted(request: Request, record: VersionRecord) -> Response:
    """Return 204 for a deletion, with the uid of the version that says so."""
    return Response(status_code=204, headers=_state(request, record.uid, record.time_committed))


def json_answer(value: object, *, status: int = 200) -> Response:
    """Return plain values as JSON."""
    return Response(msgspec.json.encode(value), status_code=status, media_type=Media.JSON)


def _state(request: Request, uid: str | None, time: datetime | None) -> dict[str, str]:
    headers: dict[str, str] = {}
    if uid is not None:
        headers["ETag"] = etag(request, uid)
    if time is not None:
        headers["Last-Modified"] = last_modified(time)
    return headers


def _identifier(name: str, uid: str, media: Media) -> tuple[bytes, Media]:
    members = {"uid": uid, name: uid}
    if media is Media.XML:
        inner = "".join(f"<{key}>{escape(value)}</{key}>" for key, value in members.items())
        return f"<identifier>{inner}</identifier>".encode(), Media.XML
    return msgspec.json.encode(members), Media.JSON
