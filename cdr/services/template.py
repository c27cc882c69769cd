"""Operational templates: upload, list, read."""

from __future__ import annotations

from dataclasses import dataclass

from cdr.services.context import Context


@dataclass(frozen=True, slots=True)
class TemplateService:
    """Operational templates: upload, list, read."""

    context: Context
