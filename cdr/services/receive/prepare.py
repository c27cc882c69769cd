"""From an item to a composition that can be stored: mapped or decoded, with its FEEDER_AUDIT, validated, and whose.

Goes out: `Prepared`, or `Unusable` with every reason. The steps that were passed are noted in `Findings`.
"""

from __future__ import annotations

import hashlib
import json
import uuid
from dataclasses import dataclass

from cdr import rm
from cdr.am.template import OperationalTemplate
from cdr.errors import BadInput, Invalid, KildeError, NotFound, NotSupported
from cdr.formats import canonical_json, flat
from cdr.formats.canonical_json_lenient import check_texts
from cdr.formats.mapping import Mapped, Mapping, apply
from cdr.formats.mapping.moments import order_of, read_moment
from cdr.formats.registry import format_of
from cdr.identity import Caller
from cdr.issue import Issue
from cdr.receipts import Receipt, SourceRecord
from cdr.services.checking import check_composition, template_id_of
from cdr.services.context import Context
from cdr.services.lookup import template_for_commit
from cdr.services.receive.feeder import feeder_audit, give_entries_their_source, item_ids_of, taken_over
from cdr.services.receive.items import Findings, Item, Prepared, Unusable
from cdr.services.receive.residents import ehr_of_resident
from cdr.services.representation import Body, decode_composition
from cdr.versioning.committal import time_text
from cdr.versioning.uid import is_object_id
from cdr.webtemplate import WebTemplate, build

# Object ids of received items live in a namespace of their own: the same item always has the same one.
_ITEMS = uuid.UUID("1d0f8f3c-7f0e-5c43-9d0a-6f3b1a2c4e55")


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadyTemplate:
    """A revision of a template as mapping needs it."""

    revision: str
    template: OperationalTemplate
    web_template: WebTemplate


@dataclass(frozen=True, slots=True, kw_only=True)
class Preparer:
    """Prepares items of one tenant; `ready` keeps the templates that it met, by id."""

    context: Context
    ready: dict[str, ReadyTemplate]

    def prepare(
        self, caller: Caller, source: SourceRecord, receipt: Receipt, *, item: Item, findings: Findings
    ) -> Prepared:
        """Return what is to be stored of an item. Errors: `Unusable`."""
        if item.issues:
            raise Unusable(list(item.issues))
        findings.steps.append("split")
        try:
            if item.mapping is not None:
                return self._mapped(caller, source, receipt, item, item.mapping, findings)
            return self._decoded(caller, source, receipt, item, findings)
        except (BadInput, Invalid, NotFound, NotSupported) as error:
            raise Unusable(_issues_of(error, item.place)) from error

    def _mapped(
        self, caller: Caller, source: SourceRecord, receipt: Receipt, item: Item, mapping: Mapping, findings: Findings
    ) -> Prepared:
        today = receipt.time_received.date()
        mapped = apply(mapping, item.record, place=item.place, today=today, follow=item.follow)
        findings.item_id, findings.item_version = mapped.item_id, mapped.version
        findings.template_id = mapping.template_id
        findings.expected, findings.lacking = mapped.expected, tuple(mapped.lacking)
        findings.codable, findings.coded = mapped.codable, mapped.coded
        issues = [*mapped.issues, *_bad_texts(mapped, item.place)]
        ehr_id = ""
        try:
            ehr_id = self._resident(caller, source, mapped.resident, item.place)
            findings.ehr_id = ehr_id
        except Unusable as error:
            issues += error.issues
        if issues:
            raise Unusable(issues)
        findings.steps.append("mapped")
        kind = mapping.identity.item_type
        if mapped.is_withdrawn:
            composition, revision = None, None
        else:
            composition, revision = self._composition(source, receipt, mapping, mapped, item.place, findings)
        return Prepared(
            object_id=object_id_of(caller.tenant, source.key, kind, mapped.item_id),
            ehr_id=ehr_id,
            order=order_text(mapped.version_order, receipt),
            digest=_digest(json.dumps(mapped.flat, sort_keys=True, ensure_ascii=False).encode()),
            composition=composition,
            template_id=mapping.template_id,
            template_revision=revision,
        )

    def _composition(
        self,
        source: SourceRecord,
        receipt: Receipt,
        mapping: Mapping,
        mapped: Mapped,
        place: str,
        findings: Findings,
    ) -> tuple[rm.Composition, str]:
        """Return the valid composition of a mapped item and the revision of its template.

        The template that was met last is used first: validation looks at the current one anyway, and says so when it is
        another.
        """
        ready = self.ready.get(mapping.template_id) or self._renewed(mapping.template_id)
        while True:
            composition = self._filled(ready, source, receipt, mapped, place)
            composition.feeder_audit = feeder_audit(
                source, receipt, item_ids=mapped.item_ids, version=mapped.version, time=mapped.time
            )
            give_entries_their_source(composition)
            revision = self._validated(composition)
            if revision == ready.revision:
                findings.steps.append("validated")
                return composition, revision
            ready = self._renewed(mapping.template_id)

    def _renewed(self, template_id: str) -> ReadyTemplate:
        record = template_for_commit(self.context, template_id)
        template = self.context.compiled.of(record)
        ready = ReadyTemplate(revision=record.revision, template=template, web_template=build(template))
        self.ready[template_id] = ready
        return ready

    def _filled(
        self, ready: ReadyTemplate, source: SourceRecord, receipt: Receipt, mapped: Mapped, place: str
    ) -> rm.Composition:
        keys = {
            "ctx/language": self.context.default_language,
            "ctx/territory": self.context.default_territory,
            "ctx/time": time_text(receipt.time_received),
            f"{ready.web_template.root.id}/composer|name": source.author or source.title,
            **mapped.flat,
        }
        try:
            return flat.decode(keys, ready.web_template, ready.template, now=receipt.time_received)
        except BadInput as error:
            issues = [
                Issue(code=one.code, path=f"{place}: {one.path}", expected=one.expected, label=one.label)
                for one in error.issues
            ]
            raise BadInput(error.message, code=error.code, issues=issues) from error

    def _decoded(
        self, caller: Caller, source: SourceRecord, receipt: Receipt, item: Item, findings: Findings
    ) -> Prepared:
        said = receipt.envelope
        form = format_of(item.media)
        if form is None:
            raise NotSupported("messages are FHIR R4 in JSON, CSV, or openEHR content", code="MEDIA")
        sent = item.content()
        body = Body(content=sent, format=form, template_id=said.template_id or None)
        composition = decode_composition(self.context, body)
        template_id = template_id_of(composition) or ""
        findings.template_id = template_id
        if template_id not in source.templates:
            expected = "one of the templates that the source may send: " + ", ".join(source.templates)
            raise Unusable([Issue(code="RCV_TEMPLATE", path="/archetype_details/template_id", expected=expected)])
        ids = item_ids_of(composition)
        own = said.item_id or (ids[0][0] if ids else "") or receipt.message_id
        if own not in [one for one, _ in ids]:
            ids.insert(0, (own, "item"))
        version = said.item_version or taken_over(composition)[0]
        findings.item_id, findings.item_version = own, version
        ehr_id = self._ehr_of_envelope(caller, source, receipt, item.place)
        findings.ehr_id = ehr_id
        findings.steps.append("decoded")
        moment = read_moment(version)
        time = taken_over(composition)[1]
        original = composition.feeder_audit
        composition.uid = None
        composition.feeder_audit = None
        # A time that was filled in here is no content: the same body received twice is the same.
        content = sent if form.needs_template else canonical_json.encode(composition)
        composition.feeder_audit = feeder_audit(
            source, receipt, item_ids=ids, version=version, time=time, original=original
        )
        give_entries_their_source(composition)
        revision = None
        if not said.is_withdrawn:
            revision = self._validated(composition)
            findings.steps.append("validated")
        number = f"n{int(version):020}" if version.isascii() and version.isdigit() and len(version) <= 20 else ""
        order = f"t{order_of(moment)}" if moment and not number else number
        return Prepared(
            object_id=object_id_of(caller.tenant, source.key, template_id, own),
            ehr_id=ehr_id,
            order=order_text(order, receipt),
            digest=_digest(content),
            composition=None if said.is_withdrawn else composition,
            template_id=template_id,
            template_revision=revision,
        )

    def _ehr_of_envelope(self, caller: Caller, source: SourceRecord, receipt: Receipt, place: str) -> str:
        said = receipt.envelope
        if not said.ehr_id:
            resident = (said.subject_system, said.subject_id) if said.subject_id else None
            return self._resident(caller, source, resident, place)
        access = self.context.access(caller)
        found = self.context.versions.ehr(said.ehr_id, access=access) if is_object_id(said.ehr_id) else None
        if found is None or not found.is_modifiable:
            expected = "an EHR that is here and allows modification"
            raise Unusable([Issue(code="RCV_RESIDENT_UNKNOWN", path=place, expected=expected)])
        return found.ehr_id

    def _resident(self, caller: Caller, source: SourceRecord, resident: tuple[str, str] | None, place: str) -> str:
        return ehr_of_resident(self.context, caller, source, resident=resident, place=place).ehr_id

    def _validated(self, composition: rm.Composition) -> str:
        """Return the revision of the template of a valid composition."""
        return check_composition(self.context, composition).revision


def object_id_of(tenant: str, source: str, kind: str, item_id: str) -> str:
    """Return the id of the versioned composition that an item of a source has, now and ever."""
    return str(uuid.uuid5(_ITEMS, "\n".join((tenant, source, kind, item_id))))


def order_text(version_order: str, receipt: Receipt) -> str:
    """Return what orders the versions of an item: the source's own version, then the time of receipt."""
    return f"{version_order} {time_text(receipt.time_received)} {receipt.receipt_id}"


def _bad_texts(mapped: Mapped, place: str) -> list[Issue]:
    """Return an issue for each text of a record, or id of its item, that no format can write."""
    try:
        check_texts({**mapped.flat, "item.id": [one for one, _ in mapped.item_ids]})
    except BadInput as error:
        return [Issue(code=one.code, path=f"{place}: {one.path}", expected=one.expected) for one in error.issues]
    return []


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _issues_of(error: KildeError, place: str) -> list[Issue]:
    if error.issues:
        return list(error.issues)
    return [Issue(code="RCV_REFUSED", path=place, expected="an item that can be stored", sentence=error.message)]
