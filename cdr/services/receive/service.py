"""`ReceiveService`: takes messages of registered sources, and says what became of each.

A message is taken apart first; when that works it gets a receipt, which is durable together with the original before
anything is stored of it. The same message again gives the same receipt. Whatever interrupts the work leaves a receipt
that is open, which `cdr.services.receive.recovery` takes up.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass, replace
from datetime import datetime

import msgspec

from cdr import rm
from cdr.errors import BadInput, Conflict, NotFound, NotPermitted
from cdr.formats import canonical_json
from cdr.formats.mapping import Mapping
from cdr.identity import Caller
from cdr.receipts import Envelope, ItemTrace, Receipt, ReceiptStore, SourceRecord
from cdr.services.composition import CompositionService
from cdr.services.context import Context
from cdr.services.receive.feeder import receipt_id_of
from cdr.services.receive.process import LEASE, SHOWN, Processor, digest_of
from cdr.services.receive.sources import MappingLibrary, SourceService
from cdr.services.receive.split import CSV, FHIR, items_of, media_of, message_id_of

_RECEIPTS = uuid.UUID("0c6f2f0e-52c9-5c1d-8d4b-8d1f6a7b9c22")
_JSON = "application/json"
_LONGEST_ID = 200
_ALL_ITEMS = 10_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Original:
    """A message as it was received: its bytes and its media type."""

    content: bytes
    media: str


@dataclass(frozen=True, slots=True)
class ReceiveService:
    """Receiving for one tenant."""

    context: Context
    store: ReceiptStore
    sources: SourceService
    processor: Processor

    @classmethod
    def over(cls, context: Context, store: ReceiptStore, library: MappingLibrary) -> ReceiveService:
        """Return the service over a context and its store of receipts."""
        return cls(context, store, SourceService(context, store, library), Processor(context, store))

    def receive(
        self, caller: Caller, source_key: str, *, body: bytes, envelope: Envelope
    ) -> tuple[Receipt, list[ItemTrace], bool]:
        """Take a message and return its receipt, the first 1,000 traces, and whether it is new.

        Errors: `NotFound`, `NotPermitted` (the source), `NotSupported` (the media type), `BadInput` when the message
        cannot be taken apart (nothing is kept then), `Conflict` when its id was used for another message.
        """
        source = self.sources.read(caller, source_key)
        if not source.is_active:
            raise NotPermitted("the source is registered as not active", code="SOURCE_INACTIVE")
        envelope = replace(envelope, media=_media(source, envelope.media))
        digest = digest_of(body)
        own = (
            envelope.message_id or message_id_of(body, envelope.media) or f"sha256:{digest_of(_said(envelope) + body)}"
        )
        if len(own) > _LONGEST_ID:
            raise BadInput(f"a message id of at most {_LONGEST_ID} characters", code="MESSAGE_ID")
        receipt_id = receipt_id_for(caller.tenant, source.key, own)
        known = self.store.receipt(receipt_id)
        if known is not None:
            return self._repeated(known, digest=digest, envelope=envelope)
        now = self.context.clock.now()
        receipt = Receipt(
            receipt_id=receipt_id,
            source=source.key,
            message_id=own,
            digest=digest,
            size=len(body),
            envelope=envelope,
            time_received=now,
            tenant=caller.tenant,
            person=caller.person,
            role=caller.role,
        )
        items = items_of(body, envelope, mappings=self.mappings_of(source), today=now.date())
        known = self.store.add(receipt, body, lease=now + LEASE)
        if known is not None:
            return self._repeated(known, digest=digest, envelope=envelope)
        done, traces = self.processor.work(caller, source, receipt, items)
        return done, traces, True

    def finish(self, receipt: Receipt) -> None:
        """Go on with a receipt that was left open, in the name of its sender."""
        source = self.store.source(receipt.source)
        body = self.store.original(receipt.digest)
        if source is None or body is None:
            raise NotFound("the source and the original of an open receipt should be here", code="RECEIPT_BROKEN")
        caller = Caller(tenant=receipt.tenant, person=receipt.person, role=receipt.role)
        today = receipt.time_received.date()
        items = items_of(body, receipt.envelope, mappings=self.mappings_of(source), today=today)
        self.processor.work(caller, source, receipt, items, is_retry=True)

    def receipts(self, caller: Caller, source_key: str, *, before: datetime | None, limit: int) -> list[Receipt]:
        """Return the receipts of a source, newest first."""
        source = self.sources.read(caller, source_key)
        return self.store.receipts(source.key, before=before, limit=limit)

    def trace(
        self, caller: Caller, source_key: str, *, receipt_id: str, after: int = -1, limit: int = 1000
    ) -> tuple[Receipt, list[ItemTrace]]:
        """Return a receipt and the traces of its items; `NotFound`."""
        receipt = self._receipt(caller, source_key, receipt_id)
        return receipt, self.store.items(receipt_id, after=after, limit=limit)

    def original(self, caller: Caller, source_key: str, *, receipt_id: str) -> Original:
        """Return a message byte for byte as it was received; `NotFound`."""
        return self._original(caller, self._receipt(caller, source_key, receipt_id))

    def original_of(self, caller: Caller, ehr_id: str, *, uid_based_id: str) -> Original:
        """Return the message that a version of a composition was made from; `NotFound` when it was not received."""
        record = CompositionService(self.context).read(caller, ehr_id, uid_based_id=uid_based_id)
        receipt_id = receipt_id_of(canonical_json.decode(record.content or b"", rm.Composition))
        receipt = self.store.receipt(receipt_id) if receipt_id else None
        if receipt is None:
            raise NotFound("the composition was not made from a received message", code="NO_ORIGINAL")
        return self._original(caller, receipt)

    def mappings_of(self, source: SourceRecord) -> list[Mapping]:
        """Return the mappings of a source; `NotFound` and `BadInput` when one cannot be used any more."""
        return [self.sources.library.mapping(name) for name in source.mappings]

    def _original(self, caller: Caller, receipt: Receipt) -> Original:
        content = self.store.original(receipt.digest)
        if content is None:
            raise NotFound("the original of this receipt is not here any more", code="NO_ORIGINAL")
        traces = self.store.items(receipt.receipt_id, limit=_ALL_ITEMS)
        touched = sorted({one.ehr_id for one in traces if one.ehr_id})
        access = self.context.access(caller)
        if not all(access.allows_ehr(ehr_id) for ehr_id in touched):
            raise NotPermitted("the message is about others as well, whom the caller may not see", code="ORIGINAL")
        self.context.told(caller, action="read", resource="ORIGINAL", ehr_ids=touched, detail=receipt.receipt_id)
        return Original(content=content, media=receipt.envelope.media)

    def _receipt(self, caller: Caller, source_key: str, receipt_id: str) -> Receipt:
        source = self.sources.read(caller, source_key)
        found = self.store.receipt(receipt_id)
        if found is None or found.source != source.key:
            raise NotFound("the source has no receipt with this id", code="RECEIPT_UNKNOWN")
        return found

    def _repeated(self, known: Receipt, *, digest: str, envelope: Envelope) -> tuple[Receipt, list[ItemTrace], bool]:
        if known.digest != digest or _said(known.envelope) != _said(envelope):
            raise Conflict("the message id was used for another message of this source", code="MESSAGE_ID_TAKEN")
        self.store.repeated(known.receipt_id)
        again = replace(known, repeats=known.repeats + 1)
        return again, self.store.items(known.receipt_id, limit=SHOWN), False


def receipt_id_for(tenant: str, source: str, message_id: str) -> str:
    """Return the id of the receipt that a message of a source has, however often it is sent."""
    return str(uuid.uuid5(_RECEIPTS, "\n".join((tenant, source, message_id))))


def _said(envelope: Envelope) -> bytes:
    """Return what tells messages of equal bytes apart: for openEHR content, whom the headers say that it is about.

    It stands before the bytes when both are digested, so that the digest of the bytes alone, which a receipt keeps,
    leads to no identity number.
    """
    if envelope.media in (FHIR, CSV):
        return b""
    return msgspec.json.encode(replace(envelope, message_id="")) + b"\n"


def _media(source: SourceRecord, media: str) -> str:
    """Return the bare media type; plain JSON of a source that sends no openEHR content is FHIR."""
    bare = media_of(media)
    return FHIR if bare == _JSON and not source.templates else bare
