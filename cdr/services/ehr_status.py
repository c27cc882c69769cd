"""The versions of an EHR's status."""

from __future__ import annotations

from dataclasses import dataclass

from cdr.services.context import Context


@dataclass(frozen=True, slots=True)
class EhrStatusService:
    """The versions of an EHR's status."""

    context: Context
