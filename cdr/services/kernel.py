"""All services of one tenant in one value: what the API and the command line are handed."""

from __future__ import annotations

from dataclasses import dataclass

from cdr.services.admin import AdminService
from cdr.services.archetype import ArchetypeService
from cdr.services.bulk import BulkService
from cdr.services.category import CategoryService
from cdr.services.composition import CompositionService
from cdr.services.content import ContentService
from cdr.services.context import Context
from cdr.services.contribution import ContributionService
from cdr.services.directory import DirectoryService
from cdr.services.ehr import EhrService
from cdr.services.ehr_status import EhrStatusService
from cdr.services.history import HistoryService
from cdr.services.query import QueryService
from cdr.services.receive.kernel import Receiving
from cdr.services.rollout import RolloutService
from cdr.services.summary.definition import installed_library
from cdr.services.summary.review import ReviewService
from cdr.services.summary.service import SummaryService
from cdr.services.template import TemplateService


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    """The services of one tenant.

    `query` is the service of `cdr.services.query`, None where a process does not answer queries; then there are no
    summaries and reviews either.
    """

    context: Context
    ehr: EhrService
    ehr_status: EhrStatusService
    composition: CompositionService
    contribution: ContributionService
    directory: DirectoryService
    history: HistoryService
    template: TemplateService
    rollout: RolloutService
    archetype: ArchetypeService
    category: CategoryService
    content: ContentService
    bulk: BulkService
    admin: AdminService
    query: QueryService | None = None
    receiving: Receiving | None = None
    summary: SummaryService | None = None
    review: ReviewService | None = None


def build_services(
    context: Context, *, query: QueryService | None = None, receiving: Receiving | None = None
) -> Services:
    """Return all services over one context."""
    summary = None if query is None else SummaryService(context, query, installed_library(), query.zone)
    return Services(
        context=context,
        ehr=EhrService(context),
        ehr_status=EhrStatusService(context),
        composition=CompositionService(context),
        contribution=ContributionService(context),
        directory=DirectoryService(context),
        history=HistoryService(context),
        template=TemplateService(context),
        rollout=RolloutService(context),
        archetype=ArchetypeService(context),
        category=CategoryService(context),
        content=ContentService(context),
        bulk=BulkService(context),
        admin=AdminService(context),
        query=query,
        receiving=receiving,
        summary=summary,
        review=None if summary is None else ReviewService(context, summary),
    )
