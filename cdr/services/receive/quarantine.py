"""Quarantine: what could not be stored, with every reason; corrected, replayed, or discarded.

An item keeps its place: replayed, it is the same item of the same message, so that nothing is stored twice and the
original stays what was received. Its content is enough to be received again alone: a Bundle with one resource and what
it refers to, a heading with the rows of one group, or a composition.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from cdr.errors import BadInput, Conflict, NotFound
from cdr.identity import Caller
from cdr.issue import Issue, Stage
from cdr.receipts import ItemTrace, Outcome, QuarantinedItem, Receipt, ReceiptStore
from cdr.services.context import Context
from cdr.services.receive.items import Item
from cdr.services.receive.service import ReceiveService
from cdr.services.receive.split import items_of


@dataclass(frozen=True, slots=True)
class QuarantineService:
    """The quarantine of the tenant."""

    context: Context
    store: ReceiptStore
    receiving: ReceiveService

    def list(self, caller: Caller, source_key: str, *, after: str = "", limit: int = 100) -> Sequence[QuarantinedItem]:
        """Return the open items of a source, after an id, without a look at their contents."""
        source = self.receiving.sources.read(caller, source_key)
        return self.store.quarantine(source.key, after=after, limit=limit)

    def read(self, caller: Caller, source_key: str, *, quarantine_id: str) -> QuarantinedItem:
        """Return an item with its content; `NotFound`."""
        found = self._item(caller, source_key, quarantine_id)
        self.context.told(caller, action="read", resource="QUARANTINE", ehr_ids=[], detail=quarantine_id)
        return found

    def correct(self, caller: Caller, source_key: str, *, quarantine_id: str, content: bytes) -> QuarantinedItem:
        """Put other content in the place of an item's; it is stored when it is replayed.

        Errors: `NotFound`, `Conflict`.
        """
        found = self._open(caller, source_key, quarantine_id)
        changed = replace(found, content=content, corrections=found.corrections + 1)
        self.store.put_quarantined(changed)
        self.context.told(caller, action="write", resource="QUARANTINE", ehr_ids=[], detail=quarantine_id)
        return changed

    def replay(self, caller: Caller, source_key: str, *, quarantine_id: str) -> ItemTrace:
        """Try once more to store an item, by the mappings as they are now, and return its new trace.

        What still cannot be stored stays, with the reasons of this attempt.
        Errors: `NotFound`, `Conflict` when it is not open, `BadInput` when the content is not exactly one item.
        """
        found = self._open(caller, source_key, quarantine_id)
        source = self.receiving.sources.read(caller, source_key)
        receipt = self._receipt(found)
        envelope = replace(receipt.envelope, media=found.media)
        today = receipt.time_received.date()
        items = items_of(found.content, envelope, mappings=self.receiving.mappings_of(source), today=today)
        if len(items) != 1:
            issue = Issue(code="RCV_ITEM", path="$", expected="exactly one item", stage=Stage.STRUCTURE)
            raise BadInput(issue.message, code="QUARANTINE_CONTENT", issues=[issue])
        item: Item = replace(items[0], number=found.number, place=found.place)
        trace = self.receiving.processor.one(caller, source, receipt, item, is_retry=True, quarantined=found)
        return self._settled(receipt, found, trace)

    def replay_all(self, caller: Caller, source_key: str) -> Sequence[ItemTrace]:
        """Replay every open item of a source and return the traces: after a mapping or a template was mended."""
        traces: list[ItemTrace] = []
        after = ""
        while True:
            page = self.list(caller, source_key, after=after)
            for one in page:
                try:
                    traces.append(self.replay(caller, source_key, quarantine_id=one.quarantine_id))
                except (BadInput, Conflict):
                    # A correction that cannot be read, or one that somebody else settled meanwhile, stops no other.
                    continue
            if not page:
                return traces
            after = page[-1].quarantine_id

    def discard(self, caller: Caller, source_key: str, *, quarantine_id: str) -> ItemTrace:
        """Give an item up; its original stays with the receipt. Errors: `NotFound`, `Conflict`."""
        found = self._open(caller, source_key, quarantine_id)
        receipt = self._receipt(found)
        before = self.store.items(receipt.receipt_id, after=found.number - 1, limit=1)
        if not before:
            raise NotFound("the trace of this item should be here", code="QUARANTINE_UNKNOWN")
        steps = (*before[0].steps, Outcome.DISCARDED.value)
        trace = replace(before[0], outcome=Outcome.DISCARDED, steps=steps, time=self.context.clock.now())
        self.context.told(caller, action="delete", resource="QUARANTINE", ehr_ids=[], detail=quarantine_id)
        return self._settled(receipt, found, trace)

    def _settled(self, receipt: Receipt, found: QuarantinedItem, trace: ItemTrace) -> ItemTrace:
        """Store a trace, close the item when it is settled, and count the receipt's outcomes anew."""
        self.store.note([trace])
        if trace.outcome is Outcome.QUARANTINED:
            return trace
        self.store.put_quarantined(replace(found, is_open=False))
        counts = dict(receipt.counts)
        counts[Outcome.QUARANTINED] = max(counts.get(Outcome.QUARANTINED, 0) - 1, 0)
        counts[trace.outcome] = counts.get(trace.outcome, 0) + 1
        left = {name: number for name, number in counts.items() if number}
        self.store.finish(receipt.receipt_id, counts=left, seconds=receipt.seconds)
        return trace

    def _receipt(self, found: QuarantinedItem) -> Receipt:
        receipt = self.store.receipt(found.receipt_id)
        if receipt is None:
            raise NotFound("the receipt of this item should be here", code="RECEIPT_UNKNOWN")
        return receipt

    def _open(self, caller: Caller, source_key: str, quarantine_id: str) -> QuarantinedItem:
        found = self._item(caller, source_key, quarantine_id)
        if not found.is_open:
            raise Conflict("the item has left the quarantine", code="QUARANTINE_CLOSED")
        return found

    def _item(self, caller: Caller, source_key: str, quarantine_id: str) -> QuarantinedItem:
        source = self.receiving.sources.read(caller, source_key)
        found = self.store.quarantined(quarantine_id)
        if found is None or found.source != source.key:
            raise NotFound("the quarantine of the source has no item with this id", code="QUARANTINE_UNKNOWN")
        return found
