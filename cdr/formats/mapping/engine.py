"""`apply`: one record through one mapping.

Comes in: a record (a FHIR resource, or the rows of a CSV group), the mapping, what `today` is. Goes out: the FLAT keys
with what identifies the item and its resident, how much of what the mapping expects was there, and every issue. Issues
name places in the record and what was expected, never values.
"""

from __future__ import annotations

from collections.abc import Mapping as Dictionary
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from cdr.formats.mapping.model import AnyRule, Condition, Each, First, Mapping, Rule
from cdr.formats.mapping.moments import day_of, order_of, read_moment
from cdr.formats.mapping.paths import Follow, Path, WrongShape, canonical
from cdr.formats.mapping.transforms import TRANSFORMS, Parts, Refused, quantity
from cdr.issue import Issue, Stage

# `Any`: JSON of any shape.
Json = Any
Today = date


@dataclass(slots=True, kw_only=True)
class Mapped:
    """What became of a record.

    `version_order` sorts the versions of an item, `""` where the source gives none; `version` is its own text.
    `resident` is (system, number), None when the record names nobody. `expected` and `lacking` are labels of the
    quality report; `codable` counts the concepts that could have a code, `coded` those that have one.
    """

    flat: dict[str, Json] = field(default_factory=dict)
    item_id: str = ""
    item_ids: list[tuple[str, str]] = field(default_factory=list)
    version: str = ""
    version_order: str = ""
    is_withdrawn: bool = False
    time: str = ""
    resident: tuple[str, str] | None = None
    expected: int = 0
    lacking: list[str] = field(default_factory=list)
    codable: int = 0
    coded: int = 0
    issues: list[Issue] = field(default_factory=list)


def nobody(reference: Json, holder: Dictionary[str, Json]) -> None:
    """Follow no reference: for records that have none."""


def apply(
    mapping: Mapping, record: Dictionary[str, Json], *, place: str, today: Today, follow: Follow = nobody
) -> Mapped:
    """Return what a record becomes; `issues` is empty when it could be mapped whole."""
    run = _Run(mapping, record, place, today, follow)
    run.identify()
    if not run.mapped.is_withdrawn:
        run.rules(mapping.rules, record, ())
    return run.mapped


def takes(mapping: Mapping, record: Dictionary[str, Json], *, today: Today, follow: Follow = nobody) -> bool:
    """Tell whether the conditions of a mapping's records hold for a record."""
    run = _Run(mapping, record, "", today, follow)
    try:
        return all(run.holds(condition, record) for condition in mapping.records.when)
    except WrongShape:
        return False


class _Run:
    def __init__(
        self, mapping: Mapping, record: Dictionary[str, Json], place: str, today: Today, follow: Follow
    ) -> None:
        self._mapping = mapping
        self._record = record
        self._place = place
        self._today = today.isoformat()
        self._follow = follow
        self.mapped = Mapped()

    def identify(self) -> None:
        """Find the item's ids, version and time, whether it is withdrawn, and whose it is."""
        identity, mapped = self._mapping.identity, self.mapped
        own = self._text(identity.item_id)
        if not own:
            self._note("RCV_ITEM", identity.item_id.text, "the source's own id of the item")
        mapped.item_id = own
        mapped.item_ids = [(own, identity.item_type)] if own else []
        for path, kind in identity.others:
            mapped.item_ids += [(one, kind) for one in self._texts(path) if (one, kind) not in mapped.item_ids]
        self._version()
        try:
            mapped.is_withdrawn = any(self.holds(one, self._record) for one in identity.withdrawn)
        except WrongShape as error:
            self._note("RCV_SHAPE", error.place, error.expected)
        if identity.time is not None:
            mapped.time = read_moment(self._text(identity.time)) or ""
        for path, system in self._mapping.residents:
            number = self._text(path)
            if number:
                mapped.resident = (canonical(system) if system else "", number.replace(" ", ""))
                return

    def rules(self, rules: Sequence[AnyRule], record: Json, numbers: tuple[int, ...]) -> None:
        """Run rules over a record or an element of it; `numbers` stand for the `#` of their targets."""
        for rule in rules:
            self._any(rule, record, numbers)

    def holds(self, condition: Condition, record: Json) -> bool:
        """Tell whether a condition holds."""
        values = condition.source.values(record, root=self._record, follow=self._follow)
        if condition.exists is not None:
            return bool(values) is condition.exists
        if condition.one_of is not None:
            texts = (str(value).lower() if isinstance(value, bool) else value for value in values)
            return any(isinstance(one, str) and canonical(one) in condition.one_of for one in texts)
        moments = (read_moment(value) for value in values if isinstance(value, str))
        days = [day for moment in moments if moment and (day := day_of(moment))]
        if condition.is_before_today is not None:
            return any((day < self._today) is condition.is_before_today for day in days)
        return any((day > self._today) is condition.is_after_today for day in days)

    def _any(self, rule: AnyRule, record: Json, numbers: tuple[int, ...]) -> bool:
        """Run a rule and tell whether it gave a value."""
        if isinstance(rule, First):
            return any(self._any(one, record, numbers) for one in rule.rules)
        if isinstance(rule, Each):
            elements = self._values(rule.source, record)
            for number, element in enumerate(elements):
                self.rules(rule.rules, element, (*numbers, number))
            return bool(elements)
        return self._rule(rule, record, numbers)

    def _rule(self, rule: Rule, record: Json, numbers: tuple[int, ...]) -> bool:
        where = rule.source.text if rule.source is not None else rule.target
        try:
            if not all(self.holds(condition, record) for condition in rule.when):
                return False
            given = self._given(rule, record, numbers)
        except WrongShape as error:
            self._note("RCV_SHAPE", error.place, error.expected)
            return False
        except Refused as error:
            self._note(error.code, where, error.expected)
            return False
        self._count(rule, given)
        if not given and rule.is_required:
            self._note("RCV_MISSING", where, f"a value for {rule.label or rule.target}")
        return bool(given)

    def _given(self, rule: Rule, record: Json, numbers: tuple[int, ...]) -> Parts:
        """Set the keys of a rule and return them."""
        target = _numbered(rule.target, numbers)
        if rule.source is None:
            given: Parts = {target: rule.constant}
        else:
            values = rule.source.values(record, root=self._record, follow=self._follow)
            if rule.split:
                values = [part for one in values for part in str(one).split(rule.split) if part.strip()]
            given = {}
            if values and rule.is_many:
                for number, value in enumerate(values):
                    given |= self._parts(rule, f"{target}:{number}", [value], record, numbers)
            elif values:
                given = self._parts(rule, target, values, record, numbers)
        if given:
            bare = target.partition("|")[0]
            given |= {bare + suffix: text for suffix, text in rule.extra.items()}
        self.mapped.flat.update(given)
        return given

    def _parts(self, rule: Rule, target: str, values: Sequence[Json], record: Json, numbers: tuple[int, ...]) -> Parts:
        if rule.transform == "quantity":
            unit = self._values(rule.unit_source, record) if rule.unit_source is not None else []
            parts = quantity(rule, values, unit[0] if unit and isinstance(unit[0], str) else "")
        else:
            parts = TRANSFORMS[rule.transform](rule, values)
        return {_joined(target, _numbered(suffix, numbers)): value for suffix, value in (parts or {}).items()}

    def _count(self, rule: Rule, given: Parts) -> None:
        if rule.label:
            self.mapped.expected += 1
            if not given:
                self.mapped.lacking.append(rule.label)
        if rule.transform == "coding" and given:
            self.mapped.codable += 1
            self.mapped.coded += any(key.endswith("|code") and "/_mapping:" not in key for key in given)

    def _version(self) -> None:
        """Find the newest version that the record names, in a form that sorts."""
        for path, kind in self._mapping.identity.versions:
            texts = self._texts(path)
            if not texts:
                continue
            orders = [_order(text, kind) for text in texts]
            readable = [order for order in orders if order]
            if len(readable) < len(orders):
                self._note("RCV_VALUE", path.text, "a number" if kind == "number" else "a date or time")
            if readable:
                self.mapped.version_order = max(readable)
                self.mapped.version = texts[orders.index(self.mapped.version_order)]
            return

    def _values(self, path: Path, record: Json) -> list[Json]:
        try:
            return path.values(record, root=self._record, follow=self._follow)
        except WrongShape as error:
            self._note("RCV_SHAPE", error.place, error.expected)
            return []

    def _texts(self, path: Path) -> list[str]:
        values = self._values(path, self._record)
        return [str(one).strip() for one in values if isinstance(one, (str, int)) and not isinstance(one, bool)]

    def _text(self, path: Path) -> str:
        return next((one for one in self._texts(path) if one), "")

    def _note(self, code: str, where: str, expected: str) -> None:
        path = f"{self._place}: {where}" if self._place else where
        issue = Issue(code=code, path=path, expected=expected, stage=Stage.RULE)
        if issue not in self.mapped.issues:
            self.mapped.issues.append(issue)


def _order(text: str, kind: str) -> str:
    """Return a version in a form that sorts, `""` when it is none; numbers come before times."""
    if kind == "number":
        return f"n{int(text):020}" if text.isdigit() and len(text) <= 20 else ""
    moment = read_moment(text)
    return f"t{order_of(moment)}" if moment else ""


def _numbered(target: str, numbers: tuple[int, ...]) -> str:
    for number in numbers:
        target = target.replace("#", str(number), 1)
    return target


def _joined(target: str, suffix: str) -> str:
    """Return the key of a part; a suffix that is a whole key stands for itself."""
    return suffix if "/" in suffix and not suffix.startswith("/") else target + suffix
