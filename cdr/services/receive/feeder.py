"""FEEDER_AUDIT of received compositions: which system, its own ids and version, and the original message.

Source: RM 1.1.0, common, FEEDER_AUDIT; https://specifications.openehr.org/releases/RM/Release-1.1.0/common.html
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable, Iterator, Sequence

from cdr import rm
from cdr.receipts import Receipt, SourceRecord

ADDRESS = "/rest/kilde/v1/receive"
_ORIGINAL = re.compile(re.escape(ADDRESS) + r"/[a-z0-9_-]+/receipt/([0-9a-f-]{36})/original")


def feeder_audit(
    source: SourceRecord,
    receipt: Receipt,
    *,
    item_ids: Sequence[tuple[str, str]],
    version: str,
    time: str,
    original: rm.FeederAudit | None = None,
) -> rm.FeederAudit:
    """Return the FEEDER_AUDIT of an item; `original` is what the sender had written, whose other parts are kept.

    The system id is always the key of the source that sent the message: nobody can speak for another one. What a copy
    of a national source says of it stays in the feeder system's audit.
    """
    found = original or rm.FeederAudit()
    details = found.originating_system_audit or rm.FeederAuditDetails()
    details.system_id = source.key
    details.version_id = version or details.version_id
    if time:
        details.time = rm.DvDateTime(value=time)
    found.originating_system_audit = details
    # An identity number may be all that a source has for an id; it must not travel on as one.
    found.originating_system_item_ids = [
        rm.DvIdentifier(issuer=source.key, assigner=source.supplier, id=one, type=kind) for one, kind in item_ids
    ]
    found.original_content = rm.DvMultimedia(
        uri=rm.DvUri(value=f"{ADDRESS}/{source.key}/receipt/{receipt.receipt_id}/original"),
        media_type=_code("IANA_media-types", _media(receipt.envelope.media)),
        size=receipt.size,
        integrity_check=base64.b64encode(bytes.fromhex(receipt.digest)).decode(),
        integrity_check_algorithm=_code("openehr_integrity_check_algorithms", "SHA-256"),
    )
    return found


def give_entries_their_source(composition: rm.Composition) -> None:
    """Write the system of a composition's FEEDER_AUDIT into every entry that names none of its own.

    Queries about entries read it there. The item ids go along where the only entry is the item; several entries would
    look like copies of one another.
    """
    audit = composition.feeder_audit
    if audit is None:
        return
    entries = list(_entries(composition.content or ()))
    details = audit.originating_system_audit
    own = rm.FeederAudit(
        originating_system_item_ids=audit.originating_system_item_ids if len(entries) == 1 else None,
        originating_system_audit=rm.FeederAuditDetails(
            system_id=details.system_id, version_id=details.version_id, time=details.time
        ),
    )
    for entry in entries:
        if entry.feeder_audit is None:
            entry.feeder_audit = own


def receipt_id_of(composition: rm.Composition) -> str | None:
    """Return the id of the receipt that a composition was made from, or None."""
    audit = composition.feeder_audit
    content = audit.original_content if audit is not None else None
    uri = content.uri.value if isinstance(content, rm.DvMultimedia) and content.uri is not None else ""
    match = _ORIGINAL.fullmatch(uri)
    return match[1] if match else None


def item_ids_of(composition: rm.Composition) -> list[tuple[str, str]]:
    """Return the item ids that a sender wrote into a composition, each with its type."""
    audit = composition.feeder_audit
    identifiers = audit.originating_system_item_ids if audit is not None else None
    return [(one.id, one.type or "item") for one in identifiers or () if one.id]


def taken_over(composition: rm.Composition) -> tuple[str, str]:
    """Return the version and the time that a sender wrote into a composition, `""` where there is none."""
    audit = composition.feeder_audit
    details = audit.originating_system_audit if audit is not None else None
    if details is None:
        return "", ""
    time = details.time.value if details.time is not None else ""
    return details.version_id or time, time


def _entries(items: Iterable[rm.ContentItem]) -> Iterator[rm.Entry]:
    for item in items:
        if isinstance(item, rm.Section):
            yield from _entries(item.items or ())
        elif isinstance(item, rm.Entry):
            yield item


def _media(media: str) -> str:
    """Return the media type as the openEHR code set of media types has it."""
    return "text/csv" if media == "text/csv" else "text/xml" if "xml" in media else "application/json"


def _code(terminology: str, code: str) -> rm.CodePhrase:
    return rm.CodePhrase(terminology_id=rm.TerminologyId(value=terminology), code_string=code)
