"""cADL: the definition of an archetype, from text to constraint nodes.

`read_definition` reads the root object of a definition section. Node ids are kept as written; what the grammar leaves
to defaults is filled in: occurrences {1..1}, and the existence that the reference model gives the attribute.
Source: AM Release-2.3.0, ADL 1.4, section cADL.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from cdr.am.adl import domain
from cdr.am.adl.cadl_defaults import rm_attribute
from cdr.am.adl.cadl_primitives import read_primitive
from cdr.am.adl.cursor import Cursor
from cdr.am.adl.expressions import read_assertion
from cdr.am.adl.source import AdlSyntaxError
from cdr.am.assertions import Assertion
from cdr.am.constraints import (
    ArchetypeInternalRef,
    ArchetypeSlot,
    CAttribute,
    CComplexObject,
    CObject,
    ConstraintRef,
    CPrimitiveObject,
)
from cdr.am.intervals import REQUIRED_ONCE, Cardinality, Multiplicity
from cdr.am.primitives import CPrimitive

MAX_DEPTH = 150

_TYPE = re.compile(r"[A-Z][A-Z0-9_]*[A-Z0-9](?:\s*<[A-Z0-9_<> ,]*>)?(?![a-z/])")
# `PYMD` and `PT24H` look like type names; what follows tells them apart.
_DURATION_PATTERN = re.compile(r"P[0-9YMWD.]*(?:T[0-9HMS.]+)?(?=\s*[/},;]|\s*--)")
_NODE_ID = re.compile(r"\[\s*([a-z]{2}[0-9]+(?:\.[0-9]+)*|[A-Za-z][A-Za-z0-9_.-]*)\s*\]")
# Attributes of other reference models, such as that of EN 13606, are written in camel case.
_ATTRIBUTE = re.compile(r"[a-z_][A-Za-z0-9_]*")
_WORD = re.compile(r"[A-Za-z_]+")
_COUNT = re.compile(r"([0-9]+)(?:\s*\.\.\s*([0-9]+|\*))?|\*")
_PATH = re.compile(r"(?:/[a-z_][A-Za-z0-9_]*(?:\[[^\]]*\])?)+")
_CONSTRAINT_CODE = re.compile(r"\[\s*(ac[0-9.]+)\s*\]")
_SLOT_END = re.compile(r"include\b|exclude\b|\}")


@dataclass(frozen=True, slots=True)
class Definition:
    """A definition as read: its root, the offset after it, and the offset of every node by `id(node)`."""

    root: CComplexObject
    end: int
    offsets: Mapping[int, int]


def read_definition(text: str, *, start: int, end: int) -> Definition:
    """Return the definition that stands between two offsets.

    Raises `AdlSyntaxError` with the offset of the first fault.
    """
    cursor = Cursor(text, start=start, end=end)
    reader = _Reader(cursor)
    node = reader.object(depth=0)
    if not isinstance(node, CComplexObject):
        raise AdlSyntaxError("the type of the archetype's root, for instance OBSERVATION", start)
    return Definition(node, cursor.position, reader.offsets)


class _Reader:
    """Reads nodes at a cursor; one method for each production of the grammar."""

    def __init__(self, cursor: Cursor) -> None:
        self.cursor = cursor
        self.offsets: dict[int, int] = {}

    def object(self, *, depth: int) -> CObject:
        """Read one object constraint of any form and note where it stands."""
        start = self.cursor.position
        node = self._object(depth=depth)
        self.offsets[id(node)] = start
        return node

    def _object(self, *, depth: int) -> CObject:
        cursor = self.cursor
        if depth > MAX_DEPTH:
            raise AdlSyntaxError(f"at most {MAX_DEPTH} levels of nesting", cursor.position)
        word = cursor.peek(_WORD)
        keyword = word.group(0) if word else ""
        if keyword == "use_node":
            return self._internal_ref()
        if keyword in ("allow_archetype", "use_archetype"):
            return self._slot()
        if (match := cursor.take(_CONSTRAINT_CODE)) is not None:
            return ConstraintRef(rm_type="CODE_PHRASE", reference=match.group(1))
        if (special := domain.read_inline(cursor) or domain.read_block(cursor)) is not None:
            return special
        if cursor.peek(_DURATION_PATTERN) is None and cursor.peek(_TYPE) is not None:
            return self._complex(depth=depth)
        primitive = read_primitive(cursor)
        return CPrimitiveObject(rm_type=_primitive_type(primitive), item=primitive)

    def _complex(self, *, depth: int) -> CComplexObject:
        rm_type = self._type()
        node_id = self._node_id()
        occurrences = self._occurrences()
        attributes: list[CAttribute] = []
        if self.cursor.accept_matches():
            self.cursor.expect("{")
            if not self.cursor.accept("*"):
                while not self.cursor.at("}"):
                    attributes.append(self._attribute(rm_type, depth=depth + 1))
            self.cursor.expect("}")
        return CComplexObject(rm_type=rm_type, node_id=node_id, occurrences=occurrences, attributes=tuple(attributes))

    def _attribute(self, rm_type: str, *, depth: int) -> CAttribute:
        cursor = self.cursor
        name = cursor.require(_ATTRIBUTE, "an attribute name or a closing brace").group(0)
        existence = self._counted("existence")
        is_multiple, default = rm_attribute(rm_type, name)
        cardinality = self._cardinality()
        is_negated = cursor.accept("~")
        children: list[CObject] = []
        if not cursor.accept_matches():
            raise AdlSyntaxError('"matches"', cursor.position)
        cursor.expect("{")
        if not cursor.accept("*"):
            while not cursor.at("}"):
                children.append(self.object(depth=depth + 1))
        cursor.expect("}")
        return CAttribute(
            name=name,
            existence=existence or default,
            is_multiple=is_multiple or cardinality is not None,
            cardinality=cardinality,
            children=tuple(children),
            match_negated=is_negated,
        )

    def _type(self) -> str:
        match = self.cursor.require(_TYPE, "a type name in capitals")
        return re.sub(r"\s+", "", match.group(0))

    def _node_id(self) -> str:
        match = self.cursor.take(_NODE_ID)
        return match.group(1) if match else ""

    def _occurrences(self) -> Multiplicity:
        return self._counted("occurrences") or REQUIRED_ONCE

    def _counted(self, keyword: str) -> Multiplicity | None:
        word = self.cursor.peek(_WORD)
        if word is None or word.group(0) != keyword:
            return None
        self.cursor.expect(keyword)
        if not self.cursor.accept_matches():
            raise AdlSyntaxError('"matches"', self.cursor.position)
        self.cursor.expect("{")
        multiplicity = self._multiplicity()
        self.cursor.expect("}")
        return multiplicity

    def _multiplicity(self) -> Multiplicity:
        place = self.cursor.position
        match = self.cursor.require(_COUNT, "a count such as 0..1 or 1..*")
        if match.group(1) is None:
            return Multiplicity(0, None)
        lower = int(match.group(1))
        upper = lower if match.group(2) is None else None if match.group(2) == "*" else int(match.group(2))
        if upper is not None and upper < lower:
            raise AdlSyntaxError("a lower bound that does not exceed the upper one", place)
        return Multiplicity(lower, upper)

    def _cardinality(self) -> Cardinality | None:
        cursor = self.cursor
        word = cursor.peek(_WORD)
        if word is None or word.group(0) != "cardinality":
            return None
        cursor.expect("cardinality")
        if not cursor.accept_matches():
            raise AdlSyntaxError('"matches"', cursor.position)
        cursor.expect("{")
        interval = self._multiplicity()
        is_ordered, is_unique = True, False
        while cursor.accept(";"):
            property_name = cursor.require(_WORD, "ordered, unordered, unique or non-unique").group(0)
            if property_name == "non":
                cursor.expect("-")
                cursor.expect("unique")
            elif property_name in ("ordered", "unordered"):
                is_ordered = property_name == "ordered"
            elif property_name == "unique":
                is_unique = True
            else:
                raise AdlSyntaxError("ordered, unordered, unique or non-unique", cursor.position)
        cursor.expect("}")
        return Cardinality(interval, is_ordered=is_ordered, is_unique=is_unique)

    def _internal_ref(self) -> ArchetypeInternalRef:
        self.cursor.expect("use_node")
        rm_type = self._type()
        node_id = self._node_id()
        occurrences = self._occurrences()
        path = self.cursor.require(_PATH, "the path of the node to use").group(0)
        return ArchetypeInternalRef(rm_type=rm_type, node_id=node_id, occurrences=occurrences, target_path=path)

    def _slot(self) -> ArchetypeSlot:
        cursor = self.cursor
        if cursor.at("use_archetype"):
            raise AdlSyntaxError("a construct of ADL 1.4; use_archetype came later", cursor.position)
        cursor.expect("allow_archetype")
        rm_type = self._type()
        node_id = self._node_id()
        occurrences = self._occurrences()
        includes: list[Assertion] = []
        excludes: list[Assertion] = []
        if cursor.accept_matches():
            cursor.expect("{")
            if not cursor.accept("*"):
                self._assertions("include", includes)
                self._assertions("exclude", excludes)
            cursor.expect("}")
        elif (word := cursor.peek(_WORD)) is not None and word.group(0) == "closed":
            raise AdlSyntaxError("a construct of ADL 1.4; closed slots came later", cursor.position)
        return ArchetypeSlot(
            rm_type=rm_type,
            node_id=node_id,
            occurrences=occurrences,
            includes=tuple(includes),
            excludes=tuple(excludes),
        )

    def _assertions(self, keyword: str, found: list[Assertion]) -> None:
        word = self.cursor.peek(_WORD)
        if word is None or word.group(0) != keyword:
            return
        self.cursor.expect(keyword)
        while self.cursor.peek(_SLOT_END) is None:
            found.append(read_assertion(self.cursor))


def _primitive_type(primitive: CPrimitive) -> str:
    """Return the RM type name that OPT 1.4 gives a primitive constraint: `DATE_TIME` for CDateTime."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", type(primitive).__name__[1:]).upper()
