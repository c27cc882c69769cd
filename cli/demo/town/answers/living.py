"""What the queries on living conditions, habits, vaccines, documents and applications find."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

from cli.demo.town.answers.asking import Parameters, Question, Row, code_of, entries, text_of
from cli.demo.town.circumstances import (
    Education,
    File,
    Housing,
    Interpreter,
    LivingArrangement,
    Network,
    ServiceRequest,
    Tobacco,
    VaccineDose,
)
from cli.demo.town.keys.living import size_of
from cli.demo.town.statements import Coded, Life

# The ATC group of vaccines.
_VACCINES = "J07"


def _requests(life: Life, parameters: Parameters) -> Iterator[Row]:
    for _, document, one in entries(life, ServiceRequest):
        yield {
            "service": one.service,
            "service_code": code_of(one.kind),
            "request_status": one.status,
            "request_id": one.id,
            "received": document.start,
        }


def _documents(life: Life, parameters: Parameters) -> Iterator[Row]:
    for key, document, one in entries(life, File):
        yield {
            "document_time": document.start,
            "document_id": key,
            "status": "final",
            "title": one.title,
            "document_type": text_of(one.kind),
            "type_code": code_of(one.kind),
            "content": _content(one),
            "author": document.composer,
            "facility": document.facility,
        }


def _tobacco(life: Life, parameters: Parameters) -> Iterator[Row]:
    for _, _, one in entries(life, Tobacco):
        yield {"status": one.status.text, "updated": one.updated}


def _vaccines(life: Life, parameters: Parameters) -> Iterator[Row]:
    for _, document, one in entries(life, VaccineDose):
        code = code_of(one.vaccine)
        if code is not None and code.startswith(_VACCINES):
            yield {"vaccine": text_of(one.vaccine), "code": code, "given": one.time, "facility": document.facility}


def _network(life: Life, parameters: Parameters) -> Iterator[Row]:
    """Each person makes rows; relations and numbers of one person combine."""
    for _, _, one in entries(life, Network):
        for kin in one.people:
            for relation, phone in product(kin.relations or (None,), kin.phones or (None,)):
                yield {
                    "partnership": one.partnership,
                    "description": one.description,
                    "name": kin.name,
                    "relation": relation,
                    "phone": phone,
                }


def _arrangements(life: Life, parameters: Parameters) -> Iterator[Row]:
    for _, _, one in entries(life, LivingArrangement):
        yield {"living_arrangement": one.arrangement, "household_size": one.household, "updated": one.updated}


def _housing(life: Life, parameters: Parameters) -> Iterator[Row]:
    for _, _, one in entries(life, Housing):
        for kind, tenure in one.dwellings:
            yield {"description": one.description, "residential_setting": kind, "tenure": tenure}


def _interpreters(life: Life, parameters: Parameters) -> Iterator[Row]:
    for _, _, one in entries(life, Interpreter):
        yield {"interpreter": _need(one.need), "language": one.language}


def _education(life: Life, parameters: Parameters) -> Iterator[Row]:
    for _, _, one in entries(life, Education):
        yield {"highest_level": one.level, "updated": one.updated}


def _content(file: File) -> dict[str, object]:
    """Return the content of a document as the whole value that a query gives."""
    if file.address is not None:
        return {"_type": "DV_URI", "value": file.address}
    return {
        "_type": "DV_MULTIMEDIA",
        "data": file.content,
        "media_type": _phrase("IANA_media-types", file.media_type),
        "size": size_of(file),
    }


def _need(need: bool | Coded) -> dict[str, object]:
    """Return the need of an interpreter as the whole value that a query gives."""
    if isinstance(need, Coded):
        return {"_type": "DV_CODED_TEXT", "value": need.text, "defining_code": _phrase("local", need.code)}
    return {"_type": "DV_BOOLEAN", "value": need}


def _phrase(terminology: str, code: str) -> dict[str, object]:
    terminology_id = {"_type": "TERMINOLOGY_ID", "value": terminology}
    return {"_type": "CODE_PHRASE", "terminology_id": terminology_id, "code_string": code}


QUESTIONS = {
    "S5": Question(
        columns=("service", "service_code", "request_status", "request_id", "received"),
        rows=_requests,
        newest_by="received",
    ),
    "K3": Question(
        columns=(
            "document_time",
            "document_id",
            "status",
            "title",
            "document_type",
            "type_code",
            "content",
            "author",
            "facility",
        ),
        rows=_documents,
        newest_by="document_time",
    ),
    "K4e": Question(columns=("status", "updated"), rows=_tobacco),
    "K4f": Question(columns=("vaccine", "code", "given", "facility"), rows=_vaccines, newest_by="given"),
    "K5a": Question(columns=("partnership", "description", "name", "relation", "phone"), rows=_network),
    "K5b": Question(columns=("living_arrangement", "household_size", "updated"), rows=_arrangements),
    "K5c": Question(columns=("description", "residential_setting", "tenure"), rows=_housing),
    "K5d": Question(columns=("interpreter", "language"), rows=_interpreters),
    "K5e": Question(columns=("highest_level", "updated"), rows=_education),
}
