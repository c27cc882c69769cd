"""Copies of what a national solution holds the truth about: they say so in FEEDER_AUDIT.

A template that names a national source (e-resept, Kjernejournal) takes copies from there; the municipality's store must
never be taken for the source. So a composition, or each of its entries, names the national system in
FEEDER_AUDIT.feeder_system_audit or originating_system_audit.

Source: RM 1.1.0, common, Feeder System Audit.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from cdr import rm
from cdr.issue import Issue, Severity


def source_issues(
    composition: rm.Composition, national_sources: Sequence[str], *, is_refused: bool
) -> tuple[Issue, ...]:
    """Return one issue `TPL_NATIONAL_SOURCE` when content under such a template does not name the source.

    It is a warning unless `is_refused`. Names compare without regard to case.
    """
    wanted = {source.casefold() for source in national_sources}
    if not wanted or _names(composition, wanted):
        return ()
    entries = list(_entries(composition.content or ()))
    if entries and all(_names(entry, wanted) for entry in entries):
        return ()
    return (
        Issue(
            code="TPL_NATIONAL_SOURCE",
            path="/feeder_audit",
            expected=f"the national source ({' or '.join(national_sources)}) as a system in FEEDER_AUDIT, "
            "of the composition or of every entry, since what is stored here is a copy",
            severity=Severity.ERROR if is_refused else Severity.WARNING,
        ),
    )


def _names(node: rm.Locatable, wanted: set[str]) -> bool:
    audit = node.feeder_audit
    if audit is None:
        return False
    systems = (audit.feeder_system_audit, audit.originating_system_audit)
    return any(
        system is not None and system.system_id is not None and system.system_id.casefold() in wanted
        for system in systems
    )


def _entries(items: Sequence[rm.Locatable]) -> Iterator[rm.Locatable]:
    for item in items:
        if isinstance(item, rm.Section):
            yield from _entries(item.items or ())
        else:
            yield item
