"""Random records in a real store, and the same records as the interpreter wants them: read back version by version.

What is stored is valid canonical JSON without a template; it goes in unchecked, since queries have to answer over
anything that has ever been stored. `population(seed)` always makes the same records.
"""

from __future__ import annotations

import json
import random
from typing import Any

import orjson

from aql.interpret import InterpretedEhr, InterpretedObject, InterpretedVersion
from cdr import rm
from cdr.formats.canonical_json import decode
from cdr.identity import AccessFilter
from cdr.services.committing import Wish, commit
from cdr.services.history import version_json
from cdr.services.lookup import base_of
from cdr.services.representation import Body
from cdr.store.tenant import TenantStore
from cdr.versioning.committal import Committal, time_text
from cdr.versioning.model import ChangeType, Lifecycle, ObjectKind
from tests.engine.conftest import CALLER, Site
from tests.language import small_records as small

EVERYTHING = AccessFilter.everything()
Json = dict[str, Any]

CONCEPTS = ("pulse.v1", "pulse-infant.v1", "blood_pressure.v2")
UNITS = ("mm[Hg]", "kPa", "/min")
NAMES = ("Alpha", "Beta", "alpha", "B*ta")
TIMES = (
    "2024-01-01T10:00:00",
    "2024-01-01T09:00:00Z",
    "2024-01-01T12:00:00+02:00",
    "2024-03",
    "2023-12-31T23:59:59.5Z",
)


def fill(site: Site, *, seed: int, ehrs: int = 3) -> tuple[InterpretedEhr, ...]:
    """Store random records and return them for the interpreter."""
    draw = random.Random(seed)
    made = [_ehr(site, draw) for _ in range(ehrs)]
    # The bounds of leafs are written now and then; with them the planner chooses candidates by value.
    site.store.versions.paths.flush(force=True)
    return tuple(read_back(site.store, ehr_id) for ehr_id in made)


def composition(draw: random.Random) -> Json:
    """Return a random composition: sections, observations with events and clusters, evaluations."""
    content = [_content(draw, 0) for _ in range(draw.randint(0, 3))]
    found: Json = small.composition(*content, name=draw.choice(NAMES), start=draw.choice(TIMES))
    found["archetype_node_id"] = draw.choice(
        (
            "openEHR-EHR-COMPOSITION.report.v1",
            "openEHR-EHR-COMPOSITION.report-lab.v1",
            "openEHR-EHR-COMPOSITION.note.v1",
        )
    )
    if not content:
        del found["content"]
    return {**_clinical(), **found}


def store_composition(site: Site, ehr_id: str, document: Json, **wish: Any) -> str:
    """Commit a composition unchecked and return its version uid."""
    root = None if document is None else decode(orjson.dumps(document), rm.Composition)
    asked = {"kind": ObjectKind.COMPOSITION, "default": ChangeType.CREATION, "root": root, **wish}
    made = commit(site.context, CALLER, [Wish(**asked)], ehr_id=ehr_id)
    return made.versions[0].record.uid


def next_version(site: Site, ehr_id: str, uid: str, document: Json | None, *, lifecycle: Lifecycle) -> str:
    """Commit the next version of a composition: a change, a draft, or a deletion."""
    head = site.store.versions.head(uid.split("::")[0])
    assert head is not None
    change = ChangeType.DELETED if lifecycle is Lifecycle.DELETED else ChangeType.MODIFICATION
    said = Committal(lifecycle=lifecycle) if lifecycle is not Lifecycle.DELETED else Committal()
    return store_composition(
        site,
        ehr_id,
        document,
        default=change,
        base=base_of(head, head.latest_uid),
        said=said,  # type: ignore[arg-type]
    )


def read_back(store: TenantStore, ehr_id: str) -> InterpretedEhr:
    """Return an EHR with everything stored in it, from the versions alone."""
    record = store.versions.ehr(ehr_id, access=EVERYTHING)
    assert record is not None
    objects = []
    for kind in (ObjectKind.COMPOSITION, ObjectKind.EHR_STATUS, ObjectKind.FOLDER):
        for head in store.versions.heads(ehr_id, kind, access=EVERYTHING):
            versions = []
            for each in store.versions.history(head.object_id, access=EVERYTHING):
                whole = store.versions.version(each.uid, access=EVERYTHING)
                assert whole is not None
                described = orjson.loads(version_json(whole))
                content = described.pop("data", None)
                versions.append(InterpretedVersion(whole.uid, content, described))
            objects.append(InterpretedObject(head.object_id, tuple(versions)))
    return InterpretedEhr(ehr_id, record.system_id, time_text(record.time_created), tuple(objects))


def _ehr(site: Site, draw: random.Random) -> str:
    status = {
        "_type": "EHR_STATUS",
        "name": {"_type": "DV_TEXT", "value": "EHR Status"},
        "archetype_node_id": "openEHR-EHR-EHR_STATUS.generic.v1",
        "subject": {"_type": "PARTY_SELF"},
        "is_queryable": True,
        "is_modifiable": True,
        "other_details": small.located("ITEM_TREE", "at0001", "Tree", items=[_element(draw)]),
    }
    answer = site.client.post("/rest/openehr/v1/ehr", content=json.dumps(status))
    assert answer.status_code == 201, answer.text
    ehr_id = str(answer.headers["location"].rsplit("/", 1)[1])
    uids = []
    for _ in range(draw.randint(0, 4)):
        state = draw.choice((Lifecycle.COMPLETE, Lifecycle.COMPLETE, Lifecycle.COMPLETE, Lifecycle.INCOMPLETE))
        uid = store_composition(site, ehr_id, composition(draw), said=Committal(lifecycle=state))
        uids.append(uid)
        for _ in range(draw.choice((0, 0, 1, 2))):
            state = draw.choice((Lifecycle.COMPLETE, Lifecycle.INCOMPLETE, Lifecycle.DELETED))
            document = None if state is Lifecycle.DELETED else composition(draw)
            next_version(site, ehr_id, uid, document, lifecycle=state)
            if state is Lifecycle.DELETED:
                break
    if draw.random() < 0.6:
        references = tuple(uid.split("::")[0] for uid in uids if draw.random() < 0.6)
        inner = small.folder(draw.choice(NAMES), items=references[1:])
        tree = small.folder("root", items=references[:1], folders=(inner,))
        answer = site.client.post(f"/rest/openehr/v1/ehr/{ehr_id}/directory", content=json.dumps(_pruned(tree)))
        assert answer.status_code == 201, answer.text
    return ehr_id


def _content(draw: random.Random, depth: int) -> Json:
    kind = draw.choice(("section", "observation", "observation", "evaluation")) if depth < 2 else "observation"
    if kind == "section":
        items = [_content(draw, depth + 1) for _ in range(draw.randint(1, 2))]
        return small.section(draw.choice(NAMES), *items)
    if kind == "evaluation":
        return {**_entry(draw), **small.evaluation("problem.v1", _cluster(draw, 0), name=draw.choice(NAMES))}
    events = [small.event(*_items(draw), time=draw.choice(TIMES)) for _ in range(draw.randint(1, 3))]
    return {**_entry(draw), **small.observation(draw.choice(CONCEPTS), *events, name=draw.choice(NAMES))}


def _items(draw: random.Random) -> list[Json]:
    return [_element(draw) if draw.random() < 0.7 else _cluster(draw, 0) for _ in range(draw.randint(1, 3))]


def _cluster(draw: random.Random, depth: int) -> Json:
    inner = [_element(draw) for _ in range(draw.randint(1, 2))]
    if depth < 1 and draw.random() < 0.4:
        inner.append(_cluster(draw, depth + 1))
    node_id = draw.choice(("at0010", "openEHR-EHR-CLUSTER.device.v1", "openEHR-EHR-CLUSTER.device-pump.v1"))
    return small.cluster(node_id, *inner, name=draw.choice(NAMES))


def _element(draw: random.Random) -> Json:
    value = draw.choice(
        (
            None,
            small.quantity(draw.choice((60.0, 80.0, 120.5, 8.0)), draw.choice(UNITS)),
            small.quantity(draw.choice((60.0, 80.0, 160.0)), "mm[Hg]"),
            small.text(draw.choice(NAMES)),
            small.coded(draw.choice(NAMES), draw.choice(("at0100", "at0101"))),
            small.count(draw.randint(0, 3)),
            small.date_time(draw.choice(TIMES)),
            {"_type": "DV_BOOLEAN", "value": draw.random() < 0.5},
        )
    )
    found: Json = small.element(draw.choice(("at0004", "at0005", "at0006")), value, name=draw.choice(NAMES))
    if value is None:
        found["null_flavour"] = small.coded("unknown", "253", "openehr")
    return found


def _entry(draw: random.Random) -> Json:
    subject: Json = {"_type": "PARTY_SELF"}
    if draw.random() < 0.1:
        subject = {"_type": "PARTY_RELATED", "relationship": small.coded("mother", "10", "openehr")}
    return {
        "language": small.code("en", "ISO_639-1"),
        "encoding": small.code("UTF-8", "IANA_character-sets"),
        "subject": subject,
    }


def _clinical() -> Json:
    return {
        "language": small.code("en", "ISO_639-1"),
        "territory": small.code("NO", "ISO_3166-1"),
        "category": small.coded("event", "433", "openehr"),
        "composer": {"_type": "PARTY_IDENTIFIED", "name": "Kari"},
    }


def _pruned(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _pruned(member) for name, member in value.items() if member != []}
    return [_pruned(member) for member in value] if isinstance(value, list) else value


__all__ = ["Body", "composition", "fill", "next_version", "read_back", "store_composition"]
