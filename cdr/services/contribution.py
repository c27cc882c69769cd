"""Contributions: versions of any kind, committed whole or not at all."""

from __future__ import annotations

from dataclasses import dataclass

from cdr.services.context import Context


@dataclass(frozen=True, slots=True)
class ContributionService:
    """Contributions: versions of any kind, committed whole or not at all."""

    context: Context
