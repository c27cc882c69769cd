"""Physical deletion and overviews for administrators."""

from __future__ import annotations

from dataclasses import dataclass

from cdr.services.context import Context


@dataclass(frozen=True, slots=True)
class AdminService:
    """Physical deletion and overviews for administrators."""

    context: Context
