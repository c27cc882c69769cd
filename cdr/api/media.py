"""Content negotiation: what a body is written in, and what the answer is to be written in.

`cdr.formats.registry` knows the media types of RM objects; `MEDIA_TYPES` adds what else goes over the wire. The
`format` parameter overrides Accept.
Source: ITS-REST 1.1.0, overview, Data representation; RFC 9110, section 12.5.1.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from fastapi import Request

from cdr.api.errors import NotAcceptable, UnsupportedMedia
from cdr.formats import registry
from cdr.formats.registry import Format


class Media(StrEnum):
    """The kinds of text that go over the wire, each with the media type that is written for it."""

    JSON = "application/json"
    XML = "application/xml"
    FLAT = "application/openehr.wt.flat+json"
    STRUCTURED = "application/openehr.wt.structured+json"
    WEB_TEMPLATE = "application/openehr.wt+json"
    NDJSON = "application/x-ndjson"
    CSV = "text/csv"
    TEXT = "text/plain"
    FHIR = "application/fhir+json"
    HTML = "text/html"


FORMATS: dict[Media, Format] = {Media(format_.value): format_ for format_ in Format}

MEDIA_TYPES: dict[str, Media] = {
    **{media_type: Media(format_.value) for media_type, format_ in registry.MEDIA_TYPES.items()},
    "application/openehr.wt.flat.structured+json": Media.STRUCTURED,
    "application/openehr.wt+json": Media.WEB_TEMPLATE,
    "application/x-ndjson": Media.NDJSON,
    "application/ndjson": Media.NDJSON,
    "text/csv": Media.CSV,
    "text/plain": Media.TEXT,
    "application/fhir+json": Media.FHIR,
    "text/html": Media.HTML,
}

CANONICAL = (Media.JSON, Media.XML)
CONTENT = (Media.JSON, Media.XML, Media.FLAT, Media.STRUCTURED)


@dataclass(frozen=True, slots=True)
class _Accepted:
    media_type: str
    quality: float

    def precision(self) -> int:
        """Return 0 for any type, 1 for any subtype, 2 for a whole type."""
        return 0 if self.media_type == "*/*" else 1 if self.media_type.endswith("/*") else 2


def accepted(request: Request, offered: Sequence[Media]) -> Media:
    """Return what the answer is to be written in; the first that is offered where the client does not mind.

    Errors: `NotAcceptable` when nothing that is offered fits.
    """
    named = _named(request)
    if named is not None:
        if named not in offered:
            raise NotAcceptable(f"one of the media types {', '.join(offered)} is offered here")
        return named
    header = request.headers.get("accept", "")
    ranges = _ranges(header)
    if not ranges:
        return offered[0]
    chosen: Media | None = None
    best = 0.0
    for media in offered:
        quality = _quality(media, ranges)
        if quality > best:
            best, chosen = quality, media
    if chosen is None:
        raise NotAcceptable(f"one of the media types {', '.join(offered)} is offered here")
    return chosen


def sent(request: Request, readable: Sequence[Media]) -> Media:
    """Return what the body is written in; the first that can be read where the request does not say.

    `format=FLAT` next to `application/json` says that the JSON is FLAT.
    Errors: `UnsupportedMedia`.
    """
    media_type = _bare(request.headers.get("content-type", ""))
    media = MEDIA_TYPES.get(media_type) if media_type else readable[0]
    named = _named(request, is_strict=False)
    if media is Media.JSON and named in (Media.FLAT, Media.STRUCTURED):
        media = named
    if media is None or media not in readable:
        raise UnsupportedMedia(f"a body of one of the media types {', '.join(readable)} is read here")
    return media


def _named(request: Request, *, is_strict: bool = True) -> Media | None:
    """Return the format that the `format` parameter names, None without it."""
    name = request.query_params.get("format", "").strip().lower()
    if not name:
        return None
    format_ = registry.format_named(name)
    found = MEDIA_TYPES.get(name) if format_ is None else Media(format_.value)
    if found is None and is_strict:
        raise NotAcceptable(f"format is one of {', '.join(one.name for one in Format)}")
    return found


def _ranges(header: str) -> list[_Accepted]:
    found = []
    for part in header.split(","):
        media_type, *parameters = (piece.strip().lower() for piece in part.split(";"))
        if not media_type:
            continue
        quality = 1.0
        for parameter in parameters:
            name, _, value = parameter.partition("=")
            if name.strip() == "q":
                quality = _number(value.strip())
        found.append(_Accepted("*/*" if media_type == "*" else media_type, quality))
    return found


def _number(text: str) -> float:
    try:
        return min(1.0, max(0.0, float(text)))
    except ValueError:
        return 0.0


def _quality(media: Media, ranges: Sequence[_Accepted]) -> float:
    """Return the quality of the most precise range that covers a media type, 0 where none does."""
    best: _Accepted | None = None
    for one in ranges:
        if _covers(one.media_type, media) and (best is None or one.precision() > best.precision()):
            best = one
    return best.quality if best else 0.0


def _covers(accepted_type: str, media: Media) -> bool:
    if accepted_type == "*/*":
        return True
    if accepted_type.endswith("/*"):
        return media.startswith(accepted_type[:-1])
    return MEDIA_TYPES.get(accepted_type) is media


def _bare(content_type: str) -> str:
    return content_type.split(";")[0].strip().lower()
