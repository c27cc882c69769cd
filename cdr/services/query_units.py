"""UCUM for the query language: quantities compare and add up after exact conversion."""

from __future__ import annotations

from fractions import Fraction

from cdr.rm.ucum import canonical


class UcumUnits:
    """Conversion by `cdr.rm.ucum`; satisfies `aql.values.Units`."""

    def canonical(self, magnitude: float, units: str) -> tuple[Fraction, str] | None:
        """Return the magnitude in base units and the name of their dimension, None for what is no UCUM unit."""
        try:
            converted, dimension = canonical(magnitude, units)
        except ValueError:
            return None
        return converted, ".".join(f"{name}{power}" for name, power in dimension)
