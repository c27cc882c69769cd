"""Compositions that conform to a template, drawn by hypothesis from the template alone.

Nothing of the validator is used here: constraint nodes go in, objects come out, starting from the valid builders. A
template that asks for something that only data can give (a filled slot, a value of a pattern) is `Unsupported`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, TypeVar

from hypothesis import strategies as st

from cdr import rm
from cdr.am.constraints import (
    ArchetypeInternalRef,
    ArchetypeSlot,
    CArchetypeRoot,
    CAttribute,
    CCodePhrase,
    CCodeReference,
    CComplexObject,
    CDvOrdinal,
    CDvQuantity,
    CDvScale,
    CDvState,
    CObject,
    CPrimitiveObject,
)
from cdr.am.intervals import Interval
from cdr.am.primitives import CBoolean, CDate, CDateTime, CDuration, CInteger, CPrimitive, CReal, CString, CTime
from cdr.am.rm_types import parameter_of, plain_type
from cdr.am.template import OperationalTemplate
from cdr.rm.catalog import CATALOG, fields, python_class
from tests.support.builders import archetyped, build, code, coded, text

_TYPICAL = {"EVENT": "POINT_EVENT", "ITEM_STRUCTURE": "ITEM_TREE", "ITEM": "ELEMENT", "DATA_VALUE": "DV_TEXT"}
_EXTRA = 2
T = TypeVar("T")


class Unsupported(Exception):
    """The template asks for something that cannot be drawn from it alone."""


@st.composite
def conformant(draw: st.DrawFn, template: OperationalTemplate) -> rm.Composition | None:
    """Return a strategy of compositions that conform to a template; None where it is `Unsupported`."""
    try:
        root = _Drawing(draw, template).object(template.root)
    except Unsupported:
        return None  # hypothesis would write out the whole template with an error
    assert isinstance(root, rm.Composition)
    assert root.archetype_details is not None
    root.archetype_details.template_id = rm.TemplateId(value=template.template_id)
    return root


class _Drawing:
    """The drawing of one composition."""

    def __init__(self, draw: st.DrawFn, template: OperationalTemplate) -> None:
        self._draw = draw
        self._template = template

    def _pick(self, values: Sequence[T]) -> T:
        """Return one of some values; only its number is drawn, since hypothesis writes out what it draws from."""
        return values[self._draw(st.integers(0, len(values) - 1))]

    def object(self, node: CObject) -> Any:
        """Return an object that satisfies a constraint."""
        if isinstance(node, ArchetypeInternalRef):
            target = self._template.target_of(node)
            assert target is not None
            found = self.object(target)
            found.archetype_node_id = node.node_id or found.archetype_node_id
            return found
        if isinstance(node, ArchetypeSlot):
            return _filler(node)
        if isinstance(node, CComplexObject):
            return self._complex(node)
        return self._domain(node)

    def _complex(self, node: CComplexObject) -> Any:
        name = plain_type(node.rm_type)
        rm_type = _TYPICAL.get(name) or (name if name in CATALOG.subtypes(name) else sorted(CATALOG.subtypes(name))[0])
        found: Any = build(rm_type)
        if isinstance(found, rm.Locatable):
            self._identify(found, node)
        stored = fields(python_class(rm_type))
        for attribute in node.attributes:
            if attribute.name in stored and not (attribute.name == "name" and isinstance(found, rm.Locatable)):
                self._attribute(found, attribute, is_mandatory=stored[attribute.name].is_mandatory)
        return self._consistent(found, node)

    def _identify(self, found: rm.Locatable, node: CComplexObject) -> None:
        found.archetype_node_id = node.archetype_node_id or found.archetype_node_id
        if isinstance(node, CArchetypeRoot):
            found.archetype_details = archetyped(node.archetype_id)
        codes, names = node.name_codes, node.names
        if codes:
            chosen = self._pick(codes)
            found.name = coded("named", chosen.code, chosen.terminology)
        elif names:
            found.name = text(self._pick(names))

    def _attribute(self, found: Any, attribute: CAttribute, *, is_mandatory: bool) -> None:
        if attribute.existence.upper == 0:
            setattr(found, attribute.name, None)
            return
        if attribute.is_multiple:
            self._members(found, attribute)
            return
        usable = [child for child in attribute.children if child.occurrences.upper != 0]
        if not usable:
            return
        is_needed = is_mandatory or attribute.existence.lower > 0 or isinstance(found, rm.Element | rm.DvInterval)
        if is_needed or self._draw(st.booleans()):
            child = self._pick(usable)
            drawn = (
                self._primitive(child.item, found, attribute.name)
                if isinstance(child, CPrimitiveObject)
                else self.object(child)
            )
            setattr(found, attribute.name, drawn)
        elif attribute.name == "context":
            found.context = None  # the builder's own would not be the template's

    def _members(self, found: Any, attribute: CAttribute) -> None:
        children = [child for child in attribute.children if child.occurrences.upper != 0]
        if not children:
            if attribute.existence.lower > 0 and not getattr(found, attribute.name):
                held_type = fields(type(found))[attribute.name].rm_type
                setattr(found, attribute.name, [build(_TYPICAL.get(held_type, held_type))])
            return
        counts = [child.occurrences.lower for child in children]
        held = attribute.cardinality.interval if attribute.cardinality is not None else None
        # Containers that exist have members: RM 1.1.0, for instance CLUSTER and HISTORY.
        least = max(
            held.lower if held is not None else 0,
            attribute.existence.lower,
            1 if attribute.name in ("items", "events", "rows") else 0,
        )
        most = held.upper if held is not None and held.upper is not None else max(least, sum(counts)) + _EXTRA
        if sum(counts) > most or least > most:
            raise Unsupported("more required members than the container may have")
        wanted = self._draw(
            st.integers(max(least, sum(counts)), max(most, least, sum(counts))).filter(
                lambda n: n <= sum(counts) + max(_EXTRA, least)
            )
        )
        while sum(counts) < wanted:
            room = [n for n, child in enumerate(children) if _has_room(child, counts[n])]
            if not room:
                break
            counts[self._pick(room)] += 1
        if sum(counts) < least:
            raise Unsupported("a container that only slots can fill")
        members = [self.object(child) for child, count in zip(children, counts, strict=True) for _ in range(count)]
        setattr(found, attribute.name, members or None)

    def _consistent(self, found: Any, node: CComplexObject) -> Any:
        """Mend what the invariants of the reference model ask of several attributes together."""
        if isinstance(found, rm.DvCodedText) and found.defining_code.terminology_id.value == "local":
            term = self._template.term(node, found.defining_code.code_string)
            found.value = term.text if term is not None else found.value
        if isinstance(found, rm.DvInterval):
            self._order_bounds(found, node)
        if isinstance(found, rm.DvEhrUri) and not found.value.startswith("ehr:"):
            raise Unsupported("a pattern that no EHR URI matches")
        if isinstance(found, rm.DvProportion):
            found.numerator, found.denominator = float(round(found.numerator)), float(round(found.denominator)) or 1.0
            found.precision = None
            if found.type == 1:
                found.denominator = 1.0
            elif found.type == 2:
                found.denominator = 100.0
        if isinstance(found, rm.Element):
            found.null_flavour = coded("unknown", "253") if found.value is None else None
            if found.value is not None:
                found.null_reason = None
        return found

    def _order_bounds(self, found: rm.DvInterval, node: CComplexObject) -> None:
        parameter = parameter_of(node.rm_type)
        for bound in ("lower", "upper"):
            if parameter and node.attribute(bound) is None:
                setattr(found, bound, build(parameter))
        if node.attribute("upper") is None:
            found.upper = found.lower
        elif node.attribute("lower") is None:
            found.lower = found.upper
        elif not _is_in_order(found.lower, found.upper):
            if type(found.lower) is not type(found.upper):
                raise Unsupported("bounds of different types")
            if isinstance(found.lower, rm.DvQuantity | rm.DvCount):
                raise Unsupported("bounds that were drawn the wrong way round")
            found.upper = found.lower

    def _primitive(self, item: CPrimitive | None, owner: Any, attribute: str) -> Any:
        if isinstance(item, CString):
            return self._text(item, owner, attribute)
        if isinstance(item, CBoolean):
            return self._draw(
                st.sampled_from(
                    [value for value, valid in ((True, item.true_valid), (False, item.false_valid)) if valid]
                )
            )
        if isinstance(item, CInteger):
            return self._draw(st.sampled_from(item.values) if item.values else _integers(item.range))
        if isinstance(item, CReal):
            return self._draw(st.sampled_from(item.values) if item.values else _reals(item.range))
        if isinstance(item, CDate | CTime | CDateTime | CDuration):
            return _moment(item) or getattr(owner, attribute)
        return getattr(owner, attribute)

    def _text(self, item: CString, owner: Any, attribute: str) -> str:
        if item.values:
            return str(self._pick(item.values))
        if item.pattern is None or item.pattern.strip("/") == ".*":
            return str(getattr(owner, attribute))
        if attribute == "action_archetype_id":
            return item.pattern
        return str(self._draw(st.from_regex(re.compile(item.pattern.strip("/"), re.ASCII), fullmatch=True)))

    def _domain(self, node: CObject) -> Any:
        found: Any = build(plain_type(node.rm_type))
        if isinstance(node, CCodeReference):
            named = re.match(r"terminology:([^/?]+)", node.reference_set_uri)
            return code("1", named[1] if named else node.terminology or "SNOMED-CT")
        if isinstance(node, CCodePhrase):
            if node.codes:
                return code(self._pick(node.codes), node.terminology or "local")
            return code(found.code_string, node.terminology) if node.terminology else found
        if isinstance(node, CDvQuantity) and node.items:
            item = self._pick(node.items)
            return rm.DvQuantity(magnitude=self._draw(_reals(item.magnitude)), units=item.units)
        if isinstance(node, CDvOrdinal) and node.items:
            step = self._pick(node.items)
            return rm.DvOrdinal(
                value=step.value, symbol=coded("step", step.symbol.code, step.symbol.terminology or "local")
            )
        if isinstance(node, CDvScale) and node.items:
            mark = self._pick(node.items)
            return rm.DvScale(
                value=mark.value, symbol=coded("step", mark.symbol.code, mark.symbol.terminology or "local")
            )
        if isinstance(node, CDvState) and node.states:
            found.value.value = self._pick(node.states).name
        return found


def _is_in_order(lower: Any, upper: Any) -> bool:
    """Tell whether two bounds are surely in order: of one class and unit, with a magnitude."""
    if type(lower) is not type(upper) or not hasattr(lower, "magnitude"):
        return False
    return getattr(lower, "units", "") == getattr(upper, "units", "") and lower.magnitude <= upper.magnitude


def _filler(slot: ArchetypeSlot) -> Any:
    """Return the root of an archetype that the slot includes."""
    rm_type = _TYPICAL.get(slot.rm_type, slot.rm_type)
    patterns = [assertion.archetype_id_pattern or ".*" for assertion in slot.includes] or [".*"]
    for pattern in patterns:
        bare = pattern.strip("/").partition("|")[0]
        plain = re.sub(r"\([^)]*\)[*?]", "", bare).replace("\\", "")
        for archetype_id in (plain, f"openEHR-EHR-{rm_type}.anything.v1"):
            if re.fullmatch(pattern.strip("/"), archetype_id) and "*" not in archetype_id:
                entity = archetype_id.partition(".")[0].rpartition("-")[2]
                return build(entity, archetype_node_id=archetype_id, archetype_details=archetyped(archetype_id))
    raise Unsupported("a slot whose pattern names no archetype")


def _has_room(child: CObject, count: int) -> bool:
    return child.occurrences.upper is None or count < child.occurrences.upper


def _integers(range_: Interval[int] | None) -> st.SearchStrategy[int]:
    low, high = (range_.lower, range_.upper) if range_ is not None else (None, None)
    least = (low if low is not None else (high or 0) - 5) + (range_ is not None and not range_.lower_included)
    most = (high if high is not None else least + 5) - (range_ is not None and not range_.upper_included)
    return st.integers(least, max(most, least))


def _reals(range_: Interval[float] | None) -> st.SearchStrategy[float]:
    low, high = (range_.lower, range_.upper) if range_ is not None else (None, None)
    least = low if low is not None else (high if high is not None else 0.0) - 5.0
    most = high if high is not None else least + 5.0
    return st.sampled_from([least + (most - least) * part for part in (0.25, 0.5, 0.75)])


def _moment(item: CDate | CTime | CDateTime | CDuration) -> str | None:
    """Return a date, time or duration of the pattern, or a bound of the range; None where both are open."""
    bounds = (item.range.lower, item.range.upper) if item.range is not None else ()
    for bound in bounds:
        if bound and any(character.isdigit() for character in bound):  # one published template has the bound "P"
            return bound
    if not item.pattern:
        return None
    if isinstance(item, CDuration):
        clock = "T" in item.pattern
        letter = item.pattern.upper().rstrip("T")[-1]
        return f"PT1{letter}" if clock and not item.pattern.endswith("T") else f"P1{letter}"
    moment = item.pattern
    for part, digits in (("yyyy", "2024"), ("mm", "05"), ("dd", "17"), ("HH", "10"), ("MM", "15"), ("SS", "30")):
        moment = moment.replace(part, digits)
    return re.split(r"[-:T]?(?:\?\?|XX)", moment)[0]
