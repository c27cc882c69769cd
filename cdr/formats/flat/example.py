"""Example compositions for a template, valid by construction and the same every time.

`mapping` gives the FLAT keys, as a client would send them; `example` the composition they stand for. The command line
and the REST resource for template examples call them; conversions to other formats start from the composition.
"""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from enum import StrEnum

from cdr import rm
from cdr.am.constraints import CAttribute, CComplexObject
from cdr.am.template import OperationalTemplate
from cdr.formats.flat.decode import decode
from cdr.formats.flat.example_given import given_text, given_values
from cdr.formats.flat.example_text import sentence
from cdr.formats.flat.example_values import values_of
from cdr.formats.flat.keys import Json
from cdr.formats.flat.routes import Route, Routes, routes_of
from cdr.rm.catalog import CATALOG
from cdr.webtemplate.model import WebTemplate, WebTemplateNode

_NOW = datetime(2024, 3, 15, 9, 30, tzinfo=UTC)
_UID = "5f0d3b2e-7a64-4c1f-9d1a-2b8c6e4f1a70::local.kilde::1"
_TERRITORIES = {"nb": "NO", "nn": "NO", "no": "NO", "en": "GB", "de": "DE", "sv": "SE", "da": "DK", "es": "ES"}
_NORWEGIAN = frozenset({"nb", "nn", "no"})
# Filled from ctx/ or by the specification's defaults.
_LEFT_TO_DEFAULTS = frozenset({"language", "encoding", "subject", "territory", "composer", "category", "setting"})


class Detail(StrEnum):
    """How much an example shows: what has to be there, everything once, or repetitions and attributes as well."""

    REQUIRED = "required"
    MEDIUM = "medium"
    COMPLETE = "complete"


class Kind(StrEnum):
    """What a client sends, or what a server answers: with a uid and everything explicit."""

    INPUT = "input"
    OUTPUT = "output"


def example(
    web_template: WebTemplate,
    template: OperationalTemplate,
    *,
    kind: Kind = Kind.INPUT,
    detail: Detail = Detail.MEDIUM,
    language: str = "",
) -> rm.Composition:
    """Return an example composition; `language` defaults to that of the template."""
    keys = mapping(web_template, template, kind=kind, detail=detail, language=language)
    return decode(keys, web_template, template, now=_NOW)


def mapping(
    web_template: WebTemplate,
    template: OperationalTemplate,
    *,
    kind: Kind = Kind.INPUT,
    detail: Detail = Detail.MEDIUM,
    language: str = "",
) -> dict[str, Json]:
    """Return the FLAT keys of an example, with `ctx/` for what a client says once."""
    language = language or template.language
    found = _context(language, detail)
    if _constrains_participations(template):
        found = {key: value for key, value in found.items() if not key.startswith("ctx/participation")}
    writer = _Writer(routes_of(web_template), detail, language)
    writer.structure(web_template.root, web_template.root.id, found)
    if kind is Kind.OUTPUT:
        found[f"{web_template.root.id}/_uid"] = _UID
    return found


def _context(language: str, detail: Detail) -> dict[str, Json]:
    norwegian = language.partition("-")[0] in _NORWEGIAN
    found: dict[str, Json] = {
        "ctx/language": language,
        "ctx/territory": _TERRITORIES.get(language.partition("-")[0], "NO"),
        "ctx/composer_name": "Kari Nordmann" if norwegian else "Alex Example",
        "ctx/time": "2024-03-15T10:30:00+01:00",
    }
    if detail is Detail.COMPLETE:
        found["ctx/id_namespace"] = "HER"
        found["ctx/id_scheme"] = "HER-id"
        found["ctx/health_care_facility|name"] = "Nordbyen sykehjem" if norwegian else "Example care home"
        found["ctx/health_care_facility|id"] = "100200"
        found["ctx/participation_name:0"] = "Ola Nordmann" if norwegian else "Robin Example"
        found["ctx/participation_function:0"] = "requester"
        found["ctx/participation_mode:0"] = "face-to-face communication"
        found["ctx/participation_id:0"] = "300400"
    return found


def _constrains_participations(template: OperationalTemplate) -> bool:
    """Tell whether a template says who takes part in what, so that anybody else would be one too many."""
    return any(
        isinstance(node, CComplexObject)
        and (node.attribute("participations") or node.attribute("other_participations"))
        for node in template.nodes()
    )


class _Writer:
    def __init__(self, routes: dict[WebTemplateNode, Routes], detail: Detail, language: str) -> None:
        self._routes = routes
        self._detail = detail
        self._language = language

    def structure(self, node: WebTemplateNode, key: str, out: dict[str, Json]) -> bool:
        """Write the children of a node; False where what the template requires cannot be given."""
        if node.rm_type == "ISM_TRANSITION":
            return self._ism_transition(node, key, out)
        constraint = node.constraint if isinstance(node.constraint, CComplexObject) else None
        is_done = self._members(node.rm_type, constraint, self._routes[node], key, out)
        if not out and node.rm_type != "EVENT_CONTEXT":
            # Without a key the object would not be there at all.
            self._force(node, key, out)
        if node.rm_type == "INTERVAL_EVENT":
            out.setdefault(f"{key}/width", "PT30M")
            if f"{key}/math_function|code" not in out:
                out[f"{key}/math_function|code"] = "146"
        return is_done

    def _force(self, node: WebTemplateNode, key: str, out: dict[str, Json]) -> None:
        """Write as many optional children as the node needs to be there and valid."""
        missing = max((group.min for group in node.cardinalities), default=1)
        for child in node.children:
            if missing > 0 and not child.is_in_context and self._once(child, key, out):
                missing -= 1

    def _once(self, child: WebTemplateNode, key: str, out: dict[str, Json]) -> bool:
        """Write one optional child; False where it cannot be made valid."""
        own: dict[str, Json] = {}
        if not self._node(child, f"{key}/{child.id}:0" if child.is_repeating else f"{key}/{child.id}", own, 0):
            return False
        out.update(own)
        return bool(own)

    def _members(
        self, rm_type: str, constraint: CComplexObject | None, routes: Routes, key: str, out: dict[str, Json]
    ) -> bool:
        is_complete = True
        for name, candidates in routes.items():
            attribute = constraint.attribute(name) if constraint is not None else None
            is_required = _is_required(rm_type, name, attribute)
            if not is_required and self._detail is Detail.REQUIRED and not _has_required_member(attribute, candidates):
                continue
            wanted = 1 if is_required else 0
            most: int | None = None
            if attribute is not None and attribute.cardinality is not None:
                interval = attribute.cardinality.interval
                wanted, most = max(wanted, interval.lower), interval.upper
            written = self._candidates(candidates, key, out, wanted=wanted, most=most)
            if written < wanted and (is_required or written):
                is_complete = False
        return is_complete

    def _candidates(
        self, candidates: list[Route], key: str, out: dict[str, Json], *, wanted: int, most: int | None
    ) -> int:
        """Write members of one attribute: what is required first, then as many as the detail asks for."""
        is_single = not candidates[0].step.is_multiple
        room = 1 if is_single else (most if most is not None else 10_000)
        written, done = 0, set()
        uses: Counter[int] = Counter()  # siblings that differ by name share the limit of one constraint
        ordered = [*(r for r in candidates if _lower(r) > 0), *(r for r in candidates if _lower(r) == 0)]
        for route in ordered:
            lower = _lower(route)
            own = id(route.step.constraint)
            if route.step.constraint is not None and uses[own] >= _limit(route):
                continue
            is_asked = lower > 0 or self._detail is not Detail.REQUIRED or written < wanted
            if not is_asked or written >= room:
                continue
            times = max(lower, 1)
            if self._detail is Detail.COMPLETE and not is_single and times == 1 and _upper(route) > 1:
                times = 2
            for number in range(min(times, room - written)):
                if self._route(route, key, out, number):
                    written += 1
                    uses[own] += 1
                    done.add(id(route))
        for route in ordered:
            number = 1
            while written < min(wanted, room) and id(route) in done and number < _upper(route):
                if not self._route(route, key, out, number):
                    break
                written, number = written + 1, number + 1
        return written

    def _route(self, route: Route, key: str, out: dict[str, Json], number: int) -> bool:
        """Write one member; False, and nothing written, where it cannot be made valid."""
        node = route.node
        own: dict[str, Json] = {}
        if node is None:
            constraint = route.step.constraint
            is_done = self._members(
                route.step.rm_type,
                constraint if isinstance(constraint, CComplexObject) else None,
                route.below,
                key,
                own,
            )
            if is_done:
                out.update(own)
            return is_done and (bool(own) or route.step.rm_type != "CLUSTER")
        below = f"{key}/{node.id}:{number}" if node.is_repeating or number else f"{key}/{node.id}"
        if not self._node(node, below, own, number):
            return False
        out.update(own)
        return True

    def _node(self, node: WebTemplateNode, key: str, out: dict[str, Json], number: int) -> bool:
        if node.id in _LEFT_TO_DEFAULTS and node.is_in_context:
            return True
        chosen = None if number else given_text(node, is_minimal=self._detail is Detail.REQUIRED)
        if node.rm_type == "ELEMENT":
            choice = node.children[number % len(node.children)]
            for child in node.children if chosen else ():
                if (given := given_values(child, chosen or "")) is not None:
                    out.update({f"{key}/{child.id}{suffix}": value for suffix, value in given.items()})
                    return True
            return self._node(choice, f"{key}/{choice.id}", out, number)
        if chosen and (given := given_values(node, chosen)) is not None:
            out.update({key + suffix: value for suffix, value in given.items()})
            return True
        if node.rm_type == "STRING":
            return True
        if node.id == "timing" and node.is_in_context:
            out[key], out[f"{key}|formalism"] = "R2/2024-03-15T10:30:00+01:00/P1D", "timing"
            return True
        if node.is_in_context and not node.rm_type.startswith("ISM"):
            return self._context_node(node, key, out)
        if node.rm_type.startswith("DV_"):
            values = values_of(node, language=self._language, number=number)
            for suffix, value in values.items():
                out[key + suffix] = value
            return all(value != "" for value in values.values())
        if node not in self._routes or node.rm_type.startswith("PARTY_") or node.rm_type == "CODE_PHRASE":
            return True
        is_done = self.structure(node, key, out)
        return is_done and (bool(out) or node.rm_type not in ("CLUSTER", "SECTION"))

    def _context_node(self, node: WebTemplateNode, key: str, out: dict[str, Json]) -> bool:
        match node.id:
            case "narrative":
                out[key] = sentence(node.localized_name or node.name, language=self._language)
            case "width":
                out.update({key + suffix: value for suffix, value in values_of(node, language=self._language).items()})
            case "math_function":
                listed = next((entry.items for entry in node.inputs if entry.items), ())
                out[f"{key}|code"] = listed[0].value if listed else "146"
        return True

    def _ism_transition(self, node: WebTemplateNode, key: str, out: dict[str, Json]) -> bool:
        """Write a state and a careflow step that belong together."""
        step = next((entry.items for entry in node.by_id["careflow_step"].inputs if entry.items), ())
        states = next((entry.items for entry in node.by_id["current_state"].inputs if entry.items), ())
        state = states[0].value if states else "532"
        if step:
            chosen = next((item for item in step if "532" in item.current_states), step[0])
            state = chosen.current_states[0] if chosen.current_states else state
            out[f"{key}/careflow_step|code"] = chosen.value
        out[f"{key}/current_state|code"] = state
        return True


def _lower(route: Route) -> int:
    if route.node is not None:
        return 0 if route.node.is_in_context and route.node.rm_type == "DV_CODED_TEXT" else route.node.min
    constraint = route.step.constraint
    return constraint.occurrences.lower if constraint is not None else 0


def _limit(route: Route) -> int:
    constraint = route.step.constraint
    upper = constraint.occurrences.upper if constraint is not None else None
    return 10_000 if upper is None else upper


def _upper(route: Route) -> int:
    upper = route.node.max if route.node is not None else 1
    return 10_000 if upper is None else upper


def _is_required(rm_type: str, name: str, attribute: CAttribute | None) -> bool:
    """Tell whether an attribute has to be there: the RM says so, or the template."""
    known = CATALOG.attributes(rm_type).get(name) if CATALOG.is_class(rm_type) else None
    if (rm_type, name) in {("COMPOSITION", "content"), ("HISTORY", "events"), ("INSTRUCTION", "activities")}:
        return True  # an example without any content shows nothing, and a history needs an event
    return bool(known and known.is_mandatory) or bool(attribute and attribute.existence.lower > 0)


def _has_required_member(attribute: CAttribute | None, candidates: list[Route]) -> bool:
    """Tell whether a container that may be absent has members that may not."""
    return bool(candidates[0].step.is_multiple and any(_lower(route) > 0 for route in candidates))
