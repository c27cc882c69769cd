"""RM to FLAT: walks a composition along the web template and writes a key for everything in it.

Nothing is dropped: an object with something in it that has no key is written whole, as canonical JSON under `|raw`, at
the nearest key above. Only what stands outside every node of the template is refused.
Source: ITS-REST development, simplified_formats, RM Mappings.
"""

from __future__ import annotations

import msgspec

from cdr import rm
from cdr.am.constraints import CObject
from cdr.am.template import OperationalTemplate
from cdr.errors import Invalid
from cdr.formats.flat import attributes
from cdr.formats.flat.defaults import earliest, state_of_action
from cdr.formats.flat.dialect import SPECIFICATION, Dialect
from cdr.formats.flat.empty import REQUIRED_STRUCTURES, default_name, empty_structure, sibling_name
from cdr.formats.flat.inexpressible import Inexpressible, only, refuse_blank
from cdr.formats.flat.keys import Json, absent
from cdr.formats.flat.routes import Route, Routes, match, routes_of
from cdr.formats.flat.values import ordered, text
from cdr.formats.flat.values.party import encode_participation, encode_party
from cdr.formats.flat.values.quantity import leave_fixed_precision
from cdr.issue import Issue
from cdr.webtemplate.model import Step, WebTemplate, WebTemplateNode

_Out = dict[str, Json]

# What every class has besides its nodes and is written, or made anew by a reader; the rest has to be absent.
_HANDLED = frozenset({"name", "archetype_node_id", "archetype_details", "uid", "links", "feeder_audit"})
_HANDLED_BY_CLASS: dict[type, frozenset[str]] = {
    rm.EventContext: frozenset({"end_time", "location", "health_care_facility", "participations"}),
    rm.IsmTransition: frozenset({"reason"}),
    rm.IntervalEvent: frozenset({"sample_count", "width", "math_function"}),
    rm.Element: frozenset({"value", "null_flavour", "null_reason"}),
    rm.History: frozenset({"origin"}),
}
_ENTRY = frozenset({"other_participations", "workflow_id", "provider", "guideline_id"})
_OPTIONAL = frozenset({"wf_definition", "instruction_details", "expiry_time"})


def encode(
    composition: rm.Composition,
    web_template: WebTemplate,
    template: OperationalTemplate,
    *,
    dialect: Dialect = SPECIFICATION,
) -> dict[str, Json]:
    """Return the FLAT mapping of a composition, in the order of the composition.

    A reader of the same `dialect` makes the same composition of it.

    Errors: Invalid with `FLAT_NO_KEY` issues where something stands outside every node of the template.
    """
    out: _Out = {}
    node = web_template.root
    try:
        _Encoder(routes_of(web_template), template, dialect).structure(node, composition, node.id, out)
    except Inexpressible as problem:
        issue = Issue(code="FLAT_NO_KEY", path="/" + problem.where, expected="only what the template has a node for")
        raise Invalid(issue.message, code="FLAT_NO_KEY", issues=[issue]) from problem
    return out


class _Encoder:
    def __init__(self, routes: dict[WebTemplateNode, Routes], template: OperationalTemplate, dialect: Dialect) -> None:
        self._routes = routes
        self._template = template
        self._dialect = dialect

    def structure(self, node: WebTemplateNode, found: rm.RmObject, key: str, out: _Out, number: int = 0) -> None:
        """Write an object with children; `number` is that among its siblings."""
        if isinstance(found, rm.Locatable):
            attributes.encode_locatable(found, key, out, name=self._name(node.steps[-1], number))
        if isinstance(found, rm.Entry):
            attributes.encode_entry(found, key, out)
        skipped = _defaulted(found, self._dialect)
        match found:
            case rm.Observation():
                _encode_origin(found, key, out)
            case rm.EventContext():
                _encode_context(found, key, out)
            case rm.IntervalEvent():
                _encode_interval_event(node, found, key, out)
            case rm.IsmTransition():
                for number, reason in enumerate(found.reason or ()):
                    text.encode_text(reason, f"{key}/_reason:{number}", out)
        refuse_blank(out)
        self._walk(found, self._routes[node], key, out, {}, node.constraint, skipped)

    def _walk(
        self,
        found: rm.RmObject,
        routes: Routes,
        key: str,
        out: _Out,
        counts: dict[int, int],
        constraint: CObject | None,
        skipped: str = "",
    ) -> None:
        """Write the attributes of an object along the routes below it, except one."""
        handled = _handled(found)
        for attribute in found.__struct_fields__:
            value = getattr(found, attribute)
            if value is None or value == [] or attribute == skipped:
                continue
            candidates = routes.get(attribute)
            if candidates is None:
                if attribute not in handled and value != self._empty(constraint, attribute):
                    raise Inexpressible(attribute)
                continue
            for member in value if isinstance(value, list) else (value,):
                self._follow(match(member, candidates, attribute), member, key, out, counts)

    def _follow(self, route: Route, found: rm.RmObject | str, key: str, out: _Out, counts: dict[int, int]) -> None:
        node = route.node
        if node is None:
            assert not isinstance(found, str)
            _check_transparent(found, route)
            if id(route) in counts:  # a second object where the template has room for one would mix with the first
                raise Inexpressible(route.step.attribute)
            counts[id(route)] = 1
            self._walk(found, route.below, key, out, counts, route.step.constraint)
            return
        number = counts.get(id(node), 0)
        counts[id(node)] = number + 1
        below = f"{key}/{node.id}:{number}" if node.is_repeating or number else f"{key}/{node.id}"
        if isinstance(found, str):
            out[below] = found
            return
        written: _Out = {}
        try:
            self._node(node, found, below, written, number)
        except Inexpressible:
            out[f"{below}|raw"] = msgspec.to_builtins(found)
            return
        if not written and not isinstance(found, rm.PartySelf):
            written[f"{below}|raw"] = msgspec.to_builtins(found)  # nothing in it, and yet it is there
        out.update(written)

    def _name(self, step: Step, number: int) -> rm.DvText:
        """Return the name that a reader gives to a node of which no key speaks."""
        return sibling_name(step, number) if self._dialect.numbers_names else default_name(step)

    def _value(self, node: WebTemplateNode, value: rm.DataValue, key: str, out: _Out) -> None:
        """Write a value, without what a reader knows from the template or the dialect."""
        ordered.encode(value, key, out, declared=node.rm_type)
        if isinstance(value, rm.DvQuantity):
            leave_fixed_precision(value, key, out, inputs=node.inputs)
        elif isinstance(value, rm.DvIdentifier) and self._dialect.has_bare_identifiers:
            out[key] = out.pop(f"{key}|id")

    def _empty(self, constraint: CObject | None, attribute: str) -> rm.Locatable | None:
        """Return what a reader puts where no key speaks of an attribute."""
        if attribute not in REQUIRED_STRUCTURES:
            return None
        return empty_structure(self._template, constraint, attribute)

    def _node(self, node: WebTemplateNode, found: rm.RmObject, key: str, out: _Out, number: int) -> None:
        match found:
            case rm.Element():
                self._element(node, found, key, out, number)
            case rm.CodePhrase():
                text.encode_code_phrase(found, key, out)
                refuse_blank(out)
            case rm.PartyProxy():
                _encode_party(node, found, key, out)
                refuse_blank(out)
            case rm.DataValue():
                self._value(node, found, key, out)
                refuse_blank(out)
            case _:
                if node not in self._routes:
                    raise Inexpressible(node.id)
                self.structure(node, found, key, out, number)

    def _element(self, node: WebTemplateNode, element: rm.Element, key: str, out: _Out, number: int) -> None:
        is_choice = node.rm_type == "ELEMENT"
        step = node.steps[-1] if is_choice else node.steps[-2]
        value = element.value
        if value is not None:
            if is_choice:
                choice = _choice(node, value)
                self._value(choice, value, f"{key}/{choice.id}", out)
            else:
                self._value(node, value, key, out)
        elif element.null_flavour is None:
            raise Inexpressible("value")
        attributes.encode_locatable(element, key, out, name=self._name(step, number))
        if element.null_flavour is not None:
            text.encode_text(element.null_flavour, f"{key}/_null_flavour", out, declared="DV_CODED_TEXT")
        if element.null_reason is not None:
            text.encode_text(element.null_reason, f"{key}/_null_reason", out)
        refuse_blank(out)


def _choice(node: WebTemplateNode, value: rm.DataValue) -> WebTemplateNode:
    """Return the node of a choice that takes a value."""
    rm_type = value.rm_name()
    for choice in node.children:
        if choice.rm_type == rm_type:
            return choice
    for choice in node.children:
        if isinstance(value, rm.DvInterval) and choice.rm_type.startswith("DV_INTERVAL"):
            inner = choice.rm_type.removeprefix("DV_INTERVAL").strip("<>")
            bound = value.lower or value.upper
            if bound is None or not inner or bound.rm_name() == inner:
                return choice
        if isinstance(value, rm.DvText) and choice.rm_type == "DV_TEXT":
            return choice
    raise Inexpressible("value")


def _defaulted(found: rm.RmObject, dialect: Dialect) -> str:
    """Return the attribute that a reader of the dialect fills in as it is, `""` for none."""
    if not isinstance(found, rm.Action) or not dialect.action_state or absent(found.language):
        return ""
    state = state_of_action(dialect.action_state, found.language.code_string)
    return "ism_transition" if found.ism_transition == rm.IsmTransition(current_state=state) else ""


def _handled(found: rm.RmObject) -> frozenset[str]:
    own = _HANDLED | _HANDLED_BY_CLASS.get(type(found), frozenset())
    return own | _ENTRY | _OPTIONAL if isinstance(found, rm.Entry) else own


def _check_transparent(found: rm.RmObject, route: Route) -> None:
    """Refuse what a structure without a key carries itself."""
    if isinstance(found, rm.Locatable):
        only(route.step.attribute, found.uid, found.links, found.feeder_audit)
        if found.name != default_name(route.step):
            raise Inexpressible("name")
    if isinstance(found, rm.IntervalEvent) and ("width" not in route.below or found.sample_count is not None):
        raise Inexpressible("width")


def _encode_party(node: WebTemplateNode, party: rm.PartyProxy, key: str, out: _Out) -> None:
    if isinstance(party, rm.PartySelf):
        if node.id == "subject" and party.external_ref is None:
            return
        if node.id == "composer":
            out["ctx/composer_self"] = True
            below: _Out = {}
            encode_party(party, key, below)
            below.pop(f"{key}|_type")
            out.update(below)
            return
    encode_party(party, key, out)


def _encode_origin(observation: rm.Observation, key: str, out: _Out) -> None:
    """Write the origin of a history where a reader would not come to it by the times of the events."""
    history = observation.data
    if absent(history) or absent(history.origin):
        return
    if history.origin != earliest(history.events or []):
        if history.origin != rm.DvDateTime(value=history.origin.value):
            raise Inexpressible("origin")
        out[f"{key}/history_origin"] = history.origin.value


def _encode_interval_event(node: WebTemplateNode, found: rm.IntervalEvent, key: str, out: _Out) -> None:
    if found.sample_count is not None:
        out[f"{key}|sample_count"] = found.sample_count
    if "width" in node.by_id:
        return
    if found.width is not None:
        ordered.encode(found.width, f"{key}/width", out, declared="DV_DURATION")
    if found.math_function is not None:
        text.encode_text(found.math_function, f"{key}/math_function", out, declared="DV_CODED_TEXT")


def _encode_context(found: rm.EventContext, key: str, out: _Out) -> None:
    if found.end_time is not None:
        ordered.encode(found.end_time, f"{key}/_end_time", out, declared="DV_DATE_TIME")
    if found.location is not None:
        out[f"{key}/_location"] = found.location
    if found.health_care_facility is not None:
        attributes.encode_or_raw(found.health_care_facility, f"{key}/_health_care_facility", out, encode_party)
    for number, participation in enumerate(found.participations or ()):
        attributes.encode_or_raw(participation, f"{key}/_participation:{number}", out, encode_participation)
