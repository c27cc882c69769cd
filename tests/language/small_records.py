"""Small clinical records as plain trees: each function makes one node, so a test shows the tree it asks about."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import aql
from aql.functions import Moment, Terminology
from aql.interpret import InterpretedEhr, InterpretedObject, InterpretedVersion, interpret
from aql.values import ValueRules
from cdr.rm.catalog import CATALOG

Tree = dict[str, Any]
EVENTS = "o/data[at0001]/events[at0002]"
SYSTOLIC = f"{EVENTS}/data[at0003]/items[at0004]/value/magnitude"
DIASTOLIC = f"{EVENTS}/data[at0003]/items[at0005]/value/magnitude"
FROM_BP = "FROM EHR e CONTAINS COMPOSITION c CONTAINS OBSERVATION o[openEHR-EHR-OBSERVATION.bp.v1]"
SYSTEM = "kilde.test"
NOW = datetime(2024, 7, 1, 14, 30, 15, 250_000, tzinfo=ZoneInfo("Europe/Oslo"))


def text(value: str) -> Tree:
    return {"_type": "DV_TEXT", "value": value}


def code(value: str, terminology: str = "local") -> Tree:
    return {
        "_type": "CODE_PHRASE",
        "terminology_id": {"_type": "TERMINOLOGY_ID", "value": terminology},
        "code_string": value,
    }


def coded(value: str, code_string: str, terminology: str = "local") -> Tree:
    return {"_type": "DV_CODED_TEXT", "value": value, "defining_code": code(code_string, terminology)}


def quantity(magnitude: float, units: str = "mm[Hg]") -> Tree:
    return {"_type": "DV_QUANTITY", "magnitude": magnitude, "units": units}


def count(magnitude: int) -> Tree:
    return {"_type": "DV_COUNT", "magnitude": magnitude}


def date_time(value: str) -> Tree:
    return {"_type": "DV_DATE_TIME", "value": value}


def located(rm_type: str, node_id: str, name: str | Tree, **attributes: Any) -> Tree:
    return {
        "_type": rm_type,
        "name": text(name) if isinstance(name, str) else name,
        "archetype_node_id": node_id,
        **attributes,
    }


def element(node_id: str, value: Tree | None, name: str | Tree = "Element") -> Tree:
    return located("ELEMENT", node_id, name, **({} if value is None else {"value": value}))


def cluster(node_id: str, *items: Tree, name: str | Tree = "Cluster") -> Tree:
    return located("CLUSTER", node_id, name, items=list(items))


def event(*items: Tree, time: str = "2024-01-01T10:00:00", name: str = "Any event") -> Tree:
    tree = located("ITEM_TREE", "at0003", "Tree", items=list(items))
    return located("POINT_EVENT", "at0002", name, time=date_time(time), data=tree)


def observation(concept: str, *events: Tree, name: str = "Observation") -> Tree:
    history = located("HISTORY", "at0001", "History", origin=date_time("2024-01-01T10:00:00"), events=list(events))
    return located("OBSERVATION", f"openEHR-EHR-OBSERVATION.{concept}", name, data=history)


def evaluation(concept: str, *items: Tree, name: str = "Evaluation") -> Tree:
    tree = located("ITEM_TREE", "at0001", "Tree", items=list(items))
    return located("EVALUATION", f"openEHR-EHR-EVALUATION.{concept}", name, data=tree)


def blood_pressure(systolic: float | None, diastolic: float | None, *, concept: str = "bp.v1") -> Tree:
    items = [("at0004", systolic), ("at0005", diastolic)]
    return observation(concept, event(*(element(node, quantity(value)) for node, value in items if value is not None)))


def section(name: str, *items: Tree) -> Tree:
    return located("SECTION", "openEHR-EHR-SECTION.adhoc.v1", name, items=list(items))


def composition(*content: Tree, name: str = "Composition", start: str = "2024-01-01T10:00:00") -> Tree:
    context = {"_type": "EVENT_CONTEXT", "start_time": date_time(start), "setting": coded("home", "225", "openehr")}
    return located("COMPOSITION", "openEHR-EHR-COMPOSITION.report.v1", name, context=context, content=list(content))


def folder(name: str, *, items: tuple[str, ...] = (), folders: tuple[Tree, ...] = ()) -> Tree:
    references = [
        {
            "_type": "OBJECT_REF",
            "namespace": "local",
            "type": "VERSIONED_COMPOSITION",
            "id": {"_type": "HIER_OBJECT_ID", "value": uid},
        }
        for uid in items
    ]
    return located("FOLDER", "openEHR-EHR-FOLDER.generic.v1", name, items=references, folders=list(folders))


def version(
    uid: str, content: Tree | None, *, state: str = "532", change: str = "249", committer: str = "Kari"
) -> InterpretedVersion:
    whole = f"{uid.partition('::')[0]}::{SYSTEM}::{uid.partition('::')[2] or 1}"
    if content is not None:
        content = {**content, "uid": {"_type": "OBJECT_VERSION_ID", "value": whole}}
    audit = {
        "_type": "AUDIT_DETAILS",
        "system_id": SYSTEM,
        "time_committed": date_time("2024-01-02T10:00:00Z"),
        "change_type": coded("creation", change, "openehr"),
        "committer": {"_type": "PARTY_IDENTIFIED", "name": committer},
    }
    return InterpretedVersion(
        whole, content, {"commit_audit": audit, "lifecycle_state": coded("state", state, "openehr")}
    )


def stored(*versions: InterpretedVersion) -> InterpretedObject:
    return InterpretedObject(versions[0].uid.partition("::")[0], versions)


def ehr(ehr_id: str, *objects: InterpretedObject | Tree) -> InterpretedEhr:
    """An EHR; a plain tree becomes the only version of an object `<ehr id>-<number>`."""
    held = tuple(
        found if isinstance(found, InterpretedObject) else stored(version(f"{ehr_id}-{number}", found))
        for number, found in enumerate(objects)
    )
    return InterpretedEhr(ehr_id, SYSTEM, "2024-01-01T08:00:00Z", held)


def rows(
    query: str,
    *ehrs: InterpretedEhr,
    parties: tuple[InterpretedObject, ...] = (),
    rules: ValueRules | None = None,
    terminology: Terminology | None = None,
    **parameters: object,
) -> list[tuple[Any, ...]]:
    """The rows of a query over the EHRs."""
    checked = aql.analyse(aql.bind(aql.parse(query), parameters), CATALOG)
    moment = Moment(NOW, rules or ValueRules(), terminology)
    return list(interpret(checked, ehrs, moment=moment, parties=parties).rows)
