"""What is kept of received messages: receipts, the trace of each item, quarantine, registered sources; and the port.

`cdr.store` supplies `ReceiptStore` for one tenant; `cdr.services.receive` works with it. The port has a module of its
own beside `cdr.ports` because it is as large as all the others together.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol


class Outcome(StrEnum):
    """What became of one item of a message."""

    STORED = "stored"
    UPDATED = "updated"
    WITHDRAWN = "withdrawn"
    UNCHANGED = "unchanged"
    SUPERSEDED = "superseded"
    QUARANTINED = "quarantined"
    DISCARDED = "discarded"


class UnknownResident(StrEnum):
    """What happens to an item about somebody who has no EHR."""

    QUARANTINE = "quarantine"
    CREATE = "create"


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceRecord:
    """One registered source.

    `key` is what FEEDER_AUDIT calls it; `supplier` whose product it is; `mappings` are names of mappings, `templates`
    the templates of which it may send openEHR content; `users` the accounts that act for it (none: every account that
    may send). A source that only reads has neither mappings nor templates. `author` is the composer where a message
    names none, `""` for the title.
    """

    key: str
    title: str
    supplier: str
    mappings: tuple[str, ...] = ()
    templates: tuple[str, ...] = ()
    unknown_resident: UnknownResident = UnknownResident.QUARANTINE
    users: tuple[str, ...] = ()
    author: str = ""
    is_active: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    """What a sender says beside the body of a message; texts are `""` where nothing was said.

    `media` is the media type; the rest is for openEHR content, which has no place for it: the resident by EHR id, or by
    identity system and number, the item's own id and version, whether it is withdrawn, and the template of FLAT.
    """

    media: str
    message_id: str = ""
    ehr_id: str = ""
    subject_system: str = ""
    subject_id: str = ""
    item_id: str = ""
    item_version: str = ""
    is_withdrawn: bool = False
    template_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """One received message. `digest` is the SHA-256 of its bytes, `size` their number; `repeats` counts later copies.

    `counts` says how many items had which outcome, once it is done; `tenant`, `person` and `role` are the sender's.
    """

    receipt_id: str
    source: str
    message_id: str
    digest: str
    size: int
    envelope: Envelope
    time_received: datetime
    tenant: str
    person: str
    role: str
    is_done: bool = False
    repeats: int = 0
    counts: Mapping[str, int] = field(default_factory=dict)
    seconds: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """Why an item is in quarantine: an issue without what only programs of the server need."""

    code: str
    path: str
    expected: str
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemTrace:
    """One item of a message from receipt to storage.

    `number` counts the items of a message from 0, `place` says where it stood; `steps` are the stages that it passed,
    in their order. `expected`, `lacking`, `codable` and `coded` are for the quality report.
    """

    receipt_id: str
    source: str
    number: int
    place: str
    outcome: Outcome
    time: datetime
    steps: tuple[str, ...] = ()
    item_id: str = ""
    item_version: str = ""
    mapping: str = ""
    template_id: str = ""
    ehr_id: str = ""
    version_uid: str = ""
    reasons: tuple[Reason, ...] = ()
    expected: int = 0
    lacking: tuple[str, ...] = ()
    codable: int = 0
    coded: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class QuarantinedItem:
    """An item that could not be stored: its bytes (as received, or as corrected) with every reason.

    `is_open` until it is replayed with success or discarded; `corrections` counts how often somebody changed it.
    """

    quarantine_id: str
    receipt_id: str
    source: str
    number: int
    place: str
    media: str
    content: bytes
    reasons: tuple[Reason, ...]
    time: datetime
    is_open: bool = True
    corrections: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """The newest version of an item that was ever seen: what orders it, the digest of its content, or withdrawn."""

    order: str
    digest: str = ""
    is_withdrawn: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceCounts:
    """What a quality report counts for one source.

    `outcomes`, `reasons` (by issue code) and `lacking` (by label) map to numbers of items; `templates` to items that
    were stored, by template; `expected` and `present` are values that mappings look for and found.
    """

    messages: int
    repeats: int
    open_messages: int
    items: int
    seconds: float
    outcomes: Mapping[str, int]
    reasons: Mapping[str, int]
    lacking: Mapping[str, int]
    templates: Mapping[str, int]
    expected: int
    present: int
    codable: int
    coded: int


class ReceiptStore(Protocol):
    """Receipts, originals, traces, quarantine and sources of one tenant."""

    def put_source(self, source: SourceRecord) -> None:
        """Store a source, new or changed."""

    def source(self, key: str) -> SourceRecord | None:
        """Return a source, or None."""

    def sources(self) -> list[SourceRecord]:
        """Return all sources by key."""

    def add(self, receipt: Receipt, body: bytes, *, lease: datetime) -> Receipt | None:
        """Store a new receipt with the original, durably; return the stored receipt when its id is taken, else None.

        `lease` is until when nobody else works on it.
        """

    def receipt(self, receipt_id: str) -> Receipt | None:
        """Return a receipt, or None."""

    def receipts(self, source: str, *, before: datetime | None = None, limit: int = 100) -> list[Receipt]:
        """Return the receipts of a source, newest first, older than a time."""

    def original(self, digest: str) -> bytes | None:
        """Return the bytes of a message as they were received, or None."""

    def repeated(self, receipt_id: str) -> None:
        """Count one more copy of a message."""

    def claim(self, *, now: datetime, lease: datetime) -> Receipt | None:
        """Take over the oldest receipt that is not done and whose lease has ended, or return None."""

    def extend(self, receipt_id: str, *, lease: datetime) -> None:
        """Go on working on a receipt until a later time."""

    def void_leases(self) -> None:
        """End all leases and locks: for a start at which nobody else can be at work."""

    def finish(self, receipt_id: str, *, counts: Mapping[str, int], seconds: float) -> None:
        """Mark a receipt as done."""

    def note(self, traces: Sequence[ItemTrace]) -> None:
        """Store traces; a later one of the same item replaces the earlier."""

    def items(self, receipt_id: str, *, after: int = -1, limit: int = 1000) -> list[ItemTrace]:
        """Return the traces of a receipt's items after a number, in their order."""

    def lock(self, item: str, *, now: datetime, until: datetime) -> tuple[bool, Mark | None]:
        """Let nobody else settle an item until a time; give whether that came about, and the item's mark.

        False while somebody else has it. The mark is None for an item that was never seen.
        """

    def unlock(self, item: str, mark: Mark | None) -> None:
        """Let others settle the item; a mark replaces the stored one."""

    def put_quarantined(self, item: QuarantinedItem) -> None:
        """Store an item of the quarantine, new or changed."""

    def quarantined(self, quarantine_id: str) -> QuarantinedItem | None:
        """Return an item of the quarantine, or None."""

    def quarantine(self, source: str, *, after: str = "", limit: int = 100) -> list[QuarantinedItem]:
        """Return the open items of a source's quarantine by id, after the given one."""

    def counts(self, source: str) -> SourceCounts:
        """Return what the quality report counts."""

    def reads(self, persons: Sequence[str]) -> Iterator[tuple[str, str, int]]:
        """Yield (resource, template id or "", number) of what these persons read, from the access log."""
