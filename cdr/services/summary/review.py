"""Reviews: a clinician confirms, corrects, rejects or comments what a summary shows; stored as a composition.

The composition names each statement by a link to the version that was shown, so that a later version is not taken for
reviewed. Nothing of the source's own record changes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import orjson

from cdr.errors import BadParameter, NotFound
from cdr.identity import Caller
from cdr.reconcile import Outcome
from cdr.services.composition import CompositionService
from cdr.services.context import Context
from cdr.services.lookup import ehr_of, version_of
from cdr.services.representation import Body
from cdr.services.summary.gather import REVIEW_TEMPLATE
from cdr.services.summary.reading import entries
from cdr.services.summary.service import SummaryService
from cdr.versioning.model import ObjectKind, VersionRecord

_CODES = {
    Outcome.NOT_REVIEWED: ("at0002", "Ikke vurdert"),
    Outcome.CONFIRMED: ("at0003", "Bekreftet"),
    Outcome.CORRECTED: ("at0004", "Korrigert"),
    Outcome.REJECTED: ("at0005", "Avvist"),
    Outcome.OUTDATED: ("at0006", "Utdatert"),
}
_CLUSTER = "openEHR-EHR-CLUSTER.information_quality_review.v0"
_REPORT = "openEHR-EHR-COMPOSITION.report.v1"
_MOST = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """What a clinician says: of one group of a service, or of single statements by their ids.

    `comment` alone, with `NOT_REVIEWED`, is a remark. `name` is the clinician as readers know them; the login without.
    """

    outcome: Outcome
    service: str = ""
    group: str = ""
    statements: tuple[str, ...] = ()
    comment: str = ""
    name: str = ""
    role: str = ""


@dataclass(frozen=True, slots=True)
class ReviewService:
    """Stores reviews."""

    context: Context
    summaries: SummaryService

    def review(self, caller: Caller, ehr_id: str, judgement: Judgement) -> VersionRecord:
        """Store a review and return its version.

        Errors: `NotFound` for an EHR, a group or a statement that is not there, `BadParameter` when nothing is named
        or nothing is said, `Invalid` when the template of reviews is not here.
        """
        ehr_of(self.context, caller, ehr_id)
        if judgement.outcome is Outcome.NOT_REVIEWED and not judgement.comment.strip():
            raise BadParameter("a review has an outcome or a comment", code="REVIEW_EMPTY")
        ids = judgement.statements or self._of_group(caller, ehr_id, judgement)
        if not ids or len(ids) > _MOST:
            raise BadParameter(f"a review names a group, or 1 to {_MOST} statements", code="REVIEW_OF_NOTHING")
        self._check(caller, ehr_id, ids)
        body = orjson.dumps(self._composition(caller, ehr_id, judgement, ids))
        return CompositionService(self.context).create(caller, ehr_id, body=Body(content=body))

    def _check(self, caller: Caller, ehr_id: str, ids: tuple[str, ...]) -> None:
        """Raise `NotFound` unless each id leads to an entry of a version that the EHR has."""
        places: dict[str, set[str]] = {}
        for id_ in ids:
            uid, _, place = id_.partition("/")
            if uid not in places:
                record = version_of(self.context, caller, ehr_id, kind=ObjectKind.COMPOSITION, uid=uid)
                places[uid] = {name for name, _ in entries(orjson.loads(record.content or b"{}"))}
            entry, numbered, number = place.partition("#")
            if entry not in places[uid] or (numbered and not number.isdecimal()):
                message = "a version has no statement of this id; a summary in JSON names those that there are"
                raise NotFound(message, code="STATEMENT_UNKNOWN")

    def _of_group(self, caller: Caller, ehr_id: str, judgement: Judgement) -> tuple[str, ...]:
        if not judgement.group or not judgement.service:
            raise BadParameter("a review names a service and a group, or statements", code="REVIEW_OF_NOTHING")
        summary = self.summaries.summarise(caller, ehr_id, judgement.service)
        for group in summary.groups:
            if group.key == judgement.group:
                return tuple(one.id for one in group.statements)
        raise NotFound("the summary has no group with this key", code="GROUP_UNKNOWN")

    # A JSON object of the canonical format.
    def _composition(self, caller: Caller, ehr_id: str, judgement: Judgement, ids: tuple[str, ...]) -> dict[str, Any]:
        now = self.context.clock.now().astimezone(self.summaries.zone).isoformat(timespec="seconds")
        code, rubric = _CODES[judgement.outcome]
        items = [
            _element("at0001", "Utfall", {**_text(rubric, "DV_CODED_TEXT"), "defining_code": _phrase("local", code)}),
            _element("at0012", "Vurdert tidspunkt", _text(now, "DV_DATE_TIME")),
        ]
        if judgement.role:
            items.append(_element("at0011", "Rolle", _text(judgement.role)))
        if judgement.comment.strip():
            items.append(_element("at0014", "Kommentar", _text(judgement.comment.strip())))
        cluster = {"_type": "CLUSTER", **_root(_CLUSTER, "Kvalitetssikring av delt opplysning"), "items": items}
        other = {"_type": "ITEM_TREE", "name": _text("Tree"), "archetype_node_id": "at0001", "items": [cluster]}
        setting = {**_text("annen tjeneste", "DV_CODED_TEXT"), "defining_code": _phrase("openehr", "238")}
        start = _text(now, "DV_DATE_TIME")
        root = _root(_REPORT, "Gjennomgang av delte opplysninger")
        root["archetype_details"]["template_id"] = {"_type": "TEMPLATE_ID", "value": REVIEW_TEMPLATE}
        return {
            "_type": "COMPOSITION",
            **root,
            "language": _phrase("ISO_639-1", self.context.default_language),
            "territory": _phrase("ISO_3166-1", self.context.default_territory),
            "category": {**_text("hendelse", "DV_CODED_TEXT"), "defining_code": _phrase("openehr", "433")},
            "composer": {"_type": "PARTY_IDENTIFIED", "name": judgement.name or caller.person},
            "context": {"_type": "EVENT_CONTEXT", "start_time": start, "setting": setting, "other_context": other},
            "links": [self._link(ehr_id, id_) for id_ in ids],
        }

    def _link(self, ehr_id: str, id_: str) -> dict[str, Any]:
        target = f"ehr://{self.context.system_id}/{ehr_id}/{id_}"
        return {
            "_type": "LINK",
            "meaning": _text("vurderer"),
            "type": _text("gjennomgang"),
            "target": _text(target, "DV_EHR_URI"),
        }


def _text(value: str, rm_type: str = "DV_TEXT") -> dict[str, Any]:
    return {"_type": rm_type, "value": value}


def _phrase(terminology: str, code: str) -> dict[str, Any]:
    return {
        "_type": "CODE_PHRASE",
        "terminology_id": {"_type": "TERMINOLOGY_ID", "value": terminology},
        "code_string": code,
    }


def _element(node_id: str, name: str, value: dict[str, Any]) -> dict[str, Any]:
    return {"_type": "ELEMENT", "name": _text(name), "archetype_node_id": node_id, "value": value}


def _root(archetype: str, name: str) -> dict[str, Any]:
    details = {
        "_type": "ARCHETYPED",
        "archetype_id": {"_type": "ARCHETYPE_ID", "value": archetype},
        "rm_version": "1.1.0",
    }
    return {"name": _text(name), "archetype_node_id": archetype, "archetype_details": details}
