"""`Rule`: one invariant of the class tables as a value, and the two functions that rule tables are made with."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from cdr.issue import Severity

RELEASES = {
    "RM": "https://specifications.openehr.org/releases/RM/Release-1.1.0",
    "BASE": "https://specifications.openehr.org/releases/BASE/Release-1.2.0",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One invariant.

    Shape: `name` is the name of the class table, `attribute` the attribute it is about ("" for the object as a whole),
    `expected` a clause that starts with a small letter, `page` the page of the specification below `release`.
    `check` is true where the rule holds; an attribute that is absent never breaks a rule, since `missing_attributes`
    reports it. `is_ours` marks what the specification says in its prose, or implies, and gives no name.
    """

    name: str
    rm_type: str
    attribute: str
    expected: str
    page: str
    check: Callable[[Any], bool] = field(repr=False)  # takes an object of `rm_type`
    release: str = "RM"
    severity: Severity = Severity.ERROR
    is_ours: bool = False

    @property
    def code(self) -> str:
        """Return the code of the issue, such as `RM_DV_PROPORTION_FRACTION_VALIDITY`."""
        return f"RM_{self.rm_type}_{self.name}".upper()

    @property
    def source(self) -> str:
        """Return where the specification says so."""
        kind = "description" if self.is_ours else f"invariant {self.name}"
        release = RELEASES[self.release].rsplit("-", 1)[1]
        return f"{self.release} {release}, {self.rm_type}, {kind}: {RELEASES[self.release]}/{self.page}.html"


def not_empty(
    rm_type: str,
    attribute: str,
    name: str,
    *,
    page: str,
    release: str = "RM",
    severity: Severity = Severity.ERROR,
) -> Rule:
    """Return the rule that a text or a list has something in it if it is there at all."""

    def check(obj: Any) -> bool:  # an object of rm_type
        value = getattr(obj, attribute)
        return value is None or len(value) > 0

    return Rule(
        name=name,
        rm_type=rm_type,
        attribute=attribute,
        expected=f"{attribute} with content, or none",
        page=page,
        check=check,
        release=release,
        severity=severity,
    )


def is_root(rm_type: str, *, page: str, severity: Severity = Severity.ERROR) -> Rule:
    """Return the rule that an object is the root of an archetype, so that it says of which."""
    return Rule(
        name="Is_archetype_root",
        rm_type=rm_type,
        attribute="archetype_details",
        expected="archetype_details, since the object is the root of an archetype",
        page=page,
        check=lambda obj: obj.archetype_details is not None,
        severity=severity,
    )
