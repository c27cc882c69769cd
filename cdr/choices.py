"""The values that settings with a choice can have; `cdr.config` says what each setting is for."""

from __future__ import annotations

from enum import StrEnum


class AuthMode(StrEnum):
    """How callers say who they are."""

    NONE = "none"
    BASIC = "basic"
    OIDC = "oidc"


class EtagForm(StrEnum):
    """How an ETag is written: `W/"uid"` as in ITS-REST 1.1.0, or `"uid"`, which older clients compare."""

    WEAK = "weak"
    STRONG = "strong"


class QueryListForm(StrEnum):
    """How stored queries are listed: an array as in ITS-REST 1.1.0, or in an object `versions`, for older clients."""

    ARRAY = "array"
    VERSIONS = "versions"


class FlatDialect(StrEnum):
    """What stands in FLAT and STRUCTURED where the specification is silent (`cdr.formats.flat.dialect`)."""

    SPECIFICATION = "specification"
    BETTER = "better"


class WhenDownChoice(StrEnum):
    """What happens to codes that only a terminology server could check while it cannot be asked."""

    ACCEPT = "accept"
    REFUSE = "refuse"


class NationalCopies(StrEnum):
    """What happens to content that does not name the national source which its template says holds the truth."""

    ACCEPT = "accept"
    REFUSE = "refuse"
