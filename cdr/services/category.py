"""The nine information categories of one tenant: their templates, their compositions, and who may be registered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from cdr.categories import Category, categories, category_keys, find_category
from cdr.errors import Conflict, Invalid, NotFound
from cdr.identity import Caller
from cdr.issue import Issue
from cdr.ports import ListedComposition, TemplateRecord, Usage
from cdr.services.context import Context
from cdr.services.lookup import ehr_of, template_of
from cdr.services.registered import Registered, registered, templates_by_category


@dataclass(frozen=True, slots=True, kw_only=True)
class TemplateEntry:
    """A template under its category with the number of compositions that it has."""

    record: TemplateRecord
    registered: Registered
    compositions: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CategoryEntry:
    """A category with its templates; None stands for templates without one."""

    category: Category | None
    templates: tuple[TemplateEntry, ...]

    @property
    def compositions(self) -> int:
        """Return how many compositions there are under its templates."""
        return sum(template.compositions for template in self.templates)


@dataclass(frozen=True, slots=True, kw_only=True)
class CompositionPage:
    """A page of the compositions of one EHR in one category; `total` counts all of them."""

    total: int
    compositions: tuple[ListedComposition, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CategoryUsage:
    """One row of usage, with the category of its template or stored query, None where it has none."""

    category: str | None
    usage: Usage


@dataclass(frozen=True, slots=True)
class CategoryService:
    """The categories of the tenant."""

    context: Context

    def list(self, caller: Caller) -> list[CategoryEntry]:
        """Return the nine categories with their templates, and last the templates without a category, if any."""
        groups = templates_by_category(self.context)
        counts = self.context.compositions.count_by_template(access=self.context.access(caller))
        entries = [_entry(category, groups.get(category.key, ()), counts) for category in categories()]
        unregistered = groups.get(None)
        return [*entries, _entry(None, unregistered, counts)] if unregistered else entries

    def show(self, caller: Caller, key: str) -> CategoryEntry:
        """Return one category with its templates. Errors: `NotFound`."""
        category = _category(key)
        counts = self.context.compositions.count_by_template(access=self.context.access(caller))
        return _entry(category, templates_by_category(self.context).get(key, ()), counts)

    def counts(self, caller: Caller, ehr_id: str) -> dict[str, int]:
        """Return how many compositions an EHR has in each category. Errors: `NotFound`."""
        ehr_of(self.context, caller, ehr_id)
        groups = templates_by_category(self.context)
        access = self.context.access(caller)
        self.context.told(caller, action="read", resource="CATEGORY", ehr_ids=[ehr_id])
        return {
            key: self.context.compositions.count(ehr_id, _ids(groups.get(key, ())), access=access)
            for key in category_keys()
        }

    def compositions(
        self, caller: Caller, ehr_id: str, *, key: str, offset: int, limit: int, drafts: bool = False
    ) -> CompositionPage:
        """Return a page of the compositions of an EHR in a category, the one that started last first.

        Errors: `NotFound` for an unknown EHR or category.
        """
        _category(key)
        ehr_of(self.context, caller, ehr_id)
        template_ids = _ids(templates_by_category(self.context).get(key, ()))
        index, access = self.context.compositions, self.context.access(caller)
        page = CompositionPage(
            total=index.count(ehr_id, template_ids, access=access, drafts=drafts),
            compositions=tuple(
                index.page(ehr_id, template_ids, access=access, offset=offset, limit=limit, drafts=drafts)
            ),
        )
        self.context.told(caller, action="read", resource="CATEGORY", ehr_ids=[ehr_id], detail=key)
        return page

    def usage(self, caller: Caller, *, since: datetime | None = None) -> Sequence[CategoryUsage]:
        """Return the use of templates and stored queries by consumer, the most frequent first."""
        groups = templates_by_category(self.context)
        of_template = {record.template_id: key for key, group in groups.items() for record, _ in group}
        of_query = {f"{query.name}/{query.version}": query.category or None for query in self.context.queries.list()}
        rows = [
            CategoryUsage(
                category=of_template.get(row.template_id or "") if row.query is None else of_query.get(row.query),
                usage=row,
            )
            for row in self.context.compositions.usage(since=since)
        ]
        return sorted(rows, key=lambda row: (-row.usage.count, row.usage.template_id or row.usage.query or ""))

    def register(
        self, caller: Caller, key: str, template_id: str, *, national_source: str | None = None
    ) -> TemplateEntry:
        """Register a template that declares no category under one, and return it.

        Errors: `NotFound`; `Conflict` when it declares one itself, `Invalid` when it is not of compositions.
        """
        _category(key)
        record = template_of(self.context, template_id)
        _check_open(registered(self.context, record))
        template = self.context.compiled.of(record)
        if template.rm_type != "COMPOSITION":
            issue = Issue(code="OPT_CATEGORY", path="/template/definition/rm_type_name", expected="COMPOSITION")
            raise Invalid("only templates of compositions have a category", code="TEMPLATE_CATEGORY", issues=[issue])
        self._set(caller, template_id, category=key, national_source=national_source)
        counts = self.context.compositions.count_by_template(access=self.context.access(caller))
        record = template_of(self.context, template_id)
        return _template_entry(record, registered(self.context, record), counts)

    def unregister(self, caller: Caller, key: str, template_id: str) -> None:
        """Take a registration back. Errors: `NotFound` when there is none, `Conflict` when the template declares it."""
        _category(key)
        state = registered(self.context, template_of(self.context, template_id))
        _check_open(state)
        if state.category != key:
            raise NotFound("the template is not registered under this category", code="NOT_REGISTERED")
        self._set(caller, template_id, category=None, national_source=None)

    def _set(self, caller: Caller, template_id: str, *, category: str | None, national_source: str | None) -> None:
        self.context.templates.register(template_id, category=category, national_source=national_source)
        self.context.told(caller, action="write", resource="TEMPLATE", ehr_ids=[], detail=template_id)


def _category(key: str) -> Category:
    found = find_category(key)
    if found is None:
        raise NotFound(f"the key of a category is one of: {', '.join(category_keys())}", code="CATEGORY_UNKNOWN")
    return found


def _check_open(state: Registered) -> None:
    if state.is_declared:
        raise Conflict(f"the template itself declares the category {state.category}", code="CATEGORY_DECLARED")


def _ids(group: Sequence[tuple[TemplateRecord, Registered]]) -> list[str]:
    return [record.template_id for record, _ in group]


def _entry(
    category: Category | None, group: Sequence[tuple[TemplateRecord, Registered]], counts: Mapping[str, int]
) -> CategoryEntry:
    templates = tuple(_template_entry(record, state, counts) for record, state in group)
    return CategoryEntry(category=category, templates=templates)


def _template_entry(record: TemplateRecord, state: Registered, counts: Mapping[str, int]) -> TemplateEntry:
    return TemplateEntry(record=record, registered=state, compositions=counts.get(record.template_id, 0))
