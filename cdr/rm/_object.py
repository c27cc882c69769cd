"""The base of every RM class: a msgspec struct that is tagged with `_type`.

Attributes that the RM requires are annotated with their type and default to `REQUIRED`, so that a draft or a faulty
body can be decoded whole and the validator can report every missing attribute at once.
"""

from __future__ import annotations

import re
from typing import Any

import msgspec

_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")

# None at run time, typed Any: a required attribute keeps its plain annotation, and its absence is a finding of the
# validator and not of the decoder.
REQUIRED: Any = None


class RmObject(msgspec.Struct, tag_field="_type", omit_defaults=True, forbid_unknown_fields=True, gc=True):
    """Base of all RM classes; `rm_name()` gives the specification's spelling of the class name."""

    @classmethod
    def rm_name(cls) -> str:
        """Return the class name as the specification spells it, for instance `DV_CODED_TEXT`."""
        return _CAMEL.sub("_", cls.__name__).upper()
