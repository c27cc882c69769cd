"""Bulk commit of NDJSON: many validated versions in each contribution."""

from __future__ import annotations

from dataclasses import dataclass

from cdr.services.context import Context


@dataclass(frozen=True, slots=True)
class BulkService:
    """Bulk commit of NDJSON: many validated versions in each contribution."""

    context: Context
