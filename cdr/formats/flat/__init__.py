"""The FLAT format: one level of keys made of web template ids.

`decode` makes a composition of a mapping, `encode` the mapping of a composition; STRUCTURED is a reshaping of the same
keys (`cdr.formats.structured`).
"""

from __future__ import annotations

from cdr.formats.flat.decode import decode
from cdr.formats.flat.dialect import BETTER, DIALECTS, SPECIFICATION, Dialect
from cdr.formats.flat.encode import encode

__all__ = ["BETTER", "DIALECTS", "SPECIFICATION", "Dialect", "decode", "encode"]
