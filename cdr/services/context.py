"""What every service works with: the ports of one tenant, the clock, new uids and the compiled templates.

One `Context` belongs to one tenant. Services hold it and get the `Caller` as the first argument of every call.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from cdr.formats.flat import SPECIFICATION, Dialect
from cdr.identity import AccessFilter, Caller, Clock, RandomUids, SystemClock, UidSource
from cdr.ports import AccessLog, ArchetypeStore, CompositionIndex, QueryStore, TemplateStore, VersionStore
from cdr.services.compiled import CompiledTemplates
from cdr.validation import ValueSetService


def everything(caller: Caller) -> AccessFilter:
    """Return the filter of a caller who may see all of the tenant: the default policy."""
    return AccessFilter.everything()


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """The ports and sources of one tenant.

    `system_id` is the creating system of every version uid; `policy` says what a caller may see and is asked at every
    read and query; `compiled` keeps templates ready by revision hash; `terminology` resolves value sets that lie
    outside the templates; `default_language` and `default_territory` fill in what the simplified formats leave out,
    and `flat_dialect` what their specification leaves open. `registered_only` refuses content under templates without
    an information category, `refuses_unmarked_copies` content that does not name its template's national source.
    """

    versions: VersionStore
    compositions: CompositionIndex
    templates: TemplateStore
    archetypes: ArchetypeStore
    queries: QueryStore
    access_log: AccessLog
    system_id: str
    clock: Clock = field(default_factory=SystemClock)
    uids: UidSource = field(default_factory=RandomUids)
    policy: Callable[[Caller], AccessFilter] = everything
    compiled: CompiledTemplates = field(default_factory=CompiledTemplates)
    terminology: ValueSetService | None = None
    default_language: str = "nb"
    default_territory: str = "NO"
    flat_dialect: Dialect = SPECIFICATION
    registered_only: bool = False
    refuses_unmarked_copies: bool = False

    def access(self, caller: Caller) -> AccessFilter:
        """Return what the caller may see."""
        return self.policy(caller)

    def told(self, caller: Caller, *, action: str, resource: str, ehr_ids: Sequence[str], detail: str = "") -> None:
        """Tell the access log of one read or write."""
        self.access_log.record(caller, action=action, resource=resource, ehr_ids=ehr_ids, detail=detail)
