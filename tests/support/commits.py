"""Small, valid commits for tests of storage: an EHR, and compositions with a reading of the pulse."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import msgspec

from cdr import rm
from cdr.versioning.model import (
    Commit,
    ContributionRecord,
    EhrRecord,
    Lifecycle,
    NewVersion,
    ObjectKind,
    VersionRecord,
)

SYSTEM = "test.kilde"
START = datetime(2024, 5, 17, 10, 0, tzinfo=UTC)
PULSE = "openEHR-EHR-OBSERVATION.pulse.v2"
ENCOUNTER = "openEHR-EHR-COMPOSITION.encounter.v1"


class Uids:
    """UUIDs that count up within a range of their own, so that threads do not share them."""

    def __init__(self, space: int = 0) -> None:
        self._next = space << 64

    def new(self) -> str:
        """Return the next UUID."""
        self._next += 1
        digits = f"{self._next:032x}"
        return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"


def text(value: str) -> rm.DvText:
    """Return a DV_TEXT."""
    return rm.DvText(value=value)


def coded(code: str, value: str, terminology: str = "openehr") -> rm.DvCodedText:
    """Return a DV_CODED_TEXT."""
    return rm.DvCodedText(value=value, defining_code=phrase(code, terminology))


def phrase(code: str, terminology: str = "openehr") -> rm.CodePhrase:
    """Return a CODE_PHRASE."""
    return rm.CodePhrase(terminology_id=rm.TerminologyId(value=terminology), code_string=code)


def element(node_id: str, name: str, value: object) -> rm.Element:
    """Return an ELEMENT; without a value it has a null flavour."""
    if value is None:
        return rm.Element(archetype_node_id=node_id, name=text(name), null_flavour=coded("271", "no information"))
    return rm.Element(archetype_node_id=node_id, name=text(name), value=value)


def tree(node_id: str, items: list[rm.Element | rm.Cluster]) -> rm.ItemTree:
    """Return an ITEM_TREE."""
    return rm.ItemTree(archetype_node_id=node_id, name=text("Tree"), items=items)


def archetyped(archetype: str, template: str | None = None) -> rm.Archetyped:
    """Return the details of an archetype root."""
    return rm.Archetyped(
        archetype_id=rm.ArchetypeId(value=archetype),
        template_id=None if template is None else rm.TemplateId(value=template),
        rm_version="1.1.0",
    )


def pulse(rates: list[float], *, time: str = "2024-05-17T12:00:00+02:00") -> rm.Observation:
    """Return a pulse observation with one event for each rate."""
    events = [
        rm.PointEvent(
            archetype_node_id="at0003",
            name=text("Any event"),
            time=rm.DvDateTime(value=time),
            data=tree("at0001", [element("at0004", "Rate", rm.DvQuantity(magnitude=rate, units="/min"))]),
        )
        for rate in rates
    ]
    return rm.Observation(
        archetype_node_id=PULSE,
        archetype_details=archetyped(PULSE),
        name=text("Pulse"),
        language=phrase("nb", "ISO_639-1"),
        encoding=phrase("UTF-8", "IANA_character-sets"),
        subject=rm.PartySelf(),
        data=rm.History(
            archetype_node_id="at0002", name=text("History"), origin=rm.DvDateTime(value=time), events=list(events)
        ),
    )


def composition(
    content: list[rm.Observation] | list[rm.Section],
    *,
    time: str = "2024-05-17T12:00:00+02:00",
    template: str = "pulse",
) -> rm.Composition:
    """Return an encounter with the content."""
    return rm.Composition(
        archetype_node_id=ENCOUNTER,
        archetype_details=archetyped(ENCOUNTER, template),
        name=text("Encounter"),
        language=phrase("nb", "ISO_639-1"),
        territory=phrase("NO", "ISO_3166-1"),
        category=coded("433", "event"),
        composer=rm.PartyIdentified(name="Nurse"),
        context=rm.EventContext(start_time=rm.DvDateTime(value=time), setting=coded("225", "home")),
        content=list(content),
    )


def ehr_status(subject: tuple[str, str] | None = None) -> rm.EhrStatus:
    """Return an EHR_STATUS; `subject` is (namespace, id)."""
    reference = None
    if subject is not None:
        identifier = rm.GenericId(value=subject[1], scheme="id")
        reference = rm.PartyRef(namespace=subject[0], type="PERSON", id=identifier)
    return rm.EhrStatus(
        archetype_node_id="openEHR-EHR-EHR_STATUS.generic.v1",
        name=text("EHR status"),
        subject=rm.PartySelf(external_ref=reference),
        is_queryable=True,
        is_modifiable=True,
    )


def audit(time: datetime, change: str = "249") -> rm.AuditDetails:
    """Return audit details."""
    return rm.AuditDetails(
        system_id=SYSTEM,
        time_committed=rm.DvDateTime(value=time.isoformat()),
        change_type=coded(change, "creation"),
        committer=rm.PartyIdentified(name="Nurse"),
    )


def new_version(
    object_id: str,
    root: rm.Composition | rm.EhrStatus | rm.Folder | rm.Person | None,
    *,
    contribution: str,
    ehr_id: str | None,
    number: int = 1,
    lifecycle: Lifecycle = Lifecycle.COMPLETE,
    kind: ObjectKind = ObjectKind.COMPOSITION,
    template: str | None = "pulse",
    time: datetime | None = None,
) -> NewVersion:
    """Return the version with the number of an object; without `root` a deletion."""
    time = time or START + timedelta(minutes=number)
    uid = f"{object_id}::{SYSTEM}::{number}"
    content = None
    if root is not None:
        root.uid = rm.ObjectVersionId(value=uid)
        content = msgspec.json.encode(root)
    record = VersionRecord(
        uid=uid,
        object_id=object_id,
        tree=str(number),
        number=number,
        kind=kind,
        ehr_id=ehr_id,
        contribution=contribution,
        audit=audit(time),
        time_committed=time,
        lifecycle=lifecycle.value,
        preceding_uid=f"{object_id}::{SYSTEM}::{number - 1}" if number > 1 else None,
        template_id=template if kind is ObjectKind.COMPOSITION else None,
        content=content,
    )
    return NewVersion(record=record, root=root)


def commit_of(*versions: NewVersion) -> Commit:
    """Return the commit of some versions, under the contribution uid that they name."""
    first = versions[0].record
    return Commit(
        contribution=ContributionRecord(
            uid=first.contribution,
            ehr_id=first.ehr_id,
            audit=audit(first.time_committed),
            time_committed=first.time_committed,
            version_uids=tuple(version.record.uid for version in versions),
        ),
        versions=versions,
    )


def new_ehr(
    uids: Uids, *, subject: tuple[str, str] | None = None, ehr_id: str | None = None
) -> tuple[EhrRecord, Commit]:
    """Return a new EHR and the commit of its status."""
    record = EhrRecord(
        ehr_id=ehr_id or uids.new(),
        system_id=SYSTEM,
        time_created=START,
        status_object_id=uids.new(),
        access_object_id=uids.new(),
        subject=subject,
    )
    status = new_version(
        record.status_object_id,
        ehr_status(subject),
        contribution=uids.new(),
        ehr_id=record.ehr_id,
        kind=ObjectKind.EHR_STATUS,
        time=START,
    )
    return record, commit_of(status)
