"""Prints constraint nodes as cADL that `cdr.am.adl.cadl` reads back to the same nodes."""

from __future__ import annotations

from cdr import rm
from cdr.am.adl.cadl_defaults import rm_attribute
from cdr.am.archetype import Archetype
from cdr.am.assertions import Assertion
from cdr.am.constraints import (
    ArchetypeInternalRef,
    ArchetypeSlot,
    CAttribute,
    CCodePhrase,
    CComplexObject,
    CDvOrdinal,
    CDvQuantity,
    CDvScale,
    CObject,
    ConstraintRef,
    CPrimitiveObject,
)
from cdr.am.intervals import REQUIRED_ONCE, Cardinality, Interval
from cdr.am.primitives import CBoolean, CInteger, CPrimitive, CReal, CString


def write_object(node: CObject, *, archetype: Archetype, indent: int) -> str:
    """Return a node and all below it as indented lines."""
    tabs = "\t" * indent
    match node:
        case ArchetypeInternalRef():
            return f"{tabs}use_node {_head(node)} {node.target_path}{_comment(node, archetype)}\n"
        case ArchetypeSlot():
            return tabs + _slot(node, archetype=archetype, indent=indent)
        case ConstraintRef():
            return f"{tabs}[{node.reference}]\n"
        case CDvQuantity():
            return tabs + _quantity(node, indent=indent)
        case CDvOrdinal() | CDvScale():
            return tabs + _steps(node) + "\n"
        case CCodePhrase():
            return tabs + _codes(node) + "\n"
        case CPrimitiveObject():
            return f"{tabs}{'*' if node.item is None else write_primitive(node.item)}\n"
        case CComplexObject():
            return tabs + _complex(node, archetype=archetype, indent=indent)
        case _:
            raise TypeError(f"no ADL form for {type(node).__name__}")


def write_assertion(assertion: Assertion) -> str:
    """Return an assertion as it was written."""
    return assertion.text


def _head(node: CObject) -> str:
    head = node.rm_type + (f"[{node.node_id}]" if node.node_id else "")
    if node.occurrences != REQUIRED_ONCE:
        head += f" occurrences matches {{{node.occurrences}}}"
    return head


def _comment(node: CObject, archetype: Archetype) -> str:
    text = archetype.text(node.node_id, archetype.original_language) if node.node_id else ""
    return f"\t-- {' '.join(text.split())}" if text and text != node.node_id else ""


def _complex(node: CComplexObject, *, archetype: Archetype, indent: int) -> str:
    if not node.attributes:
        return f"{_head(node)} matches {{*}}{_comment(node, archetype)}\n"
    inner = "".join(_attribute(item, node.rm_type, archetype=archetype, indent=indent + 1) for item in node.attributes)
    return f"{_head(node)} matches {{{_comment(node, archetype)}\n{inner}{chr(9) * indent}}}\n"


def _attribute(attribute: CAttribute, rm_type: str, *, archetype: Archetype, indent: int) -> str:
    tabs = "\t" * indent
    head = attribute.name
    _, default = rm_attribute(rm_type, attribute.name)
    if attribute.existence != default:
        head += f" existence matches {{{attribute.existence}}}"
    if attribute.cardinality is not None:
        head += f" cardinality matches {{{_cardinality(attribute.cardinality)}}}"
    matches = "~matches" if attribute.match_negated else "matches"
    if not attribute.children:
        return f"{tabs}{head} {matches} {{*}}\n"
    inner = "".join(write_object(child, archetype=archetype, indent=indent + 1) for child in attribute.children)
    return f"{tabs}{head} {matches} {{\n{inner}{tabs}}}\n"


def _cardinality(cardinality: Cardinality) -> str:
    words = [str(cardinality.interval)]
    if not cardinality.is_ordered:
        words.append("unordered")
    if cardinality.is_unique:
        words.append("unique")
    return "; ".join(words)


def _slot(node: ArchetypeSlot, *, archetype: Archetype, indent: int) -> str:
    head = f"allow_archetype {_head(node)} matches {{"
    if not node.includes and not node.excludes:
        return f"{head}*}}{_comment(node, archetype)}\n"
    tabs = "\t" * indent
    lines = [head + _comment(node, archetype)]
    for keyword, assertions in (("include", node.includes), ("exclude", node.excludes)):
        if assertions:
            lines.append(f"{tabs}\t{keyword}")
            lines.extend(f"{tabs}\t\t{write_assertion(assertion)}" for assertion in assertions)
    return "\n".join(lines) + f"\n{tabs}}}\n"


def _codes(node: CCodePhrase) -> str:
    assumed = f"; {node.assumed.code}" if node.assumed is not None else ""
    return f"[{node.terminology}::{', '.join(node.codes)}{assumed}]"


def _steps(node: CDvOrdinal | CDvScale) -> str:
    steps = ", ".join(f"{item.value}|[{item.symbol}]" for item in node.items)
    if not steps:
        return f"C_{node.rm_type} <\n>"
    return steps + (f"; {node.assumed.value}" if node.assumed is not None else "")


def _quantity(node: CDvQuantity, *, indent: int) -> str:
    tabs = "\t" * indent
    lines = ["C_DV_QUANTITY <"]
    if node.property is not None:
        lines.append(f"{tabs}\tproperty = <[{node.property}]>")
    if node.items:
        lines.append(f"{tabs}\tlist = <")
        for number, item in enumerate(node.items, start=1):
            lines.append(f'{tabs}\t\t["{number}"] = <')
            lines.append(f'{tabs}\t\t\tunits = <"{_escape(item.units)}">')
            if item.magnitude is not None:
                lines.append(f"{tabs}\t\t\tmagnitude = <{_interval(item.magnitude)}>")
            if item.precision is not None:
                lines.append(f"{tabs}\t\t\tprecision = <{_interval(item.precision)}>")
            lines.append(f"{tabs}\t\t>")
        lines.append(f"{tabs}\t>")
    if isinstance(node.assumed, rm.DvQuantity):
        lines.append(f"{tabs}\tassumed_value = <")
        lines.append(f"{tabs}\t\tmagnitude = <{node.assumed.magnitude}>")
        lines.append(f'{tabs}\t\tunits = <"{_escape(node.assumed.units)}">')
        if node.assumed.precision is not None:
            lines.append(f"{tabs}\t\tprecision = <{node.assumed.precision}>")
        lines.append(f"{tabs}\t>")
    return "\n".join(lines) + f"\n{tabs}>\n"


def write_primitive(item: CPrimitive) -> str:
    """Return a primitive constraint as it stands between braces."""
    match item:
        case CString():
            if item.pattern is not None:
                body = "/" + item.pattern.replace("/", "\\/") + "/"
            else:
                body = ", ".join(f'"{_escape(value)}"' for value in item.values) + (", ..." if item.is_open else "")
            return body + ("" if item.assumed is None else f'; "{_escape(item.assumed)}"')
        case CBoolean():
            allowed = [name for name, is_valid in (("True", item.true_valid), ("False", item.false_valid)) if is_valid]
            return ", ".join(allowed) + ("" if item.assumed is None else f"; {item.assumed}")
        case CInteger() | CReal():
            body = _interval(item.range) if item.range is not None else ", ".join(str(value) for value in item.values)
        case _:
            body = item.pattern or ""
            if item.range is not None:
                body += f"/{_interval(item.range)}" if body else _interval(item.range)
    return body + ("" if item.assumed is None else f"; {item.assumed}")


def _interval(interval: Interval[float] | Interval[int] | Interval[str]) -> str:
    lower, upper = interval.lower, interval.upper
    if lower is None:
        return f"|{'<=' if interval.upper_included else '<'}{upper}|"
    if upper is None:
        return f"|{'>=' if interval.lower_included else '>'}{lower}|"
    if interval.is_point:
        return f"|{lower}|"
    return f"|{'' if interval.lower_included else '>'}{lower}..{'' if interval.upper_included else '<'}{upper}|"


def _escape(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"')
