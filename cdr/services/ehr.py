"""EHRs: creation and lookup."""

from __future__ import annotations

from dataclasses import dataclass

from cdr.services.context import Context


@dataclass(frozen=True, slots=True)
class EhrService:
    """EHRs: creation and lookup."""

    context: Context
