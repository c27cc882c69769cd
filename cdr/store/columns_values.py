"""The values of one column: each kept once, in the order in which it was met, and rows hold their places.

What a query asks of a value (does it meet a condition, where does it sort) is worked out once a value and then looked
up for all rows at once. Place 0 is null, place 1 a whole node that is not kept. Values are only added, so that what
was read of a column stays right while others add to it.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import orjson

from aql.moments import Point, PointKind
from aql.objects import Value
from aql.values import TypedText, ValueRules, distinct_key, operand

NULL, WHOLE = 0, 1

Places: TypeAlias = npt.NDArray[np.int32]

_EXACT = 1 << 53
_INT64 = 1 << 63
_OVERHEAD = 120
"""Bytes that a value costs beside its text: the object, its place and the entry that finds it."""


class Unfit(Exception):
    """A value or an object does not go into columns."""


@dataclass(frozen=True, slots=True)
class Numbers:
    """The values of a column as numbers: `number` where `is_number`; the others are null."""

    number: npt.NDArray[np.float64]
    is_number: npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Points:
    """The values of a column as points of one kind, nanoseconds and precision where `is_point`; others are null."""

    kind: PointKind
    nanoseconds: npt.NDArray[np.int64]
    precision: npt.NDArray[np.int8]
    is_point: npt.NDArray[np.bool_]


class Values:
    """The values of one column. One thread adds at a time; any may ask at the same time of what was there before."""

    def __init__(self, rules: ValueRules) -> None:
        self.rules = rules
        self.values: list[Value] = [None, None]
        self.nbytes = 0
        self._places: dict[object, int] = {}
        self._distinct: list[int] = [0, 1]
        self._distinct_places: dict[object, int] = {}
        self._numbers: Numbers | None = None
        self._points: Points | None = None
        self._is_plain: dict[str, bool] = {"number": True, "point": True}
        self._asking = threading.Lock()

    def __len__(self) -> int:
        return len(self.values)

    def place(self, value: Value) -> int:
        """Return the place of a value, a new one if it has none. Errors: `Unfit`."""
        if value is None:
            return NULL
        key: object
        kind = type(value)
        if kind is float or kind is int or kind is bool:
            key = (kind, value)
        elif kind is TypedText:
            key = (value.rm_type, str(value))
        elif kind is str:
            key = value
        elif kind is dict:
            if "archetype_node_id" in value:
                raise Unfit("a path meets whole nodes")
            key = orjson.dumps(value)
        else:
            raise Unfit("a path meets what is no value")
        known = self._places.get(key)
        if known is None:
            known = self._places[key] = len(self.values)
            self.values.append(value)
            text = len(key) if isinstance(key, str | bytes) else 24
            self.nbytes += _OVERHEAD + text * (4 if kind is dict else 2)
        return known

    def distinct(self) -> Places:
        """Return, for each place, a number that is equal for values that DISTINCT takes as one."""
        with self._asking:
            return self._distinct_now()

    def _distinct_now(self) -> Places:
        for value in self.values[len(self._distinct) :]:
            key = distinct_key(value)
            self._distinct.append(self._distinct_places.setdefault(key, len(self._distinct_places) + 2))
        return np.array(self._distinct, np.int32)

    def numbers(self) -> Numbers | None:
        """Return the values as numbers, None where other values or larger ones than a double holds are among them."""
        with self._asking:
            return self._numbers_now()

    def _numbers_now(self) -> Numbers | None:
        values = self.values
        done = 2 if self._numbers is None else len(self._numbers.number)
        if self._is_plain["number"] and done < len(values):
            added = values[done:]
            if all(type(each) is float or (type(each) is int and -_EXACT < each < _EXACT) for each in added):
                old = self._numbers
                before = np.zeros(2) if old is None else old.number
                known = np.zeros(2, np.bool_) if old is None else old.is_number
                number = np.concatenate([before, np.array(added, np.float64)])
                self._numbers = Numbers(number, np.concatenate([known, np.ones(len(added), np.bool_)]))
            else:
                self._is_plain["number"] = False
        return self._numbers if self._is_plain["number"] else None

    def points(self) -> Points | None:
        """Return the values as points, None where other values, two kinds or far times are among them."""
        with self._asking:
            return self._points_now()

    def _points_now(self) -> Points | None:
        values = self.values
        old = self._points
        done = 2 if old is None else len(old.nanoseconds)
        if self._is_plain["point"] and done < len(values):
            added = [self._point(each) for each in values[done:]]
            kinds = {each.kind for each in added if each is not None} | ({old.kind} if old is not None else set())
            if len(kinds) == 1 and all(each is not None and abs(each.nanoseconds) < _INT64 for each in added):
                nanoseconds = np.array([each.nanoseconds for each in added if each is not None], np.int64)
                precision = np.array([int(each.precision) for each in added if each is not None], np.int8)
                self._points = Points(
                    next(iter(kinds)),
                    np.concatenate([np.zeros(2, np.int64) if old is None else old.nanoseconds, nanoseconds]),
                    np.concatenate([np.zeros(2, np.int8) if old is None else old.precision, precision]),
                    np.concatenate(
                        [np.zeros(2, np.bool_) if old is None else old.is_point, np.ones(len(added), np.bool_)]
                    ),
                )
            else:
                self._is_plain["point"] = False
        return self._points if self._is_plain["point"] else None

    def without(self, used: Places) -> tuple[Values, Places]:
        """Return the values at some places alone, and the new place of each old one: nothing else is remembered."""
        kept = Values(self.rules)
        moved = np.zeros(len(self.values), np.int32)
        moved[WHOLE] = WHOLE
        for place in used.tolist():
            if place > WHOLE:
                moved[place] = kept.place(self.values[place])
        return kept, moved

    def _point(self, value: Value) -> Point | None:
        if type(value) is not TypedText:
            return None
        found = operand(value, self.rules)
        return found.key if found is not None and found.family == "point" else None


def packed(values: Values) -> bytes:
    """Return the values as JSON; what remembers its type is a pair of type and text."""
    plain: list[Any] = []  # JSON
    for value in values.values[2:]:
        plain.append([value.rm_type, str(value)] if type(value) is TypedText else value)
    return orjson.dumps(plain)


def unpacked(text: bytes, rules: ValueRules) -> Values:
    """Return values from what `packed` made."""
    values = Values(rules)
    for value in orjson.loads(text):
        values.place(TypedText(value[1], value[0]) if isinstance(value, list) else value)
    return values
