"""Mappings: declarative files that say how a record of a source becomes the FLAT keys of a template.

`load` reads and checks a file, `engine.apply` runs it over one record. The set of transforms is closed: a mapping holds
no code, and what it cannot say is refused when it is loaded. `docs/receive.md` teaches the language.
"""

from __future__ import annotations

from cdr.formats.mapping.engine import Mapped, Today, apply
from cdr.formats.mapping.load import load_mapping
from cdr.formats.mapping.model import Mapping

__all__ = ["Mapped", "Mapping", "Today", "apply", "load_mapping"]
