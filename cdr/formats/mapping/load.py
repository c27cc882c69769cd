"""Reading mapping files: JSON, checked against `templates/mappings/mapping.schema.json`, then against the template.

Goes out: a `Mapping`, or `BadInput` with every issue. `check_targets` asks the FLAT decoder itself whether it knows the
keys that the rules can give, so that a misspelt one is named with the nearest right one before any message comes.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from collections.abc import Mapping as Dictionary
from datetime import UTC, datetime
from functools import cache
from typing import Any

import msgspec
from jsonschema import Draft202012Validator

from cdr import resources
from cdr.am.template import OperationalTemplate
from cdr.errors import BadInput
from cdr.formats import flat
from cdr.formats.mapping.model import AnyRule, Condition, Each, First, Identity, Mapping, Records, Rule
from cdr.formats.mapping.paths import Path, canonical, read_path
from cdr.issue import Issue, Stage
from cdr.webtemplate.model import WebTemplate

# `Any`: JSON that the schema has checked.
Json = Any

FOLDER = "mappings"
SCHEMA = "mapping.schema.json"


def load_mapping(source: bytes, *, name: str = "") -> Mapping:
    """Return the mapping that a file holds; `name` is what it has to be called, `""` for any name.

    Errors: `BadInput` with issues `FMT_SYNTAX`, `RCV_MAPPING`, each with the place in the file.
    """
    try:
        tree = msgspec.json.decode(source)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise _refused([_issue("$", "a mapping in JSON", code="FMT_SYNTAX")]) from error
    problems = [
        _issue(problem.json_path, _short(problem.message))
        for problem in sorted(_schema().iter_errors(tree), key=lambda one: one.json_path)
    ]
    if problems:
        raise _refused(problems)
    reader = _Reader()
    mapping = reader.mapping(tree, hashlib.sha256(source).hexdigest())
    if name and mapping.name != name:
        reader.problems.append(_issue("$.mapping", f"{name}, the name of the file"))
    if reader.problems:
        raise _refused(reader.problems)
    return mapping


def check_targets(mapping: Mapping, web_template: WebTemplate, template: OperationalTemplate) -> list[Issue]:
    """Return an issue for every target of a mapping that is no FLAT key of its template.

    Shape: `path` is the target, `expected` names the nearest key that there is.
    """
    issues: list[Issue] = []
    if mapping.template_id != template.template_id:
        return [_issue("$.template", f"{template.template_id}, the template that is checked against")]
    # One rule at a time: a value that does not fit hides further keys of the same node.
    for keys in _samples(mapping.rules):
        try:
            flat.decode(keys, web_template, template, now=datetime(2024, 1, 1, tzinfo=UTC))
        except BadInput as error:
            issues += [
                _issue(issue.path, issue.expected)
                for issue in error.issues
                if issue.code in ("FLAT_UNKNOWN_KEY", "FLAT_KEY")
            ]
    return issues


@cache
def _schema() -> Draft202012Validator:
    source = (resources.folder("templates") / FOLDER / SCHEMA).read_bytes()
    return Draft202012Validator(msgspec.json.decode(source))


class _Reader:
    """Builds the model of checked JSON and notes what the schema cannot see."""

    def __init__(self) -> None:
        self.problems: list[Issue] = []

    def mapping(self, tree: Json, revision: str) -> Mapping:
        return Mapping(
            name=tree["mapping"],
            version=tree["version"],
            title=tree["title"],
            template_id=tree["template"],
            records=self._records(tree["records"]),
            residents=tuple(
                (self._path(one["from"], f"$.resident[{number}].from"), one.get("system", ""))
                for number, one in enumerate(tree["resident"])
            ),
            identity=self._identity(tree["item"]),
            rules=self._rules(tree["set"], "$.set", depth=0),
            revision=revision,
        )

    def _records(self, tree: Json) -> Records:
        columns = tuple(tree.get("columns", ()))
        for name in (tree.get("group", ""), *tree.get("row_columns", ())):
            if name and name not in columns:
                self.problems.append(_issue("$.records", f"only columns of the list, not {name}"))
        return Records(
            format=tree["format"],
            resource=tree.get("resource", ""),
            when=self._conditions(tree.get("when", ()), "$.records.when"),
            separator=tree.get("separator", ";"),
            encodings=tuple(tree.get("encodings", ("utf-8",))),
            columns=columns,
            group=tree.get("group", ""),
            row_columns=tuple(tree.get("row_columns", ())),
        )

    def _identity(self, tree: Json) -> Identity:
        return Identity(
            item_id=self._path(tree["id"], "$.item.id"),
            item_type=tree["type"],
            issuer=tree.get("issuer", ""),
            others=tuple((self._path(one["from"], "$.item.others"), one["type"]) for one in tree.get("others", ())),
            versions=tuple((self._path(one["from"], "$.item.versions"), one["as"]) for one in tree["versions"]),
            withdrawn=self._conditions(tree.get("withdrawn", ()), "$.item.withdrawn"),
            time=self._path(tree["time"], "$.item.time") if "time" in tree else None,
        )

    def _rules(self, trees: Json, place: str, *, depth: int) -> tuple[AnyRule, ...]:
        return tuple(self._rule(tree, f"{place}[{number}]", depth=depth) for number, tree in enumerate(trees))

    def _rule(self, tree: Json, place: str, *, depth: int) -> AnyRule:
        if "first" in tree:
            return First(rules=self._rules(tree["first"], f"{place}.first", depth=depth))
        if "each" in tree:
            source = self._path(tree["each"], f"{place}.each")
            return Each(source=source, rules=self._rules(tree["set"], f"{place}.set", depth=depth + 1))
        if tree["to"].count("#") != depth:
            self.problems.append(_issue(f"{place}.to", f"{depth} times #, one for every each around it"))
        kind = tree.get("as", "text")
        if kind in ("code", "name", "quantity") and "table" not in tree:
            self.problems.append(_issue(place, "a table"))
        return Rule(
            target=tree["to"],
            transform=kind,
            source=self._path(tree["from"], f"{place}.from") if "from" in tree else None,
            constant=tree.get("value"),
            unit_source=self._path(tree["unit"], f"{place}.unit") if "unit" in tree else None,
            table={key: _entry(value) for key, value in tree.get("table", {}).items()},
            otherwise=tree.get("otherwise", ""),
            prefer=tuple(tree.get("prefer", ())),
            split=tree.get("split", ""),
            join=tree.get("join", ""),
            is_many=tree.get("many", False),
            is_required=tree.get("required", False),
            when=self._conditions(tree.get("when", ()), f"{place}.when"),
            extra=tree.get("with", {}),
            label=tree.get("label", ""),
        )

    def _conditions(self, trees: Json, place: str) -> tuple[Condition, ...]:
        return tuple(
            Condition(
                source=self._path(tree["from"], f"{place}[{number}].from"),
                one_of=frozenset(canonical(one) for one in tree["in"]) if "in" in tree else None,
                exists=tree.get("exists"),
                is_before_today=tree.get("before_today"),
                is_after_today=tree.get("after_today"),
            )
            for number, tree in enumerate(trees)
        )

    def _path(self, text: str, place: str) -> Path:
        try:
            return read_path(text)
        except ValueError as error:
            self.problems.append(_issue(place, str(error)))
            return read_path("@")


def _samples(rules: tuple[AnyRule, ...]) -> Iterator[dict[str, Json]]:
    """Yield the keys that each rule can give, with values of the kind that they would have."""
    for rule in rules:
        if not isinstance(rule, Rule):
            yield from _samples(rule.rules)
            continue
        target = rule.target.replace("#", "0") + (":0" if rule.is_many else "")
        bare = target.partition("|")[0]
        keys = {target + suffix: sample for suffix, sample in _PARTS.get(rule.transform, (("", "x"),))}
        yield keys | {bare + suffix: "x" for suffix in rule.extra}
        if rule.otherwise:
            other = rule.otherwise.replace("#", "0")
            yield {(other if "/" in other else bare + other): "x"}


_PARTS: Dictionary[str, tuple[tuple[str, Json], ...]] = {
    "code": (("|code", "x"),),
    "coding": (("|code", "x"), ("|value", "x"), ("|terminology", "x")),
    "quantity": (("|magnitude", 1), ("|unit", "x")),
    "number": (("", 1),),
    "boolean": (("", True),),
    "date": (("", "2024-01-01"),),
    "date_time": (("", "2024-01-01T00:00:00Z"),),
}


def _entry(value: Json) -> Dictionary[str, Json]:
    return value if isinstance(value, dict) else {"code": value}


def _short(message: str) -> str:
    """Return a message of the schema as a clause; it repeats parts of the mapping, which holds no patient's data."""
    return "what the schema says: " + re.sub(r"\s+", " ", message)[:200]


def _issue(path: str, expected: str, *, code: str = "RCV_MAPPING") -> Issue:
    return Issue(code=code, path=path, expected=expected, stage=Stage.STRUCTURE)


def _refused(issues: list[Issue]) -> BadInput:
    return BadInput("the mapping cannot be used", code="MAPPING", issues=issues)
