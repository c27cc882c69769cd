"""Intervals of ordered values and counts, as constraints use them.

Source: BASE 1.2.0, foundation_types, Interval, Multiplicity_interval and Cardinality.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Generic, TypeVar

# Any ordered value: numbers, and ISO 8601 strings, which are compared by whoever knows their form.
T = TypeVar("T", bound=Any)


@dataclass(frozen=True, slots=True)
class Interval(Generic[T]):
    """A range of values; a bound that is None is open to infinity.

    >>> Interval(0, 10, upper_included=False).contains(10)
    False
    """

    lower: T | None = None
    upper: T | None = None
    lower_included: bool = True
    upper_included: bool = True

    def contains(self, value: T) -> bool:
        """Tell whether the value lies in the range, for types that Python can compare."""
        low, high = self.lower, self.upper
        if low is not None and (value < low or (value == low and not self.lower_included)):
            return False
        return high is None or not (value > high or (value == high and not self.upper_included))

    @property
    def is_point(self) -> bool:
        """Tell whether exactly one value is allowed."""
        return self.lower is not None and self.lower == self.upper and self.lower_included and self.upper_included

    def __str__(self) -> str:
        """Return the range for people: `0 to 300`, `more than 0`, `at most 10`."""
        low, high = self.lower, self.upper
        if low is not None and low == high:
            return f"{low}"
        at_least = "" if low is None else f"{'at least' if self.lower_included else 'more than'} {low}"
        at_most = "" if high is None else f"{'at most' if self.upper_included else 'less than'} {high}"
        if low is not None and high is not None:
            return f"{low} to {high}" if self.lower_included and self.upper_included else f"{at_least} and {at_most}"
        return at_least or at_most or "any value"


@dataclass(frozen=True, slots=True)
class Multiplicity:
    """How often something may be there: `upper` None has no limit."""

    lower: int = 1
    upper: int | None = 1

    def contains(self, count: int) -> bool:
        """Tell whether the count is allowed."""
        return count >= self.lower and (self.upper is None or count <= self.upper)

    @property
    def is_prohibited(self) -> bool:
        """Tell whether nothing may be there."""
        return self.upper == 0

    def __str__(self) -> str:
        """Return `0..1`, `1..*`."""
        return f"{self.lower}..{'*' if self.upper is None else self.upper}"


@dataclass(frozen=True, slots=True)
class Cardinality:
    """How many members a container may have, and whether their order and uniqueness matter."""

    interval: Multiplicity
    is_ordered: bool = True
    is_unique: bool = False


REQUIRED_ONCE = Multiplicity(1, 1)
OPTIONAL = Multiplicity(0, 1)
ANY_NUMBER = Multiplicity(0, None)
