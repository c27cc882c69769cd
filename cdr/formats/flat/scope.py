"""What a value decoder needs besides its branch: where to note issues, the template, languages and context defaults."""

from __future__ import annotations

import re
from dataclasses import dataclass
from math import isfinite

from cdr.am.template import OperationalTemplate
from cdr.formats.flat.dialect import SPECIFICATION, Dialect
from cdr.formats.flat.keys import Branch, Problems
from cdr.webtemplate.model import Input, ListItem, WebTemplateNode

_NUMBER = re.compile(r"[+-]?\d{1,30}(?:\.\d{1,30})?(?:[eE][+-]?\d{1,3})?", re.ASCII)
_BEYOND = 2**63  # whole numbers are kept in 64 bits


@dataclass(slots=True, kw_only=True)
class Scope:
    """The surroundings of a decode; `id_scheme` and `id_namespace` complete references that leave them out."""

    problems: Problems
    template: OperationalTemplate
    language: str
    id_scheme: str = ""
    id_namespace: str = ""
    dialect: Dialect = SPECIFICATION

    def text(self, branch: Branch, suffix: str = "", *, what: str = "a text") -> str | None:
        """Take a string; a number or boolean is noted as an issue."""
        value = branch.take(suffix)
        if value is None or isinstance(value, str):
            return value
        self.wrong(branch, suffix, what)
        return None

    def number(self, branch: Branch, suffix: str = "") -> float | int | None:
        """Take a number; a string that spells one is accepted."""
        value = branch.take(suffix)
        if value is None:
            return None
        if isinstance(value, str) and _NUMBER.fullmatch(value):
            value = float(value) if any(mark in value for mark in ".eE") else int(value)
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        if is_number and (isfinite(value) if isinstance(value, float) else -_BEYOND <= value < _BEYOND):
            found: float | int = value
            return found
        self.wrong(branch, suffix, "a number")
        return None

    def whole(self, branch: Branch, suffix: str = "") -> int | None:
        """Take a whole number."""
        value = self.number(branch, suffix)
        if value is None or isinstance(value, int):
            return value
        if value.is_integer():
            return int(value)
        self.wrong(branch, suffix, "a whole number")
        return None

    def boolean(self, branch: Branch, suffix: str = "") -> bool | None:
        """Take true or false, also spelt as a string."""
        value = branch.take(suffix)
        if value is None or isinstance(value, bool):
            return value
        if value in ("true", "false"):
            return bool(value == "true")
        self.wrong(branch, suffix, "true or false")
        return None

    def wrong(self, branch: Branch, suffix: str, expected: str, *, code: str = "FLAT_VALUE") -> None:
        """Note that the value at a key is not what it should be."""
        self.problems.note(code, f"{branch.key}|{suffix}" if suffix else branch.key, expected)


@dataclass(frozen=True, slots=True)
class Place:
    """What the template says about the value at a key; empty where only the RM knows the value.

    `terminology` is that of codes which come without one, `""` for none.
    """

    rm_type: str = ""
    inputs: tuple[Input, ...] = ()
    terminology: str = ""
    node: WebTemplateNode | None = None

    def field(self, suffix: str) -> Input | None:
        """Return the input with a suffix."""
        return next((entry for entry in self.inputs if entry.suffix == suffix), None)

    def items(self) -> tuple[ListItem, ...]:
        """Return the values among which to choose."""
        return next((entry.items for entry in self.inputs if entry.items), ())

    @property
    def is_open(self) -> bool:
        """Tell whether a plain text may stand instead of a code."""
        return any(entry.suffix == "other" for entry in self.inputs) or any(entry.is_list_open for entry in self.inputs)


NOWHERE = Place()
