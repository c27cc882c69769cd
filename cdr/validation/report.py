"""What validation gives: a report of issues, and the findings it is made from.

While the walk runs, a finding holds only references; paths, labels and sentences are made once it is over, and only
where something is wrong.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from cdr.am.constraints import CObject
from cdr.issue import Issue, Severity
from cdr.rm import RmObject

# The way to an object: the way to its parent, the attribute, the object, and the constraint it was matched with.
Trail: TypeAlias = "tuple[Trail | None, str, RmObject, CObject | None]"


@dataclass(frozen=True, slots=True)
class Report:
    """All issues of one object, in the order of its parts."""

    issues: tuple[Issue, ...] = ()

    @property
    def is_valid(self) -> bool:
        """Tell whether nothing refuses the object; warnings do not."""
        return all(issue.severity is not Severity.ERROR for issue in self.issues)


@dataclass(frozen=True, slots=True)
class Finding:
    """One violation as a check sees it: `attribute` is where below the checked object, `""` for the object itself."""

    code: str
    expected: str
    attribute: str = ""
    is_missing: bool = False
    severity: Severity = Severity.ERROR


@dataclass(frozen=True, slots=True)
class Located:
    """A finding with the way to the object it was found at, and the constraint if it is not the object's own."""

    finding: Finding
    trail: Trail
    node: CObject | None = None
