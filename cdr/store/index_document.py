"""The index document of one version, from its record and its RM object.

`is_indexed` says which versions have one; `cdr.store.commit_plan` decides in which collection it stands.
"""

from __future__ import annotations

from datetime import UTC, datetime, tzinfo

from cdr import rm
from cdr.store.client import Document
from cdr.store.ids import pack_id, pack_optional
from cdr.store.instants import date_time_seconds
from cdr.store.layout import EXTRACTOR_VERSION
from cdr.store.paths import PathDictionary
from cdr.store.to_document import index_fields
from cdr.versioning.model import ObjectKind, VersionRecord

_INDEXED = frozenset({ObjectKind.COMPOSITION, ObjectKind.EHR_STATUS, ObjectKind.FOLDER, ObjectKind.PARTY})


def is_indexed(record: VersionRecord) -> bool:
    """Tell whether a version gets an index document: it has content of a kind that can be queried."""
    return record.content is not None and record.kind in _INDEXED


def index_document(record: VersionRecord, root: rm.RmObject, *, paths: PathDictionary) -> Document:
    """Return the index document of a version, with the object's id as `_id`: as it stands in `ix` and `ix_draft`."""
    fields = index_fields(root, template_id=record.template_id, paths=paths)
    vo = pack_id(record.object_id)
    return {
        "_id": vo,
        "vo": vo,
        "u": record.uid.partition("::")[2],
        "k": record.kind.value,
        "e": pack_optional(record.ehr_id),
        "t": _start_time(root, paths.zone) or record.time_committed,
        "tc": record.time_committed,
        "n": record.number,
        "x": EXTRACTOR_VERSION,
        "lc": record.lifecycle,
        "tp": None if record.template_id is None else paths.template(record.template_id).number,
        "tr": record.template_revision,
        "a": fields.a,
        "s": fields.s,
        "w": fields.w,
        "m": fields.m,
        "r": fields.r,
    }


def superseded(document: Document, uid: str, *, until: datetime) -> Document:
    """Return an index document as it stands in `ix_hist`: under the version uid, with the time it was superseded."""
    return {**document, "_id": uid, "te": until}


def _start_time(root: rm.RmObject, zone: tzinfo) -> datetime | None:
    """Return the start of a composition's context in UTC, None where there is none that a date can hold."""
    if not isinstance(root, rm.Composition) or root.context is None or root.context.start_time is None:
        return None
    text = root.context.start_time.value
    seconds = None if text is None else date_time_seconds(text, zone)
    try:
        return None if seconds is None else datetime.fromtimestamp(seconds, UTC)
    except (ValueError, OverflowError, OSError):
        return None
