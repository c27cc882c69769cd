"""UCUM unit strings: whether one is valid, what it measures, and exact conversion between two.

Rules check units with `is_valid`; queries compare quantities through `canonical`, which gives an exact fraction of base
units. Case-sensitive form only. Source: https://ucum.org/ucum, sections 2 (grammar) and 3 (semantics).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from functools import cache, lru_cache
from types import MappingProxyType

from cdr.rm import ucum_table

_LONGEST = 200
_DEEPEST = 20
_DIGITS = re.compile(r"[0-9]{1,18}\Z")
# A symbol may hold brackets, in which anything goes; the exponent stands behind it.
_SYMBOL = re.compile(r"((?:10[*^])|(?:[^0-9+\-.\[\]/(){} ]|\[[^\[\]]+\])+)([+-]?[0-9]{1,2})?\Z")
_COMPONENT = re.compile(r"(?:[^\[\]./(){}]|\[[^\[\]]*\])+")
_ANNOTATION = re.compile(r"\{[\x21-\x7a\x7c\x7e ]*\}")


@dataclass(frozen=True, slots=True)
class Unit:
    """What a unit string means: `factor` base units of the dimension, whose exponents are by base unit.

    `offset` is not zero for temperature scales only: base = magnitude * factor + offset.
    """

    factor: Fraction
    dimension: Mapping[str, int] = field(default_factory=dict)
    offset: Fraction = Fraction(0)

    def times(self, other: Unit, power: int = 1) -> Unit:
        """Return this unit times a power of another."""
        exponents = dict(self.dimension)
        for base, exponent in other.dimension.items():
            exponents[base] = exponents.get(base, 0) + exponent * power
        return Unit(self.factor * other.factor**power, {base: n for base, n in sorted(exponents.items()) if n})


ONE = Unit(Fraction(1))


def is_valid(units: str) -> bool:
    """Tell whether a text is a UCUM unit of the case-sensitive form.

    >>> is_valid("mm[Hg]"), is_valid("kg/m2"), is_valid("mmHg"), is_valid("{score}")
    (True, True, False, True)
    """
    try:
        parse(units)
    except ValueError:
        return False
    return True


@lru_cache(maxsize=1024)
def parse(units: str) -> Unit:
    """Return what a unit means. Errors: ValueError, without the text, if it is no UCUM unit."""
    if not units or len(units) > _LONGEST:
        raise ValueError("expected a unit in UCUM syntax")
    parser = _Parser(units)
    return parser.whole()


def convert(magnitude: float, units: str, target: str) -> Fraction:
    """Return the magnitude in other units, exactly.

    Errors: ValueError if one of them is no UCUM unit, or they measure different things.

    >>> float(convert(98.6, "[degF]", "Cel"))
    37.0
    """
    source, goal = parse(units), parse(target)
    if source.dimension != goal.dimension:
        raise ValueError("expected units of the same dimension")
    return (_exact(magnitude) * source.factor + source.offset - goal.offset) / goal.factor


def canonical(magnitude: float, units: str) -> tuple[Fraction, tuple[tuple[str, int], ...]]:
    """Return the magnitude in base units, exactly, and the dimension: equal dimensions may be compared.

    Errors: ValueError if the text is no UCUM unit.
    """
    unit = parse(units)
    return _exact(magnitude) * unit.factor + unit.offset, tuple(unit.dimension.items())


def are_commensurable(units: str, other: str) -> bool:
    """Tell whether both are UCUM units of one dimension."""
    try:
        return parse(units).dimension == parse(other).dimension
    except ValueError:
        return False


def _exact(magnitude: float) -> Fraction:
    """Return the number that was written: 0.1 is a tenth, and not the double next to it."""
    return Fraction(Decimal(repr(magnitude)))


class _Parser:
    """Recursive descent over: main = [ "/" ] term; term = component { ("." | "/") component }."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.position = 0
        self.depth = 0

    def whole(self) -> Unit:
        unit = ONE
        if self.take("/"):
            unit = ONE.times(self.term(), -1) if self.text[1:2] == "(" else self.tail(ONE, -1)
        else:
            unit = self.term()
        if self.position != len(self.text):
            raise ValueError("expected a unit in UCUM syntax")
        return unit

    def term(self) -> Unit:
        return self.tail(ONE, 1)

    def tail(self, unit: Unit, power: int) -> Unit:
        """Read component { ("." | "/") component }, the first with the given power."""
        first = self.component()
        if first.offset:
            # A temperature scale has no meaning as a factor: it stands alone, or counts as its interval.
            if power == 1 and self.position == len(self.text):
                return first
            first = Unit(first.factor, first.dimension)
        unit = unit.times(first, power)
        while True:
            if self.take("."):
                unit = unit.times(self.component(), 1)
            elif self.take("/"):
                unit = unit.times(self.component(), -1)
            else:
                return unit

    def component(self) -> Unit:
        if self.take("("):
            self.depth += 1
            if self.depth > _DEEPEST:
                raise ValueError("expected a unit in UCUM syntax")
            unit = self.term()
            if not self.take(")"):
                raise ValueError("expected a unit in UCUM syntax")
            self.depth -= 1
            return unit
        if match := _ANNOTATION.match(self.text, self.position):
            self.position = match.end()
            return ONE
        match = _COMPONENT.match(self.text, self.position)
        if match is None:
            raise ValueError("expected a unit in UCUM syntax")
        self.position = match.end()
        unit = _simple(match[0])
        if match := _ANNOTATION.match(self.text, self.position):
            self.position = match.end()
        return unit

    def take(self, sign: str) -> bool:
        if self.text.startswith(sign, self.position):
            self.position += 1
            return True
        return False


def _simple(text: str) -> Unit:
    if _DIGITS.match(text):
        if int(text) == 0:
            raise ValueError("expected a unit in UCUM syntax")
        return Unit(Fraction(int(text)))
    match = _SYMBOL.match(text)
    if match is None:
        raise ValueError("expected a unit in UCUM syntax")
    unit = _symbol(match[1])
    return unit if match[2] is None else ONE.times(unit, int(match[2]))


def _symbol(symbol: str) -> Unit:
    atoms = _atoms()
    if symbol in atoms or symbol in ucum_table.OFFSETS:
        return _atom(symbol)
    for length in (1, 2):
        prefix, atom = symbol[:length], symbol[length:]
        is_metric = atoms.get(atom, (False, ""))[0] or atom == "Cel"
        if not is_metric:
            continue
        if prefix in ucum_table.PREFIXES:
            unit = _atom(atom)
            return Unit(unit.factor * Fraction(10) ** ucum_table.PREFIXES[prefix], unit.dimension, unit.offset)
        if prefix in ucum_table.BINARY_PREFIXES:
            unit = _atom(atom)
            return Unit(unit.factor * 2 ** ucum_table.BINARY_PREFIXES[prefix], unit.dimension)
    raise ValueError("expected a unit in UCUM syntax")


@cache
def _atoms() -> Mapping[str, tuple[bool, str]]:
    """Return for each atom whether it takes prefixes, and its definition."""
    table = {}
    for line in ucum_table.ATOMS.splitlines():
        code, _, definition = line.partition(" ")
        is_metric = code.startswith("*")
        table[code[1:] if is_metric else code] = (is_metric, definition)
    return MappingProxyType(table)


@cache
def _atom(code: str) -> Unit:
    """Return what an atom means; a definition is a number, a unit, or a number and a unit."""
    if code in ucum_table.OFFSETS:
        slope, offset = ucum_table.OFFSETS[code]
        return Unit(Fraction(slope), {"K": 1}, Fraction(offset))
    definition = _atoms()[code][1]
    if definition == "=":
        return Unit(Fraction(1), {code: 1})
    number, _, units = definition.partition(" ")
    try:
        factor = Fraction(number)
    except ValueError:
        return parse(definition)
    return Unit(factor) if not units else Unit(factor).times(parse(units))
