"""Writing a life down: moments that never fall together, ids of the sources, documents with their versions.

The order of calls decides what is drawn, so that the same seed gives the same life.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from cli.demo.residents import TODAY, Resident
from cli.demo.town.sources import SOURCES
from cli.demo.town.statements import Document, Entry, Record, State, Version

ZONE = ZoneInfo("Europe/Oslo")
# Some systems do not say where something was written.
_WITHOUT_PLACE = 0.06


@dataclass(slots=True)
class Diary:
    """A life as it is being written."""

    resident: Resident
    choice: random.Random = field(default_factory=lambda: random.Random(0))
    records: list[Record] = field(default_factory=list)
    _taken: set[datetime] = field(default_factory=set)
    _homes: dict[str, tuple[str, str]] = field(default_factory=dict)

    def day(self, days_ago: int) -> date:
        """Return a day by how long ago it was."""
        return TODAY - timedelta(days=days_ago)

    def moment(self, day: date, *, first: int = 8, last: int = 15) -> str:
        """Return a time on a day, between two hours, that nothing else of this life has."""
        hour = self.choice.randint(first, last)
        found = datetime.combine(day, time(hour, self.choice.randrange(60)), ZONE)
        while found in self._taken:
            found += timedelta(minutes=1)
        self._taken.add(found)
        return found.isoformat()

    def document(
        self, template: str, source: str, *entries: Entry, start: str, copied_from: str | None = None
    ) -> Document:
        """Return a document, mostly of the source's usual place and writer for this resident."""
        known = SOURCES[source]
        if source not in self._homes:
            self._homes[source] = (self.choice.choice(known.facilities), self.choice.choice(known.composers))
        facility, composer = self._homes[source]
        if self.choice.random() < 0.3:
            composer = self.choice.choice(known.composers)
        return Document(
            template=template,
            source=source,
            composer=composer,
            facility=None if self.choice.random() < _WITHOUT_PLACE else facility,
            start=start,
            entries=entries,
            copied_from=copied_from,
        )

    def next_key(self, source: str) -> str:
        """Return the id that the source gives its next document."""
        return f"{source}/{self.resident.number:04}-{len(self.records) + 1:03}"

    def add(self, document: Document, *, state: State = State.COMPLETE) -> str:
        """Write a document down and return its key."""
        key = self.next_key(document.source)
        self.records.append(Record(key=key, versions=(Version(state=state, document=document),)))
        return key

    def amend(self, key: str, document: Document | None, *, state: State = State.COMPLETE) -> None:
        """Add a version to a record: a correction, a draft of one, or its deletion."""
        at, record = next((at, one) for at, one in enumerate(self.records) if one.key == key)
        self.records[at] = replace(record, versions=(*record.versions, Version(state=state, document=document)))
