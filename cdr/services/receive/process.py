"""Working through the items of a receipt: each is prepared and settled, or goes to quarantine, and leaves a trace.

The same for a new message, for one that a crash left open, and for a single item that is replayed.
"""

from __future__ import annotations

import hashlib
import time
import uuid
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta

from cdr.errors import BadInput, Conflict, Invalid, TooLarge, VersionConflict
from cdr.identity import Caller
from cdr.issue import Issue
from cdr.receipts import ItemTrace, Outcome, QuarantinedItem, Receipt, ReceiptStore, SourceRecord
from cdr.services.context import Context
from cdr.services.receive.items import Findings, Item, Unusable, reasons_of
from cdr.services.receive.prepare import Preparer, ReadyTemplate
from cdr.services.receive.settle import Settled, settle, settled_before

LEASE = timedelta(seconds=60)
# Traces that an answer to a message holds; the others are asked for.
SHOWN = 1_000
_QUARANTINE = uuid.UUID("5f0f3c1a-9d5e-5b0b-8d2a-4f7e6c3b2a10")
# Traces are written, and the lease is extended, after so many items.
_BATCH = 50


@dataclass(frozen=True, slots=True)
class Processor:
    """Works through items for one tenant."""

    context: Context
    store: ReceiptStore
    ready: dict[str, ReadyTemplate] = field(default_factory=dict)

    def work(
        self, caller: Caller, source: SourceRecord, receipt: Receipt, items: Sequence[Item], *, is_retry: bool = False
    ) -> tuple[Receipt, list[ItemTrace]]:
        """Store what can be stored of a message, mark its receipt as done, and return it with the first 1,000 traces.

        `is_retry` says that an earlier attempt may have stored some of it.
        Errors: `StoreUnavailable`; the receipt stays open then, and recovery goes on with it.
        """
        begun = time.monotonic()
        counts: Counter[str] = Counter()
        first: list[ItemTrace] = []
        for start in range(0, len(items), _BATCH):
            if start:
                self.store.extend(receipt.receipt_id, lease=self.context.clock.now() + LEASE)
            traces = [
                self.one(caller, source, receipt, item, is_retry=is_retry) for item in items[start : start + _BATCH]
            ]
            self.store.note(traces)
            counts.update(trace.outcome.value for trace in traces)
            first += traces[: SHOWN - len(first)]
        seconds = time.monotonic() - begun
        self.store.finish(receipt.receipt_id, counts=counts, seconds=seconds)
        return replace(receipt, is_done=True, counts=dict(counts), seconds=seconds), first

    def one(
        self,
        caller: Caller,
        source: SourceRecord,
        receipt: Receipt,
        item: Item,
        *,
        is_retry: bool,
        quarantined: QuarantinedItem | None = None,
    ) -> ItemTrace:
        """Store one item, or put it into quarantine, and return its trace; `quarantined` is what is replayed."""
        findings = Findings(steps=["received"] if quarantined is None else ["received", "quarantined", "replayed"])
        try:
            prepared = Preparer(context=self.context, ready=self.ready).prepare(
                caller, source, receipt, item=item, findings=findings
            )
            before = settled_before(self.context.versions, receipt, item.number) if is_retry else None
            settled = before or settle(
                self.context, self.store, caller, receipt=receipt, number=item.number, prepared=prepared
            )
        except Unusable as error:
            return self._refused(receipt, item, findings, error.issues, quarantined)
        except (BadInput, Invalid, Conflict, VersionConflict, TooLarge) as error:
            issues = list(error.issues) or [
                Issue(
                    code="RCV_REFUSED", path=item.place, expected="an item that can be stored", sentence=error.message
                )
            ]
            return self._refused(receipt, item, findings, issues, quarantined)
        findings.steps.append(settled.outcome.value)
        return self._trace(receipt, item, findings, settled)

    def _refused(
        self,
        receipt: Receipt,
        item: Item,
        findings: Findings,
        issues: Sequence[Issue],
        before: QuarantinedItem | None,
    ) -> ItemTrace:
        reasons = reasons_of(issues)
        kept = before or QuarantinedItem(
            quarantine_id=quarantine_id_of(receipt.receipt_id, item.number),
            receipt_id=receipt.receipt_id,
            source=receipt.source,
            number=item.number,
            place=item.place,
            media=item.media,
            content=item.content(),
            reasons=reasons,
            time=receipt.time_received,
        )
        self.store.put_quarantined(replace(kept, reasons=reasons))
        findings.steps.append(Outcome.QUARANTINED.value)
        trace = self._trace(receipt, item, findings, Settled(outcome=Outcome.QUARANTINED))
        return replace(trace, reasons=reasons)

    def _trace(self, receipt: Receipt, item: Item, findings: Findings, settled: Settled) -> ItemTrace:
        mapping = item.mapping
        return ItemTrace(
            receipt_id=receipt.receipt_id,
            source=receipt.source,
            number=item.number,
            place=item.place,
            outcome=settled.outcome,
            time=self.context.clock.now(),
            steps=tuple(findings.steps),
            item_id=findings.item_id,
            item_version=findings.item_version,
            mapping=f"{mapping.name} {mapping.version}" if mapping is not None else "",
            template_id=findings.template_id,
            ehr_id=findings.ehr_id,
            version_uid=settled.version_uid,
            expected=findings.expected,
            lacking=findings.lacking,
            codable=findings.codable,
            coded=findings.coded,
        )


def quarantine_id_of(receipt_id: str, number: int) -> str:
    """Return the id under which an item of a message stands in quarantine."""
    return str(uuid.uuid5(_QUARANTINE, f"{receipt_id}\n{number}"))


def digest_of(body: bytes) -> str:
    """Return the SHA-256 of a message, in hex."""
    return hashlib.sha256(body).hexdigest()
