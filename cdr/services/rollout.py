"""Rolling out a new version of a template: what it changes, what stored data says to it, and when it may replace.

The comparison is that of `cdr.am.diff` with the FLAT ids of `cdr.webtemplate.flat_diff`; the check validates what is
stored against the new version without changing anything, a page of EHRs at a time.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace

from cdr import rm
from cdr.am.change import Change, Verdict
from cdr.am.diff import compare
from cdr.am.opt14 import read_opt
from cdr.am.template import OperationalTemplate
from cdr.errors import Conflict
from cdr.formats import canonical_json
from cdr.identity import Caller
from cdr.issue import Issue, Severity, errors_of
from cdr.ports import Head, TemplateRecord
from cdr.services.context import Context
from cdr.services.lookup import template_of
from cdr.validation import validate
from cdr.versioning.model import Lifecycle, ObjectKind
from cdr.webtemplate.flat_diff import flat_changes


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckedPage:
    """What one page of stored compositions says to a new version.

    `by_code` counts issues by their code, `refused` the compositions with any; `invalid_before` are those of them that
    the old version refuses as well. `next` is where the next page starts, None when all EHRs have been looked at.
    """

    checked: int
    refused: int
    invalid_before: int
    by_code: dict[str, int]
    by_node: dict[str, int]
    next: str | None


@dataclass(frozen=True, slots=True)
class RolloutService:
    """Comparison, check and deprecation of the tenant's templates."""

    context: Context

    def changes(self, caller: Caller, *, source: bytes) -> list[Change]:
        """Return what a new version changes against the current one of the same id.

        Errors: `BadInput` for a source that is no template, `NotFound` when its id is unknown.
        """
        new = read_opt(source)
        old = self.context.compiled.of(template_of(self.context, new.template_id))
        return [*compare(old, new), *flat_changes(old, new)]

    def check(self, caller: Caller, *, source: bytes, after: str | None, limit: int, sample: int | None) -> CheckedPage:
        """Validate the stored compositions of a page of EHRs against a new version; nothing is changed.

        `limit` is the number of EHRs, `sample` the number of compositions at most (None for all of the page).
        """
        new = read_opt(source)
        old = self.context.compiled.of(template_of(self.context, new.template_id))
        access = self.context.access(caller)
        ehr_ids = self.context.versions.ehr_ids(access=access, after=after, limit=limit)
        tally = _Tally()
        for ehr_id in ehr_ids:
            for head in self.context.versions.heads(ehr_id, ObjectKind.COMPOSITION, access=access):
                if head.template_id != new.template_id or head.lifecycle == Lifecycle.DELETED:
                    continue
                if sample is not None and tally.checked >= sample:
                    break
                self._check(caller, head, old, new, tally)
        self.context.told(caller, action="read", resource="TEMPLATE_CHECK", ehr_ids=ehr_ids, detail=new.template_id)
        is_last = len(ehr_ids) < limit or (sample is not None and tally.checked >= sample)
        return CheckedPage(
            checked=tally.checked,
            refused=tally.refused,
            invalid_before=tally.invalid_before,
            by_code=dict(tally.by_code.most_common()),
            by_node=dict(tally.by_node.most_common(50)),
            next=None if is_last else ehr_ids[-1],
        )

    def _check(
        self, caller: Caller, head: Head, old: OperationalTemplate, new: OperationalTemplate, tally: _Tally
    ) -> None:
        record = self.context.versions.latest(head.object_id, access=self.context.access(caller))
        if record is None or record.content is None:
            return
        composition = canonical_json.decode(record.content, rm.Composition)
        is_draft = record.lifecycle == Lifecycle.INCOMPLETE
        terminology = self.context.terminology
        issues = errors_of(validate(composition, new, terminology=terminology, is_draft=is_draft).issues)
        tally.checked += 1
        if issues:
            tally.refused += 1
            before = errors_of(validate(composition, old, terminology=terminology, is_draft=is_draft).issues)
            tally.invalid_before += bool(before)
            tally.by_code.update(issue.code for issue in issues)
            tally.by_node.update(issue.node for issue in issues if issue.node)

    def deprecate(self, caller: Caller, template_id: str, *, is_deprecated: bool) -> TemplateRecord:
        """Say that no new data may be stored under a template, or that it may again; `NotFound` when it is unknown."""
        record = replace(template_of(self.context, template_id), is_deprecated=is_deprecated)
        self.context.templates.replace(record)
        self.context.told(caller, action="write", resource="TEMPLATE", ehr_ids=[], detail=template_id)
        return record


class _Tally:
    """The counts of one page."""

    def __init__(self) -> None:
        self.checked = 0
        self.refused = 0
        self.invalid_before = 0
        self.by_code: Counter[str] = Counter()
        self.by_node: Counter[str] = Counter()


def refuse_breaking(old: OperationalTemplate, new: OperationalTemplate, *, used: int) -> None:
    """Raise `Conflict` when a template in use would be replaced by a version that breaks stored data.

    Each breaking change is an issue with the template path as its node.
    """
    issues = [
        Issue(
            code="TPL_BREAKING_CHANGE",
            path=change.path,
            expected=f"no change that breaks stored data: {change.kind.meaning}",
            label=change.label,
            severity=Severity.ERROR,
        )
        for change in compare(old, new)
        if change.data is Verdict.BREAKING
    ]
    if issues:
        raise Conflict(
            f"the template is used by {used} versions and the new one breaks them", code="TEMPLATE_USED", issues=issues
        )
