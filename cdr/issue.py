"""`Issue`: one thing that is wrong with what somebody sent, said so that they can mend it.

Decoders, template readers and validators give lists of issues; services decide what to do with them; the API and the
command line print them. An issue never holds a value from the data: only where it is and what was expected there.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """How bad an issue is: only errors refuse data."""

    ERROR = "error"
    WARNING = "warning"


class Stage(StrEnum):
    """Where an issue was found; it decides between 400 (the body is no RM object) and 422 (it breaks a rule)."""

    STRUCTURE = "structure"
    RULE = "rule"


@dataclass(frozen=True, slots=True, kw_only=True)
class Issue:
    """One violation.

    Shape: `code` is a registered code such as `RM_MISSING` or `TPL_RANGE`; `path` is the path in the data
    (`/content[openEHR-EHR-OBSERVATION.pulse.v2]/data[at0002]`, or `$.content[0]` where no RM path exists, or
    `line 3, column 7`); `node` is the path of the template node, `label` its name in the template's language;
    `expected` is what would have been right, as a clause that starts with a small letter ("a magnitude from 0 to 300");
    `sentence` replaces the message that is made of it, where somebody has said it better.
    """

    code: str
    path: str
    expected: str
    node: str = ""
    label: str = ""
    severity: Severity = Severity.ERROR
    stage: Stage = Stage.RULE
    sentence: str = ""

    @property
    def message(self) -> str:
        """Return one sentence for people: the expectation first, then the place."""
        if self.sentence:
            return self.sentence
        where = f'"{self.label}" ({self.path})' if self.label else self.path
        return f"expected {self.expected} at {where or '/'}"


def errors_of(issues: Sequence[Issue]) -> list[Issue]:
    """Return the issues that refuse data, without the warnings."""
    return [issue for issue in issues if issue.severity is Severity.ERROR]
