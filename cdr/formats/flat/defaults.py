"""What a composition gets that its keys do not say: times, languages, parties, participations, states.

Called by `cdr.formats.flat.decode` for every finished object. Explicit keys always win; then `ctx/`, then the template,
then the defaults of the specification.
Source: ITS-REST development, simplified_formats, Context Information, and the notes in the RM Mappings tables.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from cdr import rm
from cdr.am.constraints import CComplexObject, CObject, CPrimitiveObject
from cdr.am.primitives import CDuration, CString
from cdr.formats.flat import attributes
from cdr.formats.flat.context import Context
from cdr.formats.flat.example_text import matching
from cdr.formats.flat.keys import Branch, absent
from cdr.formats.flat.scope import Scope
from cdr.formats.flat.values import ordered
from cdr.formats.flat.values.party import decode_participation
from cdr.formats.flat.values.text import code_phrase, coded_text
from cdr.rm import temporal
from cdr.webtemplate.labels import openehr_label
from cdr.webtemplate.model import WebTemplateNode

_PERSISTENT = "431"
_EVENT = "433"
# The specification: an activity without action_archetype_id gets the pattern that matches every archetype.
_ANY_ARCHETYPE = "/.*/"


class Defaults:
    """Applies the defaults of one composition."""

    def __init__(self, context: Context, scope: Scope) -> None:
        self.context = context
        self.language = context.language
        self._scope = scope
        self._origins: dict[int, rm.DvDateTime] = {}

    def composition(self, found: rm.Composition, node: WebTemplateNode) -> None:
        """Complete a composition whose content is done."""
        ctx = self.context
        if absent(found.category):
            found.category = self._category(node)
        if absent(found.language) and ctx.language is not None:
            found.language = code_phrase("ISO_639-1", ctx.language)
        if absent(found.territory) and ctx.territory is not None:
            found.territory = code_phrase("ISO_3166-1", ctx.territory)
        if absent(found.composer) and ctx.composer is not None:
            found.composer = ctx.composer
        if found.links is None and ctx.links:
            found.links = list(ctx.links)
        if found.feeder_audit is None:
            found.feeder_audit = ctx.feeder_audit
        code = found.category.defining_code.code_string if not absent(found.category.defining_code) else ""
        if found.context is None and code != _PERSISTENT:
            found.context = rm.EventContext()
            self._event_context(found.context)

    def apply(self, found: rm.RmObject, node: WebTemplateNode) -> None:
        """Complete any other object."""
        match found:
            case rm.EventContext():
                self._event_context(found)
            case rm.Observation():
                self._entry(found)
                if not absent(found.data):
                    self._history(found.data, self._origins.pop(id(found), None), _offsets(node))
            case rm.Action():
                self._entry(found)
                if absent(found.time):
                    found.time = rm.DvDateTime(value=self.context.action_time or self.context.time)
                if absent(found.ism_transition):
                    state = self.context.current_state or self._state_of_dialect()
                    if state is not None:
                        found.ism_transition = rm.IsmTransition(current_state=state)
            case rm.Instruction():
                self._entry(found)
                if absent(found.narrative) and self.context.narrative is not None:
                    found.narrative = rm.DvText(value=self.context.narrative)
            case rm.Entry():
                self._entry(found)
            case rm.Activity():
                if found.timing is None:
                    found.timing = self.context.activity_timing
                if absent(found.action_archetype_id):
                    found.action_archetype_id = _action_archetype(node)

    def origin_of(self, observation: rm.Observation, origin: rm.DvDateTime | None) -> None:
        """Remember the origin that an observation's keys give to its history."""
        if origin is not None:
            self._origins[id(observation)] = origin

    def take_event_context(self, found: rm.EventContext, branch: Branch) -> None:
        """Take the optional attributes of the context of a composition."""
        scope = self._scope
        below = branch.take_child("_end_time")
        if below is not None:
            found.end_time = ordered.decode_moment(below, scope)
        below = branch.take_child("_location")
        if below is not None:
            found.location = scope.text(below)
        below = branch.take_child("_health_care_facility")
        if below is not None:
            party = attributes.take_party(below, scope)
            if isinstance(party, rm.PartyIdentified):
                found.health_care_facility = party
            elif party is not None:
                scope.wrong(below, "_type", "a PARTY_IDENTIFIED")
        participations = [
            attributes.decode_raw(below, scope, rm.Participation) or decode_participation(below, scope)
            for below in branch.take_all("_participation")
        ]
        if participations:
            found.participations = participations

    def _state_of_dialect(self) -> rm.DvCodedText | None:
        code = self._scope.dialect.action_state
        return state_of_action(code, self.language) if code else None

    def _category(self, node: WebTemplateNode) -> rm.DvCodedText:
        category = node.by_id.get("category")
        items = next((entry.items for entry in category.inputs if entry.items), ()) if category else ()
        code = items[0].value if items else _EVENT
        return coded_text("openehr", code, openehr_label(code, self._scope.language))

    def _event_context(self, found: rm.EventContext) -> None:
        ctx = self.context
        if absent(found.start_time):
            found.start_time = rm.DvDateTime(value=ctx.time)
        if absent(found.setting):
            found.setting = ctx.setting
        if found.end_time is None and ctx.end_time is not None:
            found.end_time = rm.DvDateTime(value=ctx.end_time)
        if found.location is None:
            found.location = ctx.location
        if found.health_care_facility is None:
            found.health_care_facility = ctx.health_care_facility
        if found.participations is None and ctx.participations:
            found.participations = list(ctx.participations)

    def _entry(self, found: rm.Entry) -> None:
        ctx = self.context
        if absent(found.language) and self.language is not None:
            found.language = code_phrase("ISO_639-1", self.language)
        if absent(found.encoding):
            found.encoding = code_phrase("IANA_character-sets", "UTF-8")
        if absent(found.subject):
            found.subject = rm.PartySelf()
        if found.provider is None:
            found.provider = ctx.provider
        if found.workflow_id is None:
            found.workflow_id = ctx.workflow_id
        if found.other_participations is None and ctx.participations:
            found.other_participations = list(ctx.participations)
        if found.links is None and ctx.links:
            found.links = list(ctx.links)

    def _history(self, history: rm.History, origin: rm.DvDateTime | None, offsets: Mapping[str, str]) -> None:
        """Give a history its origin and its events their times."""
        events = history.events or []
        if origin is None and self.context.history_origin is not None:
            origin = rm.DvDateTime(value=self.context.history_origin)
        if origin is None:
            origin = earliest(events) or rm.DvDateTime(value=self.context.time)
        history.origin = origin
        for event in events:
            if absent(event.time):
                offset = offsets.get(event.archetype_node_id)
                event.time = rm.DvDateTime(value=later(origin.value, offset) if offset else origin.value)


def state_of_action(code: str, language: str | None) -> rm.DvCodedText:
    """Return a state of the openEHR group instruction states, labelled in a language."""
    return coded_text("openehr", code, openehr_label(code, language or "en", group="instruction states"))


def _action_archetype(node: WebTemplateNode) -> str:
    """Return the pattern of actions that the template wants, else the one that the specification gives."""
    constraint = node.constraint
    attribute = constraint.attribute("action_archetype_id") if isinstance(constraint, CComplexObject) else None
    for child in attribute.children if attribute else ():
        item = child.item if isinstance(child, CPrimitiveObject) else None
        if isinstance(item, CString) and item.values:
            return item.values[0]
        if isinstance(item, CString) and item.pattern and matching(item.pattern):
            return matching(item.pattern)
    return _ANY_ARCHETYPE


def _offsets(node: WebTemplateNode) -> dict[str, str]:
    """Return the least offset of events from the origin, by node id, where the template sets one."""
    found: dict[str, str] = {}
    for child in node.children:
        for step in child.steps:
            constraint = step.constraint
            if step.attribute != "events" or not isinstance(constraint, CComplexObject):
                continue
            attribute = constraint.attribute("offset")
            for duration in attribute.children if attribute else ():
                item = _value_item(duration)
                if isinstance(item, CDuration) and item.range is not None and item.range.lower:
                    found[step.node_id] = item.range.lower
    return found


def _value_item(constraint: CObject) -> object:
    attribute = constraint.attribute("value") if isinstance(constraint, CComplexObject) else None
    return next((c.item for c in attribute.children if isinstance(c, CPrimitiveObject)), None) if attribute else None


def later(moment: str, offset: str) -> str:
    """Return a date-time moved by a duration of days or less; unchanged where either is only partial.

    >>> later("2024-03-15T10:30:00+01:00", "PT5M"), later("2024-03", "PT5M")
    ('2024-03-15T10:35:00+01:00', '2024-03')
    """
    months, seconds = temporal.parse_duration(offset).months_and_seconds
    try:
        found = datetime.fromisoformat(moment)
    except ValueError:
        return moment
    return moment if months or "T" not in moment else (found + timedelta(seconds=float(seconds))).isoformat()


def earliest(events: list[rm.IntervalEvent | rm.PointEvent]) -> rm.DvDateTime | None:
    """Return the time of the earliest event that has one, as its plain value."""
    times = [event.time.value for event in events if not absent(event.time)]
    if not times:
        return None
    if len(times) == 1:
        return rm.DvDateTime(value=times[0])
    return rm.DvDateTime(value=min(times, key=lambda value: temporal.lower_bound(temporal.parse_date_time(value))))
