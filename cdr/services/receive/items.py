"""One item of a message on its way: what `split` hands on to `prepare`, and `prepare` to `settle`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from collections.abc import Mapping as Dictionary
from dataclasses import dataclass, field
from typing import Any

from cdr import rm
from cdr.formats.mapping import Mapping
from cdr.formats.mapping.engine import nobody
from cdr.formats.mapping.paths import Follow
from cdr.issue import Issue
from cdr.receipts import Reason

# `Any`: JSON of any shape.
Json = Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One item as it stands in a message.

    `content` gives the part of the message that it was made from, in `media`, whole enough to be received again alone;
    it is made only when somebody asks, since most items never go to quarantine.
    `mapping` is None for openEHR content, and `record` what the mapping reads. `issues` is not empty for what could not
    even be taken apart.
    """

    number: int
    place: str
    media: str
    content: Callable[[], bytes]
    mapping: Mapping | None = None
    record: Dictionary[str, Json] = field(default_factory=dict)
    follow: Follow = nobody
    issues: tuple[Issue, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """An item that can be stored: its composition (None when it is withdrawn) under the EHR of its resident.

    `object_id` is the id of the versioned composition, the same for every version of the item; `order` sorts its
    versions and `digest` is the SHA-256 of the content alone, without what the receipt adds.
    """

    object_id: str
    ehr_id: str
    order: str
    digest: str
    composition: rm.Composition | None
    template_id: str
    template_revision: str | None


@dataclass(slots=True, kw_only=True)
class Findings:
    """What is learnt of an item on the way, also when it ends in quarantine; becomes its trace."""

    steps: list[str] = field(default_factory=list)
    item_id: str = ""
    item_version: str = ""
    template_id: str = ""
    ehr_id: str = ""
    expected: int = 0
    lacking: tuple[str, ...] = ()
    codable: int = 0
    coded: int = 0


class Unusable(Exception):
    """An item cannot be stored; `issues` says all that is wrong with it."""

    def __init__(self, issues: list[Issue]) -> None:
        super().__init__("an item cannot be stored")
        self.issues = issues


def reasons_of(issues: Sequence[Issue]) -> tuple[Reason, ...]:
    """Return issues as they are kept with an item."""
    return tuple(Reason(code=one.code, path=one.path, expected=one.expected, message=one.message) for one in issues)
