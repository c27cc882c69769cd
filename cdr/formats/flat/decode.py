"""FLAT to RM: walks the web template along the branches of a mapping and builds the composition.

Whatever the keys do not say comes from `ctx/`, then from the template, then from the specification's defaults. Keys
that nobody took are errors, all of them at once.
Source: ITS-REST development, simplified_formats, RM Mappings and Context Information.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import cast

from cdr import rm
from cdr.am.constraints import CArchetypeRoot, CComplexObject
from cdr.am.template import OperationalTemplate
from cdr.errors import BadInput
from cdr.formats.flat import attributes, context
from cdr.formats.flat.defaults import Defaults
from cdr.formats.flat.dialect import SPECIFICATION, Dialect
from cdr.formats.flat.empty import REQUIRED_STRUCTURES, default_name, empty_structure, sibling_name
from cdr.formats.flat.keys import Branch, Json, Problems, parse
from cdr.formats.flat.scope import Place, Scope
from cdr.formats.flat.unknown import report_leftovers
from cdr.formats.flat.values import date_time, ordered, text
from cdr.formats.flat.values.party import decode_party
from cdr.rm import REQUIRED
from cdr.rm.catalog import CATALOG
from cdr.webtemplate.ids import choice_id
from cdr.webtemplate.model import Step, WebTemplate, WebTemplateNode

RM_VERSION = "1.1.0"

_PHRASES = {
    "language": "ISO_639-1",
    "territory": "ISO_3166-1",
    "encoding": "IANA_character-sets",
}
_OPENEHR = frozenset({"category", "setting", "math_function", "current_state", "transition"})
_TEXT_CHOICES = ("DV_CODED_TEXT", "DV_TEXT")


def decode(
    mapping: Mapping[str, Json],
    web_template: WebTemplate,
    template: OperationalTemplate,
    *,
    now: datetime,
    dialect: Dialect = SPECIFICATION,
) -> rm.Composition:
    """Return the composition that a FLAT mapping describes.

    `now` stands where `ctx/time` is absent. The composition carries no uid unless the mapping has `_uid`; the commit
    gives it one. `dialect` says what stands where the specification is silent.
    Errors: BadInput with issues `FLAT_KEY`, `FLAT_UNKNOWN_KEY`, `FLAT_VALUE`, `FLAT_CODE`, `FLAT_CONFLICT`, or those
    of canonical JSON below `|raw`; every issue names its key, none a value.
    """
    problems = Problems()
    tree = parse(mapping, problems)
    scope = Scope(problems=problems, template=template, language=template.language, dialect=dialect)
    ctx = tree.take_child("ctx") or Branch("ctx")
    defaults = Defaults(context.read(ctx, scope, now=now), scope)
    root = web_template.root
    own = tree.take_child(root.id) or Branch(root.id)
    composition = _Decoder(scope, defaults).composition(root, own)
    report_leftovers(tree, web_template, problems)
    if problems.issues:
        first = problems.issues[0]
        more = f" (and {len(problems.issues) - 1} more)" if len(problems.issues) > 1 else ""
        raise BadInput(first.message + more, code="FLAT", issues=problems.issues)
    return composition


class _Decoder:
    def __init__(self, scope: Scope, defaults: Defaults) -> None:
        self._scope = scope
        self._defaults = defaults

    def composition(self, node: WebTemplateNode, branch: Branch) -> rm.Composition:
        raw = attributes.decode_raw(branch, self._scope, rm.Composition)
        if raw is not None:
            return raw
        composition = rm.Composition()
        self._describe(composition, node.steps[0])
        archetyped = composition.archetype_details
        if archetyped is not None:
            archetyped.template_id = rm.TemplateId(value=self._scope.template.template_id)
        self._language_first(branch)
        self._fill(composition, node, branch)
        self._defaults.composition(composition, node)
        return composition

    def _language_first(self, branch: Branch) -> None:
        """Labels are looked up in the language of the composition, so it has to be known before they are."""
        below = branch.take_child("language")
        code = below.values.get("code") if below is not None else None
        if isinstance(code, str):
            self._scope.language = code
            self._defaults.language = code

    def _fill(self, found: rm.RmObject, node: WebTemplateNode, branch: Branch) -> None:
        """Take the children and attributes of a node's object."""
        made: dict[Step, rm.RmObject] = {}
        if branch.children:
            self._take_extra(found, node, branch)
            for child in node.children:
                if child.id in branch.children:
                    for number, below in enumerate(branch.take_all(child.id)):
                        self._child(found, child, below, made, number)
            if isinstance(found, rm.Locatable):
                attributes.take_locatable(branch, self._scope, found)
            if isinstance(found, rm.Entry):
                attributes.take_entry(branch, self._scope, found)
            for step, shared in made.items():
                if isinstance(step.constraint, CComplexObject):
                    self._complete(shared, step.constraint)
        constraint = node.constraint
        if isinstance(constraint, CComplexObject):
            self._complete(found, constraint)

    def _child(
        self, parent: rm.RmObject, child: WebTemplateNode, branch: Branch, made: dict[Step, rm.RmObject], number: int
    ) -> None:
        """Take one child and hang it where its steps lead."""
        steps = child.steps
        if child.rm_type == "ELEMENT" or (len(steps) > 1 and steps[-2].rm_type == "ELEMENT"):
            is_choice = child.rm_type == "ELEMENT"
            last = steps[-1] if is_choice else steps[-2]
            above = steps[:-1] if is_choice else steps[:-2]
            found: object | None = self._element(child, last, branch, is_choice=is_choice, number=number)
        else:
            last, above = steps[-1], steps[:-1]
            found = self._object(child, last, branch, number)
        if found is None:
            return
        holder = parent
        for step in above:
            holder = self._shared(holder, step, made)
        _attach(holder, last, found)

    def _shared(self, holder: rm.RmObject, step: Step, made: dict[Step, rm.RmObject]) -> rm.RmObject:
        """Return the object of a step without a node, made once for all that hang below it."""
        found = made.get(step)
        if found is None:
            found = self._new(step)
            made[step] = found
            _attach(holder, step, found)
        return found

    def _object(self, node: WebTemplateNode, step: Step, branch: Branch, number: int) -> object | None:
        """Return a structure or a value that hangs directly on a structure."""
        if node.rm_type == "STRING":
            return self._scope.text(branch)
        if "raw" in branch.values:
            return attributes.decode_raw(branch, self._scope, CATALOG.python_class(node.rm_type.partition("<")[0]))
        if node.rm_type == "CODE_PHRASE":
            return text.decode_code_phrase(branch, self._scope, Place(terminology=_PHRASES.get(node.id, "")))
        if node.rm_type.startswith("PARTY_"):
            is_self = node.id == "composer" and self._defaults.context.is_composer_self
            place = Place(rm_type="PARTY_SELF" if is_self else "")
            return decode_party(branch, self._scope, place)
        if node.rm_type.startswith("DV_"):
            terminology = "openehr" if step.attribute in _OPENEHR else ""
            return ordered.decode(branch, self._scope, _place(node, terminology))
        found = self._new(step, is_interval=_is_interval(branch), number=number)
        if isinstance(found, rm.IntervalEvent):
            found.sample_count = self._scope.whole(branch, "sample_count")
        self._fill(found, node, branch)
        self._defaults.apply(found, node)
        return found

    def _element(
        self, node: WebTemplateNode, step: Step, branch: Branch, *, is_choice: bool, number: int
    ) -> rm.Element | None:
        if "raw" in branch.values:
            if attributes.is_raw_element(branch):
                return attributes.decode_raw(branch, self._scope, rm.Element)
            raw = attributes.decode_raw(branch, self._scope, rm.DataValue)
            value: rm.DataValue | None = raw
        else:
            value = self._choice(node, branch) if is_choice else self._value(node, branch)
        element = rm.Element()
        self._describe(element, step, number)
        element.value = cast(rm.AnyDataValue, value)
        if branch.children:
            self._take_nulls(element, branch)
            attributes.take_locatable(branch, self._scope, element)
        if value is None and element.null_flavour is None and element.uid is None and not element.links:
            return None
        return element

    def _value(self, node: WebTemplateNode, branch: Branch) -> rm.DataValue | None:
        if node.inputs and node.inputs[-1].suffix == "other":
            # A text or a code: some servers give each its own id below the element.
            for rm_type in _TEXT_CHOICES:
                below = branch.take_child(choice_id(rm_type))
                if below is not None:
                    return ordered.decode(below, self._scope, Place(rm_type=rm_type, inputs=node.inputs, node=node))
        return ordered.decode(branch, self._scope, _place(node))

    def _choice(self, node: WebTemplateNode, branch: Branch) -> rm.DataValue | None:
        """Take the value of an element with several possible types, each under an id of its own."""
        found: rm.DataValue | None = None
        for choice in node.children:
            if choice.id not in branch.children:
                continue
            below = branch.take_child(choice.id)
            if below is None:
                continue
            raw = attributes.decode_raw(below, self._scope, rm.DataValue)
            value = raw or ordered.decode(below, self._scope, _place(choice))
            if value is not None and found is not None:
                self._scope.wrong(
                    below, "", "only one of the values between which the template gives a choice", code="FLAT_CONFLICT"
                )
            found = value if value is not None else found
        return found

    def _take_nulls(self, element: rm.Element, branch: Branch) -> None:
        below = branch.take_child("_null_flavour")
        if below is not None:
            flavour = text.decode_coded_text(below, self._scope, Place(terminology="openehr"))
            if isinstance(flavour, rm.DvCodedText):
                element.null_flavour = flavour
            elif flavour is not None:
                self._scope.wrong(below, "code", "a code of the openEHR group null flavours", code="FLAT_CODE")
        below = branch.take_child("_null_reason")
        if below is not None:
            element.null_reason = text.decode_text(below, self._scope, Place(rm_type="DV_TEXT"))

    def _take_extra(self, found: rm.RmObject, node: WebTemplateNode, branch: Branch) -> None:
        """Take what some classes have besides their nodes."""
        if isinstance(found, rm.EventContext):
            self._defaults.take_event_context(found, branch)
        elif isinstance(found, rm.IsmTransition):
            reasons = [text.decode_text(below, self._scope, Place()) for below in branch.take_all("_reason")]
            found.reason = [reason for reason in reasons if reason is not None] or None
        elif isinstance(found, rm.IntervalEvent) and "width" not in node.by_id:
            self._take_interval(found, branch)
        elif isinstance(found, rm.Observation):
            below = branch.take_child("history_origin")
            if below is not None:
                self._defaults.origin_of(found, date_time.decode_date_time(below, self._scope, Place()))

    def _take_interval(self, found: rm.IntervalEvent, branch: Branch) -> None:
        """Take what makes an interval of an event that the template leaves open."""
        width, function = branch.take_child("width"), branch.take_child("math_function")
        if width is not None:
            duration = ordered.decode(width, self._scope, Place(rm_type="DV_DURATION"))
            found.width = duration if isinstance(duration, rm.DvDuration) else REQUIRED
        if function is not None:
            coded = text.decode_coded_text(function, self._scope, Place(terminology="openehr"))
            if isinstance(coded, rm.DvCodedText):
                found.math_function = coded
            elif coded is not None:
                self._scope.wrong(function, "code", "a code of the openEHR group event math function", code="FLAT_CODE")

    def _new(self, step: Step, *, is_interval: bool = False, number: int = 0) -> rm.RmObject:
        rm_class = rm.IntervalEvent if is_interval and step.rm_type == "EVENT" else _class_for(step.rm_type)
        found = rm_class()
        if isinstance(found, rm.Locatable):
            self._describe(found, step, number)
        return found

    def _describe(self, found: rm.Locatable, step: Step, number: int = 0) -> None:
        """Set the name, node id and archetype details from the template; `number` is that among its siblings."""
        found.name = sibling_name(step, number) if self._scope.dialect.numbers_names else default_name(step)
        found.archetype_node_id = step.node_id
        if isinstance(step.constraint, CArchetypeRoot):
            found.archetype_details = rm.Archetyped(
                archetype_id=rm.ArchetypeId(value=step.constraint.archetype_id), rm_version=RM_VERSION
            )

    def _complete(self, found: rm.RmObject, constraint: CComplexObject) -> None:
        """Add the structures that the RM requires and of which no key spoke: empty data, for instance."""
        for name in REQUIRED_STRUCTURES:
            if getattr(found, name, True) is None:
                setattr(found, name, empty_structure(self._scope.template, constraint, name))


def _place(node: WebTemplateNode, terminology: str = "") -> Place:
    return Place(rm_type=node.rm_type, inputs=node.inputs, terminology=terminology, node=node)


def _is_interval(branch: Branch) -> bool:
    return "width" in branch.children or "math_function" in branch.children or "sample_count" in branch.values


def _class_for(rm_type: str) -> type[rm.RmObject]:
    """Return the class of which to make an object where the template names an abstract one."""
    if rm_type in _CONCRETE:
        return _CONCRETE[rm_type]
    plain = rm_type.partition("<")[0]
    return CATALOG.python_class(plain) if CATALOG.is_class(plain) else rm.Element


_CONCRETE: dict[str, type[rm.RmObject]] = {
    "EVENT": rm.PointEvent,
    "ITEM_STRUCTURE": rm.ItemTree,
    "PARTY_PROXY": rm.PartyProxy,
    "ITEM": rm.Element,
}


def _attach(holder: rm.RmObject, step: Step, found: object) -> None:
    if not step.is_multiple:
        setattr(holder, step.attribute, found)
        return
    members = getattr(holder, step.attribute)
    if members is None:
        setattr(holder, step.attribute, [found])
    else:
        members.append(found)
