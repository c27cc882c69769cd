"""Template sources (`.oet`): what a modeller writes, read into values.

A source names archetypes, says which slot each one fills, and narrows their nodes with rules. `read_oet` keeps it as it
was written, with the line of every part, so that the compiler's errors point into the source; the compiler
(`cdr.am.compile`) does the rest.
Source: the CompositionTemplate.xsd of the openEHR XML schemas (namespace openEHR/v1/Template).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from lxml import etree

from cdr.am.opt14_xml import line_of, parse
from cdr.am.template import Annotation, ViewConstraint
from cdr.errors import BadInput
from cdr.issue import Issue, Stage

_NAMESPACE = "{openEHR/v1/Template}"
_XSI_TYPE = "{http://www.w3.org/2001/XMLSchema-instance}type"
_CHILDREN = frozenset({"Content", "Item", "Items", "OtherContext", "description", "activityDescription"})


@dataclass(frozen=True, slots=True, kw_only=True)
class ValueConstraint:
    """What a rule says about a value: `kind` is the schema's type, for instance `textConstraint`.

    Shape: `included` and `excluded` are values, units or type names as written; `limits` holds the single elements of
    counts, durations and dates by name; `units` has one entry for each `unitMagnitude`; `value_set` is the terminology,
    query name and language of a `termQueryId`.
    """

    kind: str
    line: int
    included: tuple[str, ...] = ()
    excluded: tuple[str, ...] = ()
    is_limited_to_list: bool = True
    limits: dict[str, str] = field(default_factory=dict)
    units: tuple[dict[str, str], ...] = ()
    value_set: tuple[str, str, str] | None = None
    value_type: str = ""
    nested: tuple[ValueConstraint, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One rule on the node at a path (relative to its archetype's root): occurrences, name, default and constraints."""

    path: str
    line: int
    min: int | None = None
    max: int | None = None
    name: str = ""
    default: str = ""
    annotation: str = ""
    is_hidden_on_form: bool = False
    is_clone: bool = False
    constraint: ValueConstraint | None = None
    name_constraint: ValueConstraint | None = None
    event: tuple[str, str, tuple[str, ...]] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceNode:
    """One archetype in the template, with the path of the slot that it fills, its rules and what fills its slots."""

    rm_type: str
    archetype_id: str
    line: int
    path: str = ""
    min: int | None = None
    max: int | None = None
    name: str = ""
    template_id: str = ""
    annotation: str = ""
    is_hidden_on_form: bool = False
    rules: tuple[Rule, ...] = ()
    children: tuple[SourceNode, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class TemplateSource:
    """A whole source. `name` becomes the template id; `details` are the texts of the description by their name."""

    name: str
    uid: str
    root: SourceNode
    lifecycle_state: str = ""
    original_author: dict[str, str] = field(default_factory=dict)
    other_contributors: tuple[str, ...] = ()
    details: dict[str, str] = field(default_factory=dict)
    keywords: tuple[str, ...] = ()
    other_details: dict[str, str] = field(default_factory=dict)
    annotations: tuple[Annotation, ...] = ()
    view: tuple[ViewConstraint, ...] = ()


def read_oet(source: bytes) -> TemplateSource:
    """Return the template source in a file. Errors: BadInput with `OET_...` issues and their lines."""
    root = parse(source)
    reader = _Reader()
    template = reader.template(root)
    if reader.issues or template is None:
        first = reader.issues[0]
        raise BadInput(first.message, code=first.code, issues=reader.issues)
    return template


class _Reader:
    """Turns elements into values and collects what is wrong."""

    def __init__(self) -> None:
        self.issues: list[Issue] = []

    def _wrong(self, code: str, element: etree._Element, expected: str) -> None:
        line = f"line {line_of(element)}"
        self.issues.append(Issue(code=code, path=line, expected=expected, stage=Stage.STRUCTURE))

    def template(self, root: etree._Element) -> TemplateSource | None:
        if root.tag != _NAMESPACE + "template":
            self._wrong("OET_NAMESPACE", root, "the element <template> of the namespace openEHR/v1/Template")
            return None
        name = _text(root, "name")
        if not name:
            self._wrong("OET_MISSING", root, "<name> with the id of the template")
        definition = root.find(_NAMESPACE + "definition")
        if definition is None:
            self._wrong("OET_MISSING", root, "<definition>")
            return None
        description = root.find(_NAMESPACE + "description")
        details = description.find(_NAMESPACE + "details") if description is not None else None
        return TemplateSource(
            name=name,
            uid=_text(root, "id"),
            root=self._node(definition),
            lifecycle_state=_text(description, "lifecycle_state"),
            original_author=_dictionary(description, "original_author"),
            other_contributors=_items(description, "other_contributors"),
            details={key: _text(details, key) for key in ("purpose", "use", "misuse", "copyright")},
            keywords=_items(details, "keywords"),
            other_details=_dictionary(description, "other_details"),
            annotations=tuple(
                Annotation(item.get("path", ""), _dictionary(item, "items"))
                for item in root.iterchildren(_NAMESPACE + "annotations")
            ),
            view=tuple(self._view(root)),
        )

    def _view(self, root: etree._Element) -> Iterator[ViewConstraint]:
        view = root.find(_NAMESPACE + "view")
        for item in view.iterchildren(_NAMESPACE + "constraints") if view is not None else ():
            hints = {entry.get("id", ""): _text(entry, "value") for entry in item.iterchildren(_NAMESPACE + "items")}
            yield ViewConstraint(item.get("path", ""), hints)

    def _node(self, element: etree._Element) -> SourceNode:
        archetype_id = element.get("archetype_id", "")
        if not archetype_id:
            self._wrong("OET_MISSING", element, "the attribute archetype_id")
        children: list[SourceNode] = []
        rules: list[Rule] = []
        # The context is no archetype of its own: its rules and slots are those of the composition.
        holders = [element, *element.iterchildren(_NAMESPACE + "Context")]
        for holder in holders:
            for child in holder.iterchildren():
                name = str(child.tag).removeprefix(_NAMESPACE)
                if name == "Rule":
                    rules.append(self._rule(child))
                elif name in _CHILDREN:
                    children.append(self._node(child))
        return SourceNode(
            rm_type=_kind(element),
            archetype_id=archetype_id,
            line=line_of(element),
            path=element.get("path", ""),
            min=self._count(element, "min"),
            max=self._count(element, "max"),
            name=element.get("name", ""),
            template_id=element.get("template_id", ""),
            annotation=element.get("annotation", ""),
            is_hidden_on_form=element.get("hide_on_form") == "true",
            rules=tuple(rules),
            children=tuple(children),
        )

    def _count(self, element: etree._Element, name: str) -> int | None:
        text = element.get(name)
        if text is None:
            return None
        if text in ("*", "-1"):
            return -1
        if not text.isdecimal():
            self._wrong("OET_VALUE", element, f"a whole number in {name}")
            return None
        return int(text)

    def _rule(self, element: etree._Element) -> Rule:
        path = element.get("path", "")
        if not path.startswith("/"):
            self._wrong("OET_VALUE", element, "a path that starts with a slash")
        constraint = element.find(_NAMESPACE + "constraint")
        name_constraint = element.find(_NAMESPACE + "nameConstraint")
        event = element.find(_NAMESPACE + "eventConstraint")
        return Rule(
            path=path,
            line=line_of(element),
            min=self._count(element, "min"),
            max=self._count(element, "max"),
            name=element.get("name", ""),
            default=element.get("default", "").strip(),
            annotation=element.get("annotation", ""),
            is_hidden_on_form=element.get("hide_on_form") == "true",
            is_clone=element.get("clone") == "true",
            constraint=self._constraint(constraint) if constraint is not None else None,
            name_constraint=(
                self._constraint(name_constraint, default="textConstraint") if name_constraint is not None else None
            ),
            event=_event(event) if event is not None else None,
        )

    def _constraint(self, element: etree._Element, *, default: str = "") -> ValueConstraint:
        kind = _kind(element) or default
        if kind not in _CONSTRAINTS:
            self._wrong("OET_TYPE", element, f"a constraint, one of {', '.join(sorted(_CONSTRAINTS))}")
        query = element.find(_NAMESPACE + "termQueryId")
        value_set = None
        if query is not None:
            value_set = (query.get("terminologyID", ""), query.get("queryName", ""), query.get("terminologyLang", ""))
        return ValueConstraint(
            kind=kind,
            line=line_of(element),
            included=_texts(element, "includedValues", "includedTypes", "includedUnits"),
            excluded=_texts(element, "excludedValues", "excludedUnits"),
            is_limited_to_list=element.get("limitToList", "true") == "true",
            limits={name: _text(element, name) for name in _LIMITS if element.find(_NAMESPACE + name) is not None},
            units=tuple(
                {str(part.tag).removeprefix(_NAMESPACE): (part.text or "").strip() for part in item}
                for item in element.iterchildren(_NAMESPACE + "unitMagnitude")
            ),
            value_set=value_set,
            value_type=element.get("valueType", ""),
            nested=tuple(self._constraint(item) for item in element.iterchildren(_NAMESPACE + "valueTypeConstraints")),
        )


_CONSTRAINTS = frozenset(
    {
        "textConstraint",
        "ordinalConstraint",
        "parsableConstraint",
        "multipleConstraint",
        "dateConstraint",
        "quantityConstraint",
        "durationConstraint",
        "countConstraint",
    }
)
_LIMITS = (
    "pattern", "minMagnitude", "maxMagnitude", "includesMinimum", "includesMaximum", "minDateTime", "maxDateTime",
)  # fmt: skip


def _kind(element: etree._Element) -> str:
    return (element.get(_XSI_TYPE) or "").rpartition(":")[2]


def _text(element: etree._Element | None, name: str) -> str:
    found = element.find(_NAMESPACE + name) if element is not None else None
    return (found.text or "").strip() if found is not None else ""


def _texts(element: etree._Element, *names: str) -> tuple[str, ...]:
    return tuple((item.text or "").strip() for name in names for item in element.iterchildren(_NAMESPACE + name))


def _items(element: etree._Element | None, name: str) -> tuple[str, ...]:
    found = element.find(_NAMESPACE + name) if element is not None else None
    return _texts(found, "item") if found is not None else ()


def _dictionary(element: etree._Element | None, name: str) -> dict[str, str]:
    found = element.find(_NAMESPACE + name) if element is not None else None
    if found is None:
        return {}
    return {_text(item, "key"): _text(item, "value") for item in found.iterchildren(_NAMESPACE + "item")}


def _event(element: etree._Element) -> tuple[str, str, tuple[str, ...]]:
    return _text(element, "allowedType"), _text(element, "widthOrOffset"), _texts(element, "includedAggregations")
