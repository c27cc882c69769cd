"""A summary: the answer of a content service, before it is written in one of the forms of `cdr.formats.summary`.

Sections come in the order in which they are read, critical ones first. A section says itself whether it is empty
because nobody recorded anything, because a source said that there is nothing, or because it could not be read.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from cdr.reconcile.model import Flag, Group, Statement

# Text by language code (nb, en).
Text = Mapping[str, str]


class SectionState(StrEnum):
    """What a reader may conclude from a section."""

    SHOWN = "shown"
    NONE_KNOWN = "none_known"
    NOTHING_RECORDED = "nothing_recorded"
    NOTHING_CHOSEN = "nothing_chosen"
    PARTLY_AVAILABLE = "partly_available"
    NOT_AVAILABLE = "not_available"

    @property
    def is_complete(self) -> bool:
        """Tell whether everything could be read."""
        return self not in (SectionState.PARTLY_AVAILABLE, SectionState.NOT_AVAILABLE)


@dataclass(frozen=True, slots=True)
class Failure:
    """A query or a record that could not be read; `code` is that of the error, never a value of a resident."""

    query: str
    code: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """One heading with the groups under it.

    `left_out` counts groups outside the period or of other actors; `failures` are the queries that failed.
    """

    key: str
    title: Text
    is_critical: bool
    state: SectionState
    groups: tuple[Group, ...] = ()
    left_out: int = 0
    failures: tuple[Failure, ...] = ()

    @property
    def is_blank(self) -> bool:
        """Tell whether everything could be read and nobody recorded anything."""
        return self.state is SectionState.NOTHING_RECORDED


@dataclass(frozen=True, slots=True)
class Source:
    """A system or service that statements come from: how many, and the newest record of it."""

    name: str
    system: str
    statements: int
    latest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a caller wants: days from and to (inclusive, ISO, empty for open) and the name of an actor."""

    begin: str = ""
    end: str = ""
    actor: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """What a content service answers about one resident.

    `names` has the names of the kinds of facts by language; `actors` are all that could be asked for; `drafts` counts
    records that their authors have not finished. `subject` is the resident's number as the EHR has it, empty without.
    """

    service: str
    version: str
    title: Text
    ehr_id: str
    subject: str
    created: datetime
    asked: Asked
    sections: tuple[Section, ...]
    flags: tuple[Flag, ...]
    sources: tuple[Source, ...]
    actors: tuple[str, ...]
    set_aside: Mapping[str, tuple[Statement, ...]] = field(default_factory=dict)
    subject_namespace: str = ""
    drafts: int = 0
    reviews_failed: bool = False
    names: Mapping[str, Text] = field(default_factory=dict)
    systems: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_complete(self) -> bool:
        """Tell whether everything that was asked for could be read."""
        return not self.reviews_failed and all(section.state.is_complete for section in self.sections)

    @property
    def groups(self) -> tuple[Group, ...]:
        """Return the groups of all sections."""
        return tuple(group for section in self.sections for group in section.groups)
