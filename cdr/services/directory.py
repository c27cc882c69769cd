"""The folder tree of an EHR."""

from __future__ import annotations

from dataclasses import dataclass

from cdr.services.context import Context


@dataclass(frozen=True, slots=True)
class DirectoryService:
    """The folder tree of an EHR."""

    context: Context
