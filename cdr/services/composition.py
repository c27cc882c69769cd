"""Compositions and their versions."""

from __future__ import annotations

from dataclasses import dataclass

from cdr.services.context import Context


@dataclass(frozen=True, slots=True)
class CompositionService:
    """Compositions and their versions."""

    context: Context
