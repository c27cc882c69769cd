"""Checking content before it is committed: the reference model, the template, the terminologies.

Goes out: nothing when all is well, else `Invalid` with every issue.
"""

from __future__ import annotations

from cdr import rm
from cdr.errors import Invalid
from cdr.issue import Issue, errors_of
from cdr.ports import TemplateRecord
from cdr.services.context import Context
from cdr.services.lookup import template_for_commit
from cdr.services.national_source import source_issues
from cdr.services.registered import registered
from cdr.validation import Report, validate


def report_on_composition(
    context: Context, composition: rm.Composition, *, is_draft: bool, known: dict[str, TemplateRecord] | None = None
) -> tuple[TemplateRecord, Report]:
    """Return the template that a composition names and what is wrong with the composition under it.

    `known` keeps the templates that were asked for, so that a batch of compositions asks for each once.

    Errors: `Invalid` when it names no template or an unknown one.
    """
    record = _template(context, template_id_of(composition), {} if known is None else known)
    template = context.compiled.of(record)
    report = validate(composition, template, terminology=context.terminology, is_draft=is_draft)
    sources = registered(context, record).national_sources
    unmarked = source_issues(composition, sources, is_refused=context.refuses_unmarked_copies and not is_draft)
    return record, Report((*report.issues, *unmarked)) if unmarked else report


def check_composition(
    context: Context,
    composition: rm.Composition,
    *,
    is_draft: bool = False,
    is_new: bool = True,
    known: dict[str, TemplateRecord] | None = None,
) -> TemplateRecord:
    """Return the template of a valid composition; `Invalid` with all issues for another one.

    A template that is deprecated takes no new compositions; those that there are can still be corrected.
    """
    record, report = report_on_composition(context, composition, is_draft=is_draft, known=known)
    refuse(errors_of(report.issues), "the composition")
    if is_new and record.is_deprecated:
        issue = Issue(
            code="TPL_DEPRECATED", path="/archetype_details/template_id", expected="a template that takes new data"
        )
        raise Invalid("the template is deprecated", code="TEMPLATE_DEPRECATED", issues=[issue])
    return record


def check_object(context: Context, root: rm.RmObject, *, word: str, is_draft: bool = False) -> None:
    """Check an object that has no template: the rules of the reference model; `Invalid` with all issues."""
    report = validate(root, None, terminology=context.terminology, is_draft=is_draft)
    refuse(errors_of(report.issues), word)


def template_id_of(root: rm.Locatable) -> str | None:
    """Return the id of the template that an object names, or None."""
    details = root.archetype_details
    return details.template_id.value if details is not None and details.template_id is not None else None


def _template(context: Context, template_id: str | None, known: dict[str, TemplateRecord]) -> TemplateRecord:
    found = known.get(template_id or "")
    if found is None:
        found = template_for_commit(context, template_id)
        known[found.template_id] = found
    return found


def refuse(issues: list[Issue], word: str) -> None:
    """Raise `Invalid` when there are issues."""
    if issues:
        count = "one rule" if len(issues) == 1 else f"{len(issues)} rules"
        raise Invalid(f"{word} breaks {count}", code="VALIDATION", issues=issues)
