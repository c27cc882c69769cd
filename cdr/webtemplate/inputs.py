"""The input fields of web template nodes: which suffixes a value has, what may be chosen, and the limits.

Called by `cdr.webtemplate.build` for each node that carries a value. Comes in: the constraint of a value; goes out: the
inputs as published web templates show them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType

from cdr.am.constraints import (
    CArchetypeRoot,
    CAttribute,
    CCodePhrase,
    CCodeReference,
    CComplexObject,
    CDvOrdinal,
    CDvQuantity,
    CDvScale,
    CObject,
    ConstraintRef,
    CPrimitiveObject,
    QuantityItem,
)
from cdr.am.primitives import CBoolean, CDate, CDateTime, CDuration, CInteger, CReal, CString, CTime
from cdr.am.template import OperationalTemplate
from cdr.webtemplate.defaults import with_default
from cdr.webtemplate.labels import openehr_label
from cdr.webtemplate.limits import duration_fields, number_range, precision_range
from cdr.webtemplate.model import Input, ListItem, Validation

_PLAIN: Mapping[str, tuple[Input, ...]] = MappingProxyType(
    {
        "DV_TEXT": (Input(type="TEXT"),),
        "DV_CODED_TEXT": (Input(type="TEXT", suffix="code"), Input(type="TEXT", suffix="value")),
        "DV_BOOLEAN": (Input(type="BOOLEAN"),),
        "DV_COUNT": (Input(type="INTEGER"),),
        "DV_DATE": (Input(type="DATE"),),
        "DV_TIME": (Input(type="TIME"),),
        "DV_DATE_TIME": (Input(type="DATETIME"),),
        "DV_URI": (Input(type="TEXT"),),
        "DV_EHR_URI": (Input(type="TEXT"),),
        "DV_MULTIMEDIA": (Input(type="TEXT"),),
        "STRING": (Input(type="TEXT"),),
        "DV_ORDINAL": (Input(type="CODED_TEXT"),),
        "DV_SCALE": (Input(type="CODED_TEXT"),),
        "DV_QUANTITY": (Input(type="DECIMAL", suffix="magnitude"), Input(type="CODED_TEXT", suffix="unit")),
        "DV_PROPORTION": (Input(type="DECIMAL", suffix="numerator"), Input(type="DECIMAL", suffix="denominator")),
        "DV_PARSABLE": (Input(type="TEXT", suffix="value"), Input(type="TEXT", suffix="formalism")),
        "DV_IDENTIFIER": tuple(Input(type="TEXT", suffix=suffix) for suffix in ("id", "type", "issuer", "assigner")),
        "PARTY_PROXY": tuple(
            Input(type="TEXT", suffix=suffix) for suffix in ("id", "id_scheme", "id_namespace", "name")
        ),
    }
)
_KINDS = ("ratio", "unitary", "percent", "fraction", "integer_fraction")
_DENOMINATORS = MappingProxyType({"unitary": 1.0, "percent": 100.0})
_OTHER = Input(type="TEXT", suffix="other")


def proportion_kinds(constraint: CObject) -> tuple[str, ...]:
    """Return the names of the kinds that a constraint on DV_PROPORTION allows, () for other types."""
    if constraint.rm_type != "DV_PROPORTION":
        return ()
    item = _primitive(constraint, "type")
    if isinstance(item, CInteger) and item.values:
        return tuple(_KINDS[value] for value in item.values if 0 <= value < len(_KINDS))
    return _KINDS


class Inputs:
    """Makes the inputs of the nodes of one template."""

    def __init__(self, template: OperationalTemplate) -> None:
        self._template = template
        self._language = template.language
        self._languages = template.languages or (template.language,)

    def of_type(self, rm_type: str) -> tuple[Input, ...]:
        """Return the inputs of a value that nothing constrains."""
        return duration_fields(None) if rm_type == "DV_DURATION" else _PLAIN.get(rm_type, ())

    def of(self, constraint: CObject, *, root: CArchetypeRoot) -> tuple[Input, ...]:
        """Return the inputs of a constrained value, starting with the template's default for it."""
        return with_default(self._constrained(constraint, root), self._template.default_of(constraint))

    def _constrained(self, constraint: CObject, root: CArchetypeRoot) -> tuple[Input, ...]:
        match constraint:
            case CDvQuantity():
                return self._quantity(constraint)
            case CDvOrdinal() | CDvScale():
                return self._ordinal(constraint, root)
        item = _primitive(constraint, "value")
        match constraint.rm_type:
            case "DV_CODED_TEXT":
                return self._coded(constraint, root)
            case "DV_TEXT":
                return _text(item if isinstance(item, CString) else None)
            case "DV_BOOLEAN" if isinstance(item, CBoolean):
                return (_boolean(item),)
            case "DV_COUNT":
                number = _primitive(constraint, "magnitude")
                limits = number_range(number) if isinstance(number, CInteger) else None
                default = number.assumed if isinstance(number, CInteger) else None
                return (Input(type="INTEGER", validation=limits, default=default),)
            case "DV_DURATION":
                return duration_fields(item if isinstance(item, CDuration) else None)
            case "DV_PROPORTION":
                return self._proportion(constraint)
            case "DV_DATE" | "DV_TIME" | "DV_DATE_TIME" if isinstance(item, CDate | CTime | CDateTime):
                plain = _PLAIN[constraint.rm_type][0]
                return (replace(plain, validation=Validation(pattern=item.pattern) if item.pattern else None),)
        return self.of_type(constraint.rm_type)

    def open_list(self, first: str, coded: CObject, *, root: CArchetypeRoot) -> tuple[Input, ...]:
        """Return the inputs where a text or a code may be given; `first` is the type that the template names first."""
        if first == "DV_TEXT":
            return (Input(type="TEXT", is_list_open=True), _OTHER)
        made = self._coded(coded, root)
        if made[0].items:
            return (replace(made[0], is_list_open=True), _OTHER)
        return (*made, _OTHER)

    def of_transitions(self, transitions: Sequence[CObject], *, root: CArchetypeRoot) -> dict[str, tuple[Input, ...]]:
        """Return the inputs of the states, transitions and careflow steps of an action."""
        states: dict[str, ListItem] = {}
        steps: dict[str, ListItem] = {}
        for transition in transitions:
            phrases = {name: _code_phrase(transition, name) for name in ("current_state", "careflow_step")}
            state, step = phrases["current_state"], phrases["careflow_step"]
            codes = state.codes if state else ()
            for code in codes:
                states.setdefault(code, self._list_item(code, "openehr", root))
            for code in step.codes if step else ():
                item = self._list_item(code, "local", root)
                steps.setdefault(code, replace(item, current_states=codes))
        found: dict[str, tuple[Input, ...]] = {}
        if states:
            listed = tuple(states.values())
            found["current_state"] = (Input(type="CODED_TEXT", suffix="code", items=listed, terminology="openehr"),)
        if steps:
            found["careflow_step"] = (Input(type="CODED_TEXT", suffix="code", items=tuple(steps.values())),)
        return found

    def category_codes(self, attribute: CAttribute | None) -> tuple[str, ...]:
        """Return the codes that a constraint on the category of a composition allows."""
        for child in attribute.children if attribute else ():
            phrase = _phrase_in(child)
            if phrase is not None:
                return phrase.codes
        return ()

    def _coded(self, constraint: CObject, root: CArchetypeRoot) -> tuple[Input, ...]:
        phrase = _phrase_in(constraint)
        if phrase is None:
            return _PLAIN["DV_CODED_TEXT"]
        terminology = phrase.terminology or ""
        if isinstance(phrase, CCodeReference) and not phrase.codes:
            terminology = _referenced(phrase.reference_set_uri) or terminology
        shown = "" if terminology == "local" else terminology
        if not phrase.codes:
            return (
                Input(type="TEXT", suffix="code", terminology=shown),
                Input(type="TEXT", suffix="value", terminology=shown),
            )
        items = tuple(self._list_item(code, terminology, root) for code in phrase.codes)
        default = phrase.assumed.code if phrase.assumed else None
        return (Input(type="CODED_TEXT", suffix="code", items=items, terminology=shown, default=default),)

    def _list_item(self, code: str, terminology: str, root: CArchetypeRoot) -> ListItem:
        """Return a code with its label in every language of the template."""
        labels: dict[str, str] = {}
        descriptions: dict[str, str] = {}
        for language in self._languages:
            if terminology == "openehr":
                label = openehr_label(code, language)
                if label:
                    labels[language] = label
                continue
            term = root.term_definitions.get(language, {}).get(code)
            if term is None and terminology not in ("local", ""):
                term = root.term_definitions.get(language, {}).get(f"{terminology}::{code}")
            if term is not None:
                labels[language] = term.text
                if term.description:
                    descriptions[language] = term.description
        label = labels.get(self._language) or next(iter(labels.values()), code)
        bindings = {name: codes[code] for name, codes in root.term_bindings.items() if code in codes}
        return ListItem(
            value=code,
            label=label,
            localized_labels=labels,
            localized_descriptions=descriptions,
            term_bindings=bindings,
        )

    def _quantity(self, constraint: CDvQuantity) -> tuple[Input, ...]:
        if not constraint.items:
            return _PLAIN["DV_QUANTITY"]
        units = tuple(
            ListItem(value=item.units, label=item.units, validation=_limits(item)) for item in constraint.items
        )
        single = units[0].validation if len(units) == 1 else None
        assumed = constraint.assumed
        return (
            Input(
                type="DECIMAL", suffix="magnitude", validation=single, default=assumed.magnitude if assumed else None
            ),
            Input(type="CODED_TEXT", suffix="unit", items=units, default=assumed.units if assumed else None),
        )

    def _ordinal(self, constraint: CDvOrdinal | CDvScale, root: CArchetypeRoot) -> tuple[Input, ...]:
        items = []
        for step in constraint.items:
            item = self._list_item(step.symbol.code, step.symbol.terminology, root)
            if step.text and not item.localized_labels:
                item = replace(item, label=step.text)
            items.append(replace(item, ordinal=step.value))
        assumed = constraint.assumed
        default = assumed.symbol.defining_code.code_string if assumed else None
        return (Input(type="CODED_TEXT", items=tuple(items), default=default),)

    def _proportion(self, constraint: CObject) -> tuple[Input, ...]:
        found: list[Input] = []
        kinds = proportion_kinds(constraint)
        for plain in _PLAIN["DV_PROPORTION"]:
            number = _primitive(constraint, plain.suffix)
            limits = number_range(number) if isinstance(number, CReal | CInteger) else None
            if plain.suffix == "denominator" and limits is None and len(kinds) == 1 and kinds[0] in _DENOMINATORS:
                only = _DENOMINATORS[kinds[0]]
                limits = Validation(range=((">=", only), ("<=", only)))
            found.append(replace(plain, validation=limits))
        return tuple(found)


def _text(item: CString | None) -> tuple[Input, ...]:
    if item is None:
        return _PLAIN["DV_TEXT"]
    validation = Validation(pattern=item.pattern) if item.pattern else None
    if not item.values:
        return (Input(type="TEXT", validation=validation, default=item.assumed),)
    listed = tuple(ListItem(value=value, label=value) for value in item.values)
    field = Input(type="TEXT", items=listed, is_list_open=item.is_open, validation=validation, default=item.assumed)
    return (field, _OTHER) if item.is_open else (field,)


def _boolean(item: CBoolean) -> Input:
    if item.true_valid and item.false_valid:
        return Input(type="BOOLEAN", default=item.assumed)
    only = "true" if item.true_valid else "false"
    return Input(type="BOOLEAN", items=(ListItem(value=only, label=only),), default=item.assumed)


def _limits(item: QuantityItem) -> Validation | None:
    magnitude = number_range(item.magnitude, as_float=True)
    precision = precision_range(item.precision)
    if magnitude is None and precision is None:
        return None
    return Validation(range=magnitude.range if magnitude else None, precision=precision)


def _primitive(constraint: CObject, attribute: str) -> object | None:
    """Return the constraint on a primitive attribute, or None."""
    found = constraint.attribute(attribute) if isinstance(constraint, CComplexObject) else None
    for child in found.children if found else ():
        if isinstance(child, CPrimitiveObject):
            return child.item
    return None


def _phrase_in(constraint: CObject) -> CCodePhrase | None:
    """Return the constraint on the code of a coded text."""
    found = constraint.attribute("defining_code") if isinstance(constraint, CComplexObject) else None
    for child in found.children if found else ():
        if isinstance(child, CCodePhrase):
            return child
        if isinstance(child, ConstraintRef):
            return None
    return None


def _code_phrase(constraint: CObject, attribute: str) -> CCodePhrase | None:
    found = constraint.attribute(attribute) if isinstance(constraint, CComplexObject) else None
    for child in found.children if found else ():
        phrase = _phrase_in(child)
        if phrase is not None:
            return phrase
    return None


def _referenced(uri: str) -> str:
    """Return the name of the value set in `terminology:NAME?subset=...`, without the scheme."""
    return uri.removeprefix("terminology:")
