"""Value sets outside the template: one question to the terminology service, asked once for each code."""

from __future__ import annotations

from typing import Protocol


class ValueSetService(Protocol):
    """What validation needs of a terminology service."""

    def is_member(self, uri: str, terminology: str, code: str) -> bool | None:
        """Tell whether a code is in the value set at a URI; None if the value set cannot be resolved."""


class ValueSets:
    """The answers of a service during one validation; without a service nothing can be resolved."""

    __slots__ = ("_known", "_service")

    def __init__(self, service: ValueSetService | None) -> None:
        self._service = service
        self._known: dict[tuple[str, str, str], bool | None] = {}

    def is_member(self, uri: str, *, terminology: str, code: str) -> bool | None:
        """Tell whether a code is in the value set at a URI; None if the value set cannot be resolved."""
        if self._service is None:
            return None
        key = (uri, terminology, code)
        if key not in self._known:
            self._known[key] = self._service.is_member(uri, terminology, code)
        return self._known[key]
