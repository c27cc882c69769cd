"""Narrows the value of an ELEMENT as a template's rule says: types, codes, texts, units, counts and durations.

Every function takes the draft ELEMENT and the constraint, changes the element's `value` attribute, and yields what it
could not do as a sentence of what was expected; the compiler adds the line.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from cdr.am.compile.draft import DraftAttribute, DraftNode
from cdr.am.constraints import (
    CCodePhrase,
    CCodeReference,
    CDvOrdinal,
    CDvQuantity,
    CDvScale,
    CObject,
    CPrimitiveObject,
    QuantityItem,
)
from cdr.am.intervals import OPTIONAL, REQUIRED_ONCE, Interval
from cdr.am.oet import ValueConstraint
from cdr.am.primitives import CDate, CDateTime, CDuration, CInteger, CString
from cdr.am.terms import Code, Term

Problems = Iterator[str]

# The names that template sources give types. An interval stands for the three kinds that exist.
TYPES = {
    "Text": "DV_TEXT", "Coded_text": "DV_CODED_TEXT", "CodedText": "DV_CODED_TEXT", "Identifier": "DV_IDENTIFIER",
    "URI": "DV_URI", "EHR_URI": "DV_EHR_URI", "Count": "DV_COUNT", "Quantity": "DV_QUANTITY", "Boolean": "DV_BOOLEAN",
    "Date_Time": "DV_DATE_TIME", "DateTime": "DV_DATE_TIME", "Date": "DV_DATE", "Time": "DV_TIME",
    "Duration": "DV_DURATION", "Proportion": "DV_PROPORTION", "MultiMedia": "DV_MULTIMEDIA",
    "Multimedia": "DV_MULTIMEDIA", "Parsable": "DV_PARSABLE", "Ordinal": "DV_ORDINAL", "Scale": "DV_SCALE",
    "State": "DV_STATE", "Interval": "DV_INTERVAL", "Paragraph": "DV_PARAGRAPH",
}  # fmt: skip


def narrow(element: DraftNode, constraint: ValueConstraint, owner: DraftNode) -> Problems:
    """Apply a constraint to an element's value; `owner` is the root of its archetype, which keeps the terms."""
    holder = element.attribute("value")
    if holder is None:
        holder = DraftAttribute("value", OPTIONAL, False, None, [])
        element.attributes.append(holder)
    yield from _NARROWERS[constraint.kind](holder, constraint, owner)


def narrow_text(holder: DraftAttribute, constraint: ValueConstraint, owner: DraftNode) -> Problems:
    """Narrow the texts or codes of an attribute that holds DV_TEXT or DV_CODED_TEXT."""
    yield from _text(holder, constraint, owner)


def _of_type(holder: DraftAttribute, rm_type: str) -> list[DraftNode]:
    return [child for child in holder.children if child.rm_type.split("<", 1)[0] == rm_type]


def _text(holder: DraftAttribute, constraint: ValueConstraint, owner: DraftNode) -> Problems:
    coded = [value.split("::") for value in constraint.included if "::" in value]
    plain = [value for value in constraint.included if "::" not in value]
    if constraint.value_set is not None:
        _set_value_set(holder, constraint.value_set)
    if coded:
        yield from _include_codes(holder, [[part.strip() for part in parts] for parts in coded], owner, constraint)
    if plain:
        yield from _include_texts(holder, plain, is_open=not constraint.is_limited_to_list)
    for value in constraint.excluded:
        yield from _exclude(holder, value)


def _set_value_set(holder: DraftAttribute, value_set: tuple[str, str, str]) -> None:
    terminology, query, language = value_set
    uri = f"terminology:{terminology}?subset={query}" + (f"&language={language}" if language else "")
    leaf = CCodeReference(rm_type="CODE_PHRASE", terminology=None, reference_set_uri=uri.replace(" ", "%20"))
    _coded_text(holder, leaf)


def _coded_text(holder: DraftAttribute, leaf: CObject) -> None:
    """Make DV_CODED_TEXT with this constraint on its code one of the alternatives, in place of the one there is."""
    item = DraftNode("CODE_PHRASE", "", REQUIRED_ONCE, leaf=leaf)
    defining_code = DraftAttribute("defining_code", REQUIRED_ONCE, False, None, [item])
    node = DraftNode("DV_CODED_TEXT", "", REQUIRED_ONCE, [defining_code])
    for index, child in enumerate(holder.children):
        if child.rm_type in ("DV_TEXT", "DV_CODED_TEXT"):
            holder.children[index] = node
            holder.children[:] = [
                other for other in holder.children if other is node or other.rm_type not in ("DV_TEXT", "DV_CODED_TEXT")
            ]
            return
    holder.children.append(node)


def _include_codes(
    holder: DraftAttribute, coded: list[list[str]], owner: DraftNode, constraint: ValueConstraint
) -> Problems:
    wanted: dict[str, list[str]] = {}
    for parts in coded:
        terminology, code = parts[0], parts[1]
        wanted.setdefault(terminology, []).append(code)
        if terminology != "local" and len(parts) > 2 and parts[2]:
            owner.extra_terms[f"{terminology}::{code}"] = Term(parts[2], parts[2])
    local = wanted.pop("local", None)
    if local is not None:
        yield from _include_local(holder, local)
    for terminology, codes in wanted.items():
        leaf = CCodePhrase(rm_type="CODE_PHRASE", terminology=terminology, codes=tuple(dict.fromkeys(codes)))
        _coded_text(holder, leaf)
    if len(wanted) > 1 or (wanted and local is not None):
        yield "the codes of one terminology in a constraint"


def _include_local(holder: DraftAttribute, codes: list[str]) -> Problems:
    for _, item in _code_items(holder):
        leaf = item.leaf
        if isinstance(leaf, CCodePhrase):
            unknown = [code for code in codes if leaf.codes and code not in leaf.codes]
            if unknown:
                yield f"codes that the archetype allows here, and not {', '.join(unknown)}"
            kept = tuple(code for code in leaf.codes if code in codes) if leaf.codes else tuple(codes)
            item.leaf = replace(leaf, codes=kept, assumed=_kept(leaf, kept))
            return
    for child in holder.children:
        if isinstance(child.leaf, CDvOrdinal):
            steps = tuple(step for step in child.leaf.items if step.symbol.code in codes)
            child.leaf = replace(child.leaf, items=steps)
            return
    yield "a coded value whose codes can be narrowed"


def _kept(leaf: CCodePhrase, codes: tuple[str, ...]) -> Code | None:
    return leaf.assumed if leaf.assumed is not None and leaf.assumed.code in codes else None


def _code_items(holder: DraftAttribute) -> Iterator[tuple[DraftNode, DraftNode]]:
    """Yield the coded texts of an attribute with their code constraint."""
    for child in holder.children:
        defining_code = child.attribute("defining_code")
        for item in defining_code.children if defining_code is not None else ():
            yield child, item


def _include_texts(holder: DraftAttribute, texts: list[str], *, is_open: bool) -> Problems:
    found = _of_type(holder, "DV_TEXT")
    if not found and not holder.children:
        found = [DraftNode("DV_TEXT", "", REQUIRED_ONCE)]
        holder.children.append(found[0])
    if not found:
        yield "a DV_TEXT whose texts can be narrowed"
        return
    leaf = CPrimitiveObject(rm_type="STRING", item=CString(values=tuple(texts), is_open=is_open))
    value = DraftAttribute("value", REQUIRED_ONCE, False, None, [DraftNode("STRING", "", REQUIRED_ONCE, leaf=leaf)])
    for node in found:
        node.attributes = [attribute for attribute in node.attributes if attribute.name != "value"]
        node.attributes.append(value)


def _exclude(holder: DraftAttribute, value: str) -> Problems:
    code = value.split("::")[1].strip() if "::" in value else value
    for _, item in _code_items(holder):
        leaf = item.leaf
        if isinstance(leaf, CCodePhrase) and code in leaf.codes:
            kept = tuple(other for other in leaf.codes if other != code)
            item.leaf = replace(leaf, codes=kept, assumed=_kept(leaf, kept))
            return
    for child in holder.children:
        if isinstance(child.leaf, CDvOrdinal):
            child.leaf = replace(child.leaf, items=tuple(i for i in child.leaf.items if i.symbol.code != code))
            return
        if isinstance(child.leaf, CDvScale):
            child.leaf = replace(child.leaf, items=tuple(i for i in child.leaf.items if i.symbol.code != code))
            return
    # A value that the archetype no longer lists is excluded already; sources keep such leftovers.
    yield from ()


def _types(holder: DraftAttribute, constraint: ValueConstraint, owner: DraftNode) -> Problems:
    wanted: list[str] = []
    for name in constraint.included:
        plain = name.split("<", 1)[0].strip()
        if plain not in TYPES:
            yield f"a type name, one of {', '.join(TYPES)}"
            continue
        wanted.append(TYPES[plain])
    if wanted:
        if holder.children:
            kept = [child for child in holder.children if child.rm_type.split("<", 1)[0] in wanted]
            if not kept and "DV_CODED_TEXT" in wanted:
                kept = _of_type(holder, "DV_TEXT")
                for child in kept:
                    child.rm_type = "DV_CODED_TEXT"
            if not kept:
                yield f"types that the archetype allows here, and not {', '.join(wanted)} alone"
                return
            holder.children[:] = kept
        else:
            holder.children.extend(DraftNode(name, "", REQUIRED_ONCE) for name in dict.fromkeys(wanted))
    for nested in constraint.nested:
        yield from _NARROWERS[nested.kind](holder, nested, owner)


def _ordinal(holder: DraftAttribute, constraint: ValueConstraint, owner: DraftNode) -> Problems:
    if constraint.included:
        codes = [value.split("::")[1].strip() if "::" in value else value for value in constraint.included]
        yield from _include_local(holder, codes)
    for value in constraint.excluded:
        yield from _exclude(holder, value)


def _parsable(holder: DraftAttribute, constraint: ValueConstraint, owner: DraftNode) -> Problems:
    nodes = _of_type(holder, "DV_PARSABLE")
    if not nodes:
        yield "a DV_PARSABLE whose formalisms can be narrowed"
    for node in nodes if constraint.included else ():
        leaf = CPrimitiveObject(
            rm_type="STRING", item=CString(values=constraint.included, is_open=not constraint.is_limited_to_list)
        )
        item = DraftNode("STRING", "", REQUIRED_ONCE, leaf=leaf)
        node.attributes = [attribute for attribute in node.attributes if attribute.name != "formalism"]
        node.attributes.append(DraftAttribute("formalism", REQUIRED_ONCE, False, None, [item]))


def _quantity(holder: DraftAttribute, constraint: ValueConstraint, owner: DraftNode) -> Problems:
    if not holder.children:
        holder.children.append(DraftNode("DV_QUANTITY", "", REQUIRED_ONCE))
    for child in holder.children:
        if child.rm_type == "DV_QUANTITY" and child.leaf is None:
            child.leaf, child.attributes = CDvQuantity(rm_type="DV_QUANTITY"), []
    for child in holder.children:
        leaf = child.leaf
        if not isinstance(leaf, CDvQuantity):
            continue
        listed = {item.units: item for item in leaf.items}
        included = constraint.included or tuple(part.get("unit", "") for part in constraint.units)
        unknown = [unit for unit in included if listed and unit not in listed]
        if unknown:
            yield f"units that the archetype allows here, and not {', '.join(unknown)}"
        units = [unit for unit in included if not listed or unit in listed] or list(listed)
        units = [unit for unit in units if unit not in constraint.excluded]
        items = {unit: listed.get(unit, QuantityItem(unit)) for unit in units}
        for part in constraint.units:
            unit = part.get("unit", "")
            if unit in items:
                items[unit] = replace(items[unit], magnitude=_magnitude(part), precision=_precision(part, items[unit]))
        child.leaf = replace(leaf, items=tuple(items.values()))
        return
    yield "a DV_QUANTITY whose units can be narrowed"


def _magnitude(part: dict[str, str]) -> Interval[float] | None:
    lower, upper = part.get("minMagnitude"), part.get("maxMagnitude")
    if lower is None and upper is None:
        return None
    return Interval(
        None if lower is None else float(lower),
        None if upper is None else float(upper),
        part.get("includesMinimum", "true") == "true",
        part.get("includesMaximum", "true") == "true",
    )


def _precision(part: dict[str, str], item: QuantityItem) -> Interval[int] | None:
    digits = part.get("precision")
    return Interval(int(digits), int(digits)) if digits else item.precision


def _range(constraint: ValueConstraint, read: Callable[[str], object]) -> Interval[object] | None:
    lower, upper = constraint.limits.get("minMagnitude"), constraint.limits.get("maxMagnitude")
    if lower is None and upper is None:
        return None
    return Interval(
        None if lower is None else read(lower),
        None if upper is None else read(upper),
        constraint.limits.get("includesMinimum", "true") == "true",
        constraint.limits.get("includesMaximum", "true") == "true",
    )


def _leaf_value(
    holder: DraftAttribute, rm_type: str, attribute_name: str, leaf_type: str, build: Callable[[object], object]
) -> Problems:
    if not holder.children:
        holder.children.append(DraftNode(rm_type, "", REQUIRED_ONCE))
    nodes = _of_type(holder, rm_type)
    if not nodes:
        yield f"a {rm_type} whose range can be narrowed"
    for node in nodes:
        attribute = node.attribute(attribute_name)
        before = attribute.children[0].leaf if attribute is not None and attribute.children else None
        known = before.item if isinstance(before, CPrimitiveObject) else None
        item = build(known)
        leaf = CPrimitiveObject(rm_type=leaf_type, item=item)  # type: ignore[arg-type]  # build returns a primitive
        child = DraftNode(leaf_type, "", REQUIRED_ONCE, leaf=leaf)
        node.attributes = [other for other in node.attributes if other.name != attribute_name]
        node.attributes.append(DraftAttribute(attribute_name, REQUIRED_ONCE, False, None, [child]))


def _count(holder: DraftAttribute, constraint: ValueConstraint, owner: DraftNode) -> Problems:
    limits = _range(constraint, int)
    leaf = CInteger(range=limits)  # type: ignore[arg-type]  # `int` above makes the bounds integers
    yield from _leaf_value(holder, "DV_COUNT", "magnitude", "INTEGER", lambda known: leaf)


def _duration(holder: DraftAttribute, constraint: ValueConstraint, owner: DraftNode) -> Problems:
    limits = _range(constraint, str)
    pattern = constraint.limits.get("pattern") or None

    def build(known: object) -> CDuration:
        before = known if isinstance(known, CDuration) else CDuration()
        return CDuration(pattern=pattern or before.pattern, range=limits or before.range)  # type: ignore[arg-type]  # `str` above

    yield from _leaf_value(holder, "DV_DURATION", "value", "DURATION", build)


def _date(holder: DraftAttribute, constraint: ValueConstraint, owner: DraftNode) -> Problems:
    lower, upper = constraint.limits.get("minDateTime"), constraint.limits.get("maxDateTime")
    types = {child.rm_type for child in holder.children}
    if "DV_DATE" in types:
        days = CDate(range=Interval(lower[:10] if lower else None, upper[:10] if upper else None))
        yield from _leaf_value(holder, "DV_DATE", "value", "DATE", lambda known: days)
    elif "DV_DATE_TIME" in types:
        moments = CDateTime(range=Interval(lower, upper))
        yield from _leaf_value(holder, "DV_DATE_TIME", "value", "DATE_TIME", lambda known: moments)
    else:
        yield "a DV_DATE or DV_DATE_TIME whose range can be narrowed"


_NARROWERS: dict[str, Callable[[DraftAttribute, ValueConstraint, DraftNode], Problems]] = {
    "textConstraint": _text,
    "multipleConstraint": _types,
    "ordinalConstraint": _ordinal,
    "parsableConstraint": _parsable,
    "quantityConstraint": _quantity,
    "countConstraint": _count,
    "durationConstraint": _duration,
    "dateConstraint": _date,
}
