"""Operational templates: upload, list, read, and their administration.

A template is stored byte for byte as it came; its revision is the hash of these bytes and never changes.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from cdr.am.opt14 import read_opt
from cdr.am.template import OperationalTemplate
from cdr.errors import BadInput, Conflict, NotFound
from cdr.identity import Caller
from cdr.issue import Issue
from cdr.ports import TemplateRecord
from cdr.services.context import Context
from cdr.services.lookup import template_of
from cdr.services.registered import declaration_of
from cdr.services.rollout import refuse_breaking
from cdr.webtemplate import build, to_json

_LONGEST_ID = 500


@dataclass(frozen=True, slots=True)
class TemplateService:
    """The templates of the tenant."""

    context: Context

    def upload(self, caller: Caller, *, source: bytes) -> TemplateRecord:
        """Store an operational template (ADL 1.4, XML) and return it.

        Errors: `BadInput` when the source is no operational template (nothing is stored), `Conflict` when its id is
        taken.
        """
        record = self._record(source)
        self.context.templates.add(record)
        self.context.told(caller, action="write", resource="TEMPLATE", ehr_ids=[], detail=record.template_id)
        return record

    def list(self, caller: Caller) -> list[TemplateRecord]:
        """Return all templates by id."""
        return self.context.templates.list()

    def read(self, caller: Caller, template_id: str) -> TemplateRecord:
        """Return a template; `NotFound` when there is none."""
        return template_of(self.context, template_id)

    def compiled(self, caller: Caller, template_id: str) -> OperationalTemplate:
        """Return a template ready for use; `NotFound` when there is none."""
        return self.context.compiled.of(template_of(self.context, template_id))

    def web_template(self, record: TemplateRecord) -> bytes:
        """Return a template as a web template in JSON."""
        return to_json(build(self.context.compiled.of(record)))

    def replace(self, caller: Caller, template_id: str, *, source: bytes) -> TemplateRecord:
        """Point an id at a new revision and return it; data keeps the revision that it was stored under.

        Errors: `NotFound`, `BadInput`, `Conflict` when data uses the template and a change would break it.
        """
        current = template_of(self.context, template_id)
        record = self._record(source)
        if record.template_id != template_id:
            issue = Issue(code="OPT_ID", path="/template/template_id", expected="the template id in the path")
            raise BadInput("the template's id must match the path", code="TEMPLATE_ID", issues=[issue])
        used = self.context.templates.usage(template_id)
        if used:
            refuse_breaking(self.context.compiled.of(current), self.context.compiled.of(record), used=used)
        self.context.templates.replace(record)
        self.context.told(caller, action="write", resource="TEMPLATE", ehr_ids=[], detail=template_id)
        return record

    def remove(self, caller: Caller, template_id: str) -> None:
        """Remove a template; `NotFound` when there is none, `Conflict` when data uses it."""
        if not self.context.templates.remove(template_id):
            raise NotFound("no template has this id", code="TEMPLATE_UNKNOWN")
        self.context.told(caller, action="delete", resource="TEMPLATE", ehr_ids=[], detail=template_id)

    def remove_all(self, caller: Caller) -> int:
        """Remove the templates that no data uses and return how many they were; `Conflict` when some are used."""
        removed = used = 0
        for record in self.context.templates.list():
            try:
                removed += self.context.templates.remove(record.template_id)
            except Conflict:
                used += 1
        self.context.told(caller, action="delete", resource="TEMPLATE", ehr_ids=[], detail="all")
        if used:
            raise Conflict(f"{used} templates are used by data and stay", code="TEMPLATE_USED")
        return removed

    def _record(self, source: bytes) -> TemplateRecord:
        template = read_opt(source)
        if not 0 < len(template.template_id) <= _LONGEST_ID:
            issue = Issue(
                code="OPT_ID", path="/template/template_id", expected=f"a template id of 1 to {_LONGEST_ID} characters"
            )
            raise BadInput("the template must have an id", code="TEMPLATE_ID", issues=[issue])
        faults = declaration_of(template).issues
        if faults:
            raise BadInput("the template declares no valid category", code="TEMPLATE_CATEGORY", issues=faults)
        revision = hashlib.sha256(source).hexdigest()
        self.context.compiled.keep(revision, template)
        return TemplateRecord(
            template_id=template.template_id,
            revision=revision,
            source=source,
            concept=template.concept,
            root_archetype=template.archetype_id,
            language=template.language,
            time_created=self.context.clock.now(),
        )
