"""What a mapping is once it is loaded: the records it takes, what identifies an item, and its rules."""

from __future__ import annotations

from collections.abc import Mapping as Dictionary
from dataclasses import dataclass, field

from cdr.formats.mapping.paths import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """One thing that has to hold: a value among others, one that is there or not, or a day before or after today.

    `one_of`, `exists`, `is_before_today` and `is_after_today`: the one that is not None counts.
    """

    source: Path
    one_of: frozenset[str] | None = None
    exists: bool | None = None
    is_before_today: bool | None = None
    is_after_today: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One target and where its value comes from.

    `transform` is a name of `transforms.TRANSFORMS`; `table` its codes or units, `extra` suffixes with constants that
    go along with a value. `split` takes a text apart, `join` puts several together. `label` names what the quality
    report counts, `""` for what it does not.
    """

    target: str
    transform: str
    source: Path | None = None
    constant: str | float | bool | None = None
    unit_source: Path | None = None
    table: Dictionary[str, Dictionary[str, str | float]] = field(default_factory=dict)
    otherwise: str = ""
    prefer: tuple[str, ...] = ()
    split: str = ""
    join: str = ""
    is_many: bool = False
    is_required: bool = False
    when: tuple[Condition, ...] = ()
    extra: Dictionary[str, str] = field(default_factory=dict)
    label: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class First:
    """Rules of which the first that gives a value counts."""

    rules: tuple[AnyRule, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Each:
    """Rules for every element at a path; `#` in their targets is its number, from 0."""

    source: Path
    rules: tuple[AnyRule, ...]


AnyRule = Rule | First | Each


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """What identifies the item in a record.

    `item_id` is the source's own id; `others` are further ids, each with its type. `versions` are (path, kind) with
    kind `date_time`, `date` or `number`: the first that is there orders the versions of an item. `withdrawn`: one of
    these conditions says that the source takes the item back. `time` is when the source wrote it.
    """

    item_id: Path
    item_type: str
    issuer: str
    others: tuple[tuple[Path, str], ...]
    versions: tuple[tuple[Path, str], ...]
    withdrawn: tuple[Condition, ...]
    time: Path | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Records:
    """Which records a mapping takes.

    `format` is `fhir` (then `resource` names the type and `when` chooses among them) or `csv` (then `columns` are
    needed, `group` is the column whose equal values make one item, and `row_columns` may differ within a group).
    """

    format: str
    resource: str = ""
    when: tuple[Condition, ...] = ()
    separator: str = ";"
    encodings: tuple[str, ...] = ("utf-8",)
    columns: tuple[str, ...] = ()
    group: str = ""
    row_columns: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Mapping:
    """One mapping. `residents` are the paths of identity numbers with the system of each, `""` where the number tells.

    `revision` is the SHA-256 of the file.
    """

    name: str
    version: str
    title: Dictionary[str, str]
    template_id: str
    records: Records
    residents: tuple[tuple[Path, str], ...]
    identity: Identity
    rules: tuple[AnyRule, ...]
    revision: str
