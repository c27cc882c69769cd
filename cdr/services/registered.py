"""Which information category a template belongs to: by its own declaration, else by what is registered for it.

Asked at every commit, so it costs nothing but the compiled template that the commit needs anyhow.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from cdr.am.template import OperationalTemplate
from cdr.categories import Declaration, declared
from cdr.categories.declaration import sources_of
from cdr.errors import Invalid
from cdr.issue import Issue
from cdr.ports import TemplateRecord
from cdr.services.context import Context

# Names a template in a message; anything else in its place may be somebody's data.
_TEMPLATE_NAME = re.compile(r"[A-Za-z][\w .:()-]{0,199}\Z")


@dataclass(frozen=True, slots=True, kw_only=True)
class Registered:
    """A template's category (None: it has none) and national sources; `is_declared` tells that it says so itself."""

    category: str | None
    national_sources: tuple[str, ...]
    is_declared: bool


def declaration_of(template: OperationalTemplate) -> Declaration:
    """Return what a template declares in its description, for all languages or in one of them."""
    details: dict[str, str] = {}
    for one in template.description.details.values():
        details |= one.other_details
    return declared({**details, **template.description.other_details}, rm_type=template.rm_type)


def registered(context: Context, record: TemplateRecord) -> Registered:
    """Return the category of a template. A declaration wins over a registration."""
    own = context.compiled.of(record).derived(declaration_of)
    return Registered(
        category=own.category or record.category,
        national_sources=own.national_sources or sources_of(record.national_source or ""),
        is_declared=own.category is not None,
    )


def templates_by_category(context: Context) -> dict[str | None, list[tuple[TemplateRecord, Registered]]]:
    """Return all templates by the key of their category, by id; under None those without one."""
    found: dict[str | None, list[tuple[TemplateRecord, Registered]]] = {}
    for record in context.templates.list():
        state = registered(context, record)
        found.setdefault(state.category, []).append((record, state))
    return found


def not_registered(context: Context, template_id: str) -> Invalid:
    """Return the error for content under a template that has no category; it names the templates that have one."""
    groups = templates_by_category(context)
    known = sorted(record.template_id for key, group in groups.items() if key for record, _ in group)
    listed = f"one of the registered templates: {', '.join(known)}" if known else "a registered template; none is yet"
    issue = Issue(code="TPL_NOT_REGISTERED", path="/archetype_details/template_id", expected=listed)
    name = f"{template_id} " if _TEMPLATE_NAME.match(template_id) else ""
    return Invalid(
        f"the template {name}is not registered under an information category",
        code="TEMPLATE_NOT_REGISTERED",
        issues=[issue],
    )
