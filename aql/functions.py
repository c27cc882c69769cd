"""The functions of the language: their signatures for the analysis, and what they give, as pure functions over values.

A function of an argument that is null, or of a kind it does not take, is null. CONCAT_WS alone skips null texts. What
depends on the time is fixed once for a query, by its `Moment`.

Source: AQL 1.1.0, Functions.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from enum import Enum
from typing import Protocol

from aql.errors import AqlNotSupported
from aql.values import TypedText, Value, ValueRules, number_of, text_of

MAX_TEXT = 1_000_000
"""Characters that a function may make."""


class Terminology(Protocol):
    """The terminology service that TERMINOLOGY and terminology URIs ask."""

    def call(self, operation: str, service_api: str, parameters: str) -> bool | str | Sequence[str] | None:
        """Return what the operation gives: codes for `expand`, a boolean for `validate`, a label for `lookup`."""

    def members(self, uri: str) -> Sequence[str]:
        """Return the codes that a terminology URI stands for."""


@dataclass(frozen=True, slots=True)
class Moment:
    """What the functions of one run depend on: the time in the tenant's zone, how values compare, a terminology.

    `now` has a time zone.
    """

    now: datetime
    rules: ValueRules = field(default_factory=ValueRules)
    terminology: Terminology | None = None


class Kind(Enum):
    """What an argument or result is."""

    TEXT = "text"
    NUMBER = "number"
    INTEGER = "integer"
    BOOLEAN = "boolean"
    DATE = "date"
    TIME = "time"
    DATE_TIME = "date and time"
    ANY = "any value"


RESULT_TYPES: Mapping[Kind, frozenset[str]] = {
    Kind.TEXT: frozenset({"String"}),
    Kind.NUMBER: frozenset({"Integer", "Real"}),
    Kind.INTEGER: frozenset({"Integer"}),
    Kind.BOOLEAN: frozenset({"Boolean"}),
    Kind.DATE: frozenset({"String"}),
    Kind.TIME: frozenset({"String"}),
    Kind.DATE_TIME: frozenset({"String"}),
    Kind.ANY: frozenset(),
}
"""The types that a result of each kind can have; none where nothing is known."""


@dataclass(frozen=True, slots=True)
class Signature:
    """What a function takes and gives. The last kind of `arguments` stands for all further ones if `is_open`.

    `required` is the number of arguments that cannot be left out.
    """

    arguments: tuple[Kind, ...]
    required: int
    result: Kind
    is_open: bool = False

    def takes(self, count: int) -> bool:
        """Tell whether the function takes so many arguments."""
        return self.required <= count and (self.is_open or count <= len(self.arguments))

    def kind_of(self, index: int) -> Kind:
        """Return the kind of the argument at a 0-based place."""
        return self.arguments[min(index, len(self.arguments) - 1)]

    @property
    def counts(self) -> str:
        """Return how many arguments there may be, in words."""
        if self.is_open:
            return f"at least {self.required}"
        if self.required == len(self.arguments):
            return str(self.required)
        return f"{self.required} to {len(self.arguments)}"


SIGNATURES: Mapping[str, Signature] = {
    "LENGTH": Signature((Kind.TEXT,), 1, Kind.INTEGER),
    "CONTAINS": Signature((Kind.TEXT, Kind.TEXT), 2, Kind.BOOLEAN),
    "POSITION": Signature((Kind.TEXT, Kind.TEXT), 2, Kind.INTEGER),
    "SUBSTRING": Signature((Kind.TEXT, Kind.INTEGER, Kind.INTEGER), 2, Kind.TEXT),
    "CONCAT": Signature((Kind.TEXT,), 1, Kind.TEXT, is_open=True),
    "CONCAT_WS": Signature((Kind.TEXT, Kind.TEXT), 2, Kind.TEXT, is_open=True),
    "ABS": Signature((Kind.NUMBER,), 1, Kind.NUMBER),
    "MOD": Signature((Kind.NUMBER, Kind.NUMBER), 2, Kind.NUMBER),
    "CEIL": Signature((Kind.NUMBER,), 1, Kind.NUMBER),
    "FLOOR": Signature((Kind.NUMBER,), 1, Kind.NUMBER),
    "ROUND": Signature((Kind.NUMBER, Kind.INTEGER), 1, Kind.NUMBER),
    "CURRENT_DATE": Signature((), 0, Kind.DATE),
    "CURRENT_TIME": Signature((), 0, Kind.TIME),
    "CURRENT_DATE_TIME": Signature((), 0, Kind.DATE_TIME),
    "NOW": Signature((), 0, Kind.DATE_TIME),
    "CURRENT_TIMEZONE": Signature((), 0, Kind.TEXT),
    "TERMINOLOGY": Signature((Kind.TEXT, Kind.TEXT, Kind.TEXT), 3, Kind.ANY),
}
"""The single-row functions by name."""


def call(name: str, arguments: Sequence[Value], moment: Moment) -> Value:
    """Return what a function gives for its arguments.

    Errors: AqlNotSupported for TERMINOLOGY where no terminology service is configured. The analysis has refused unknown
    functions and wrong numbers of arguments before.
    """
    if name in _CLOCK:
        return _CLOCK[name](moment.now)
    if name == "TERMINOLOGY":
        return _terminology(arguments, moment)
    if name == "CONCAT_WS":
        return _concat_ws(arguments)
    signature = SIGNATURES[name]
    values = [_argument(value, signature.kind_of(index)) for index, value in enumerate(arguments)]
    return None if any(value is None for value in values) else _PLAIN[name](*values)


def _argument(value: Value, kind: Kind) -> Value:
    """Return the argument as the function needs it, None if it is of another kind."""
    if kind is Kind.TEXT:
        text = text_of(value)
        return None if text is None else str(text)
    number = number_of(value)
    if kind is Kind.INTEGER and isinstance(number, float):
        return int(number) if number.is_integer() else None
    return number


def _contains(text: str, part: str) -> bool:
    return part in text


def _position(part: str, text: str) -> int:
    return text.find(part) + 1


def _substring(text: str, position: int, length: int | None = None) -> str | None:
    """Cut out characters `position` to `position + length - 1`, as far as the text has them."""
    start = max(position - 1, 0)
    if length is None:
        return text[start:]
    return None if length < 0 else text[start : max(position - 1 + length, start)]


def _concat(*texts: str) -> str | None:
    return "".join(texts) if sum(map(len, texts)) <= MAX_TEXT else None


def _concat_ws(arguments: Sequence[Value]) -> str | None:
    separator, *texts = (text_of(value) for value in arguments)
    if separator is None:
        return None
    joined = separator.join(text for text in texts if text is not None)
    return joined if len(joined) <= MAX_TEXT else None


def _mod(dividend: int | float, divisor: int | float) -> int | float | None:
    """Return the remainder with the sign of the dividend, as SQL does; null for a divisor of zero."""
    if divisor == 0:
        return None
    if isinstance(dividend, int) and isinstance(divisor, int):
        remainder = abs(dividend) % abs(divisor)
        return -remainder if dividend < 0 else remainder
    return math.fmod(dividend, divisor)


def _round(number: int | float, decimals: int = 0) -> int | float:
    """Round half away from zero at a decimal place, which may be negative; the type stays."""
    places = max(min(decimals, 30), -30)
    if isinstance(number, int) and places >= 0:
        return number
    shifted = Decimal(repr(number)).scaleb(places).to_integral_value(ROUND_HALF_UP)
    rounded = shifted.scaleb(-places)
    return int(rounded) if isinstance(number, int) else float(rounded)


def _ceil(number: int | float) -> int | float:
    return _whole(number, math.ceil)


def _floor(number: int | float) -> int | float:
    return _whole(number, math.floor)


def _whole(number: int | float, rounded: Callable[[int | float], int]) -> int | float:
    """Return the whole number; a Real beyond what an Integer holds has no decimals and stays as it is."""
    return number if abs(number) >= 2.0**63 else rounded(number)


_PLAIN: Mapping[str, Callable[..., Value]] = {
    "LENGTH": len,
    "CONTAINS": _contains,
    "POSITION": _position,
    "SUBSTRING": _substring,
    "CONCAT": _concat,
    "ABS": abs,
    "MOD": _mod,
    "CEIL": _ceil,
    "FLOOR": _floor,
    "ROUND": _round,
}


def _date(now: datetime) -> Value:
    return TypedText(now.date().isoformat(), "DV_DATE")


def _time(now: datetime) -> Value:
    return TypedText(now.strftime("%H:%M:%S"), "DV_TIME")


def _date_time(now: datetime) -> Value:
    return TypedText(now.isoformat(timespec="milliseconds"), "DV_DATE_TIME")


def _zone(now: datetime) -> Value:
    return now.isoformat(timespec="seconds")[19:]


_CLOCK: Mapping[str, Callable[[datetime], Value]] = {
    "CURRENT_DATE": _date,
    "CURRENT_TIME": _time,
    "CURRENT_DATE_TIME": _date_time,
    "NOW": _date_time,
    "CURRENT_TIMEZONE": _zone,
}


def _terminology(arguments: Sequence[Value], moment: Moment) -> Value:
    if moment.terminology is None:
        raise AqlNotSupported("No terminology service is configured.", feature="terminology")
    texts = [text_of(value) for value in arguments]
    if any(text is None for text in texts):
        return None
    operation, service_api, parameters = map(str, texts)
    found = moment.terminology.call(operation, service_api, parameters)
    return found if found is None or isinstance(found, bool | str) else list(found)
