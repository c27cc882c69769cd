"""What a municipality asks of its sources: how good is what they send, and which supplier shares and reads what."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from cdr.identity import Caller
from cdr.receipts import Outcome, ReceiptStore, SourceCounts
from cdr.services.receive.sources import SourceService


@dataclass(frozen=True, slots=True, kw_only=True)
class QualityReport:
    """The quality of one source.

    `complete` is the share of the values that its mappings look for and found, `coded` the share of concepts that have
    a code, both from 0 to 1 and None where there is nothing to judge; `duplicates` are items that said nothing new and
    copies of whole messages; `refused` are items in quarantine or given up. `lacking` and `reasons` count by label and
    by issue code.
    """

    source: str
    messages: int
    open_messages: int
    items: int
    outcomes: Mapping[str, int]
    templates: Mapping[str, int]
    complete: float | None
    coded: float | None
    duplicates: int
    refused: int
    lacking: Mapping[str, int]
    reasons: Mapping[str, int]
    seconds: float
    mapping_rules: Mapping[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class SupplierRow:
    """What one supplier shares and reads.

    `shares` maps template ids to stored items; `reads` maps what was read (a template id, or the kind of resource) to
    how often its accounts read it. `only_reads` are the keys of `reads` that it does not share.
    """

    supplier: str
    sources: tuple[str, ...]
    shares: Mapping[str, int]
    reads: Mapping[str, int]
    only_reads: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class QualityService:
    """Reports over the sources of the tenant."""

    store: ReceiptStore
    sources: SourceService

    def report(self, caller: Caller, source_key: str) -> QualityReport:
        """Return the quality report of a source."""
        source = self.sources.read(caller, source_key)
        counts = self.store.counts(source.key)
        outcomes = counts.outcomes
        return QualityReport(
            source=source.key,
            messages=counts.messages,
            open_messages=counts.open_messages,
            items=counts.items,
            outcomes=outcomes,
            templates=counts.templates,
            complete=_share(counts.present, counts.expected),
            coded=_share(counts.coded, counts.codable),
            duplicates=outcomes.get(Outcome.UNCHANGED, 0) + counts.repeats,
            refused=outcomes.get(Outcome.QUARANTINED, 0) + outcomes.get(Outcome.DISCARDED, 0),
            lacking=counts.lacking,
            reasons=counts.reasons,
            seconds=round(counts.seconds, 3),
            mapping_rules={name: len(self.sources.library.mapping(name).rules) for name in source.mappings},
        )

    def suppliers(self, caller: Caller) -> list[SupplierRow]:
        """Return what each supplier shares and what it reads, by name."""
        known = self.sources.list(caller)
        rows: list[SupplierRow] = []
        for supplier in sorted({source.supplier for source in known}):
            mine = [source for source in known if source.supplier == supplier]
            shares: dict[str, int] = {}
            for source in mine:
                counts: SourceCounts = self.store.counts(source.key)
                for template, number in counts.templates.items():
                    shares[template] = shares.get(template, 0) + number
            persons = sorted({person for source in mine for person in source.users})
            reads: dict[str, int] = {}
            for resource, template, number in self.store.reads(persons):
                reads[template or resource] = reads.get(template or resource, 0) + number
            rows.append(
                SupplierRow(
                    supplier=supplier,
                    sources=tuple(source.key for source in mine),
                    shares=shares,
                    reads=reads,
                    only_reads=tuple(sorted(set(reads) - set(shares))),
                )
            )
        return rows


def _share(part: int, whole: int) -> float | None:
    return round(part / whole, 4) if whole else None
