"""`SummaryService`: one content service for one resident, from stored records to a `Summary`.

    definition -> gather (AQL, each query by itself) -> reconcile -> sections -> Summary

Sections show whole groups: a period or an actor chooses groups, never single statements of them, so that no side of a
contradiction is cut away. Critical sections are not limited by either.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

from cdr.errors import BadParameter
from cdr.identity import Caller
from cdr.reconcile import Concepts, Group, Kind, Reconciled, Statement, Status, reconcile
from cdr.reconcile.moments import FIRST, LAST, days, instant, overlap
from cdr.reconcile.summary import Asked, Failure, Section, SectionState, Source, Summary
from cdr.services.context import Context
from cdr.services.lookup import ehr_of
from cdr.services.query import QueryService
from cdr.services.summary.definition import Definition, Library, SectionRule
from cdr.services.summary.gather import REVIEWS, Gathered, gather

CONFLICTING = "conflicting"
_SAYS_NONE = frozenset((Kind.EXCLUSION, Kind.ABSENCE))
EVERYTHING = Asked()


@dataclass(frozen=True, slots=True)
class SummaryService:
    """The content services of one tenant."""

    context: Context
    queries: QueryService
    library: Library
    zone: ZoneInfo

    def services(self) -> list[Definition]:
        """Return the definitions: those across categories first, then one for each category, by title."""
        return sorted(self.library.definitions.values(), key=lambda one: (one.category != "", one.title["nb"]))

    def summarise(self, caller: Caller, ehr_id: str, service: str, *, asked: Asked = EVERYTHING) -> Summary:
        """Return the summary of one resident.

        Errors: `NotFound` for an EHR or a service that is not there, `BadParameter` for a period that is none.
        """
        definition = self.library.definition(service)
        _check(asked)
        ehr = ehr_of(self.context, caller, ehr_id)
        now = self.context.clock.now()
        today = now.astimezone(self.zone).date().isoformat()
        gathered = gather(self.queries, self.library, definition, caller=caller, ehr=ehr, today=today)
        self.context.told(
            caller,
            action="read",
            resource="SUMMARY",
            ehr_ids=[ehr_id],
            detail=f"{definition.key}/{definition.version}",
        )
        statements = {one.id: one for found in gathered.by_query.values() for one in found}
        solved = reconcile(statements.values(), concepts=self.library.concepts, reviews=gathered.reviews)
        return Summary(
            service=definition.key,
            version=definition.version,
            title=definition.title,
            ehr_id=ehr_id,
            subject=ehr.subject[1] if ehr.subject else "",
            subject_namespace=ehr.subject[0] if ehr.subject else "",
            created=now.astimezone(self.zone),
            asked=asked,
            sections=sections(definition, solved, gathered, asked=asked),
            flags=solved.flags,
            sources=_sources(statements.values()),
            actors=tuple(sorted({one.origin.actor for one in statements.values() if one.origin.actor})),
            set_aside=solved.set_aside,
            drafts=gathered.drafts,
            reviews_failed=REVIEWS in gathered.failures,
            names={key: self.library.facts.facts[key].name for key in {one.entry for one in statements.values()}},
            systems=_systems(statements.values(), self.library.concepts),
        )


def sections(definition: Definition, solved: Reconciled, gathered: Gathered, *, asked: Asked) -> tuple[Section, ...]:
    """Return the sections of a definition with their groups; critical ones first.

    A group goes to the first section that has its fact and state; one that none has room for gets a section of its own.
    """
    placed: dict[str, list[Group]] = defaultdict(list)
    rest: list[Group] = []
    for group in solved.groups:
        rule = next((one for one in definition.sections if _belongs(group, one)), None)
        if rule is None:
            rest.append(group)
        else:
            placed[rule.key].append(group)
    excluded = {one.about for group in solved.groups for one in group.statements if one.kind is Kind.EXCLUSION}
    made = [
        _section(rule, placed[rule.key], gathered, definition=definition, asked=asked, excluded=excluded)
        for rule in definition.sections
    ]
    if rest:
        title = {"nb": "Andre opplysninger", "en": "Other information"}
        made.append(Section(key="other", title=title, is_critical=False, state=SectionState.SHOWN, groups=tuple(rest)))
    return tuple(sorted(made, key=lambda section: not section.is_critical))


def _belongs(group: Group, rule: SectionRule) -> bool:
    if not any(one.entry in rule.facts for one in group.statements):
        return False
    state = CONFLICTING if group.state is None else group.state.value
    return not rule.states or state in rule.states


def _section(
    rule: SectionRule,
    groups: Sequence[Group],
    gathered: Gathered,
    *,
    definition: Definition,
    asked: Asked,
    excluded: set[str],
) -> Section:
    chosen = list(groups) if rule.is_critical else [one for one in groups if _is_chosen(one, asked, rule)]
    chosen.sort(key=_newest, reverse=True)
    chosen.sort(key=lambda group: not group.is_contradicted)
    shown = _latest(chosen, rule.latest) if rule.latest else chosen
    failures = gathered.failures.get(rule.query, ())
    return Section(
        key=rule.key,
        title=rule.title,
        is_critical=rule.is_critical,
        state=_state(rule, shown, groups, failures=failures, gathered=gathered, excluded=excluded),
        groups=tuple(shown),
        left_out=len(groups) - len(shown),
        failures=failures,
    )


def _state(
    rule: SectionRule,
    shown: Sequence[Group],
    groups: Sequence[Group],
    *,
    failures: Sequence[Failure],
    gathered: Gathered,
    excluded: set[str],
) -> SectionState:
    """Return what may be concluded; that nothing is there is only said when everything could be read."""
    if failures and rule.query not in gathered.by_query:
        return SectionState.NOT_AVAILABLE
    if failures:
        return SectionState.PARTLY_AVAILABLE
    if shown:
        return SectionState.SHOWN
    if groups:
        return SectionState.NOTHING_CHOSEN
    about = {"allergy": "allergies", "diagnosis": "problems", "medication": "medication", "procedure": "procedures"}
    if any(about.get(one) == rule.key for one in excluded):
        return SectionState.NONE_KNOWN
    return SectionState.NOTHING_RECORDED


def _is_chosen(group: Group, asked: Asked, rule: SectionRule) -> bool:
    """Tell whether a group is within the period and of the actor: all of it, when any statement is."""
    if asked.actor and not any(
        asked.actor in (one.origin.facility, one.origin.composer, one.origin.system) for one in group.statements
    ):
        return False
    if not rule.period or not (asked.begin or asked.end):
        return True
    begin, end = days(asked.begin), days(asked.end)
    period = (begin[0] if begin else FIRST, end[1] if end else LAST)
    return any(overlap(_span(one), period) for one in group.statements)


def _span(statement: Statement) -> tuple[str, str]:
    """Return the days that a statement is about; what goes on has no last day."""
    begin = days(statement.time or statement.onset or statement.origin.recorded)
    if statement.time:
        return begin or (FIRST, LAST)
    end = days(statement.end)
    if end is None and statement.status not in (Status.ACTIVE, Status.SUSPENDED):
        end = days(statement.origin.recorded)
    first, last = begin[0] if begin else FIRST, end[1] if end else LAST
    return first, max(first, last)


def _latest(groups: Sequence[Group], most: int) -> list[Group]:
    """Return the first groups of each fact."""
    counts: dict[str, int] = defaultdict(int)
    found = []
    for group in groups:
        fact = group.statements[0].entry
        counts[fact] += 1
        if counts[fact] <= most:
            found.append(group)
    return found


def _newest(group: Group) -> str:
    return max((instant(one.when) for one in group.statements), default="")


def _sources(statements: Iterable[Statement]) -> tuple[Source, ...]:
    found: dict[tuple[str, str], list[Statement]] = defaultdict(list)
    for one in statements:
        found[one.origin.facility or one.origin.composer, one.origin.system].append(one)
    made = [
        Source(name or system, system, len(those), max((one.origin.recorded for one in those), key=instant))
        for (name, system), those in found.items()
    ]
    return tuple(sorted(made, key=lambda source: (-source.statements, source.name, source.system)))


def _systems(statements: Iterable[Statement], concepts: Concepts) -> dict[str, str]:
    """Return the names of the code systems that statements use, by the address that they use."""
    used = {code.system for one in statements for code in (*one.codes, *(m.target for m in one.mappings))}
    return {system: concepts.title(system) for system in used}


def _check(asked: Asked) -> None:
    for name, value in (("from", asked.begin), ("to", asked.end)):
        if value and (days(value) is None or not _is_day(value)):
            raise BadParameter(f"{name} is a date: 2024, 2024-03 or 2024-03-15", code="SUMMARY_PERIOD")
    begin, end = days(asked.begin), days(asked.end)
    if begin and end and begin[0] > end[1]:
        raise BadParameter("the period should not end before it begins", code="SUMMARY_PERIOD")


def _is_day(text: str) -> bool:
    """Tell whether a text is a year, a month or a day of the calendar, and nothing more precise."""
    try:
        date.fromisoformat(text + "-01-01"[len(text) - 4 :])
    except ValueError:
        return False
    return len(text) in (4, 7, 10)
