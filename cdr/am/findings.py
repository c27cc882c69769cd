"""What lint finds: the table of its rules, and one finding."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, StrEnum


class Level(StrEnum):
    """How much a finding matters."""

    WARNING = "warning"
    NOTE = "note"


class Rule(Enum):
    """Every rule of lint: its code, how much it matters, and what it is about.

    A warning should be mended before a roll-out; a note is for the modeller to think about.
    """

    MISSING_TRANSLATION = ("LINT_TRANSLATION", Level.WARNING, "a term has no text in a language that readers need")
    UNSATISFIABLE = ("LINT_UNSATISFIABLE", Level.WARNING, "no data can meet a constraint")
    UNREACHABLE = ("LINT_UNREACHABLE", Level.WARNING, "a node is constrained although it may not occur")
    AMBIGUOUS_SLOTS = ("LINT_AMBIGUOUS", Level.WARNING, "two nodes cannot be told apart in data and in AQL")
    AMBIGUOUS_FLAT_ID = ("LINT_FLAT_ID", Level.WARNING, "a FLAT id needs a number, since siblings have the same name")
    MISSING_BINDING = ("LINT_BINDING", Level.NOTE, "local codes are bound to no standard terminology")
    CODE_SYSTEM_WITHOUT_URI = (
        "LINT_CODE_SYSTEM",
        Level.WARNING,
        "a national or international code system is not named by its URI",
    )

    def __init__(self, code: str, level: Level, meaning: str) -> None:
        self.code = code
        self.level = level
        self.meaning = meaning


@dataclass(frozen=True, slots=True)
class Finding:
    """One finding: the place is a template path, `expected` a clause, `hint` what to do."""

    rule: Rule
    path: str
    expected: str
    label: str = ""
    hint: str = ""
