"""A tenant, or one EHR, as lines of JSON that another store takes in with the same uids, audits, times and bytes.

`export_lines` gives NDJSON lines without their line ends; `import_lines` reads them. An EHR is exported from one moment
(a snapshot), the whole tenant EHR by EHR. The contents stand in the lines as stored, so no dictionary has to travel.

Shape, one object to a line, in this order:
    {"kind": "header", "format": 1}
    {"kind": "archetype", ...}                        every archetype
    {"kind": "template", ..., "is_current": bool}     every revision
    {"kind": "query", ...}                            every version of every stored query
    {"kind": "source" | "receipt" | ...}              what receiving keeps (`cdr.store.transfer_received`)
    {"kind": "ehr", ...}                              followed by its contributions
    {"kind": "contribution", "uid", "ehr_id", "time", "audit", "versions": [{..., "content": canonical JSON}]}
Contributions without an EHR come next, and last the messages that were not worked through when the export began. One
EHR alone, or one reader's view, is exported without what receiving keeps: messages are about several residents.
Source of the uids and audits: RM 1.1.0, common, change_control.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator
from datetime import datetime

import msgspec
from pymongo.client_session import ClientSession
from pymongo.collection import Collection

from cdr.errors import BadInput, Conflict
from cdr.identity import AccessFilter
from cdr.ports import ArchetypeRecord, QueryRecord, TemplateRecord, Write
from cdr.rm import AnyAuditDetails, Attestation
from cdr.rm.change_control import AnyVersioned
from cdr.store.client import Document
from cdr.store.failures import store_failures
from cdr.store.ids import pack_id, unpack_optional
from cdr.store.layout import CONTRIBUTION, EHR, VERSION
from cdr.store.records import contribution_record, ehr_record, version_record
from cdr.store.tenant import TenantStore
from cdr.store.transfer_received import ReceivedExport, ReceivedImport, ReceivedLine
from cdr.versioning.model import Commit, ContributionRecord, EhrRecord, NewVersion, ObjectKind, VersionRecord

FORMAT = 1

# Contributions whose versions are fetched together.
_PAGE = 200


class Header(msgspec.Struct, tag_field="kind", tag="header"):
    """The first line."""

    format: int


class ArchetypeLine(msgspec.Struct, tag_field="kind", tag="archetype"):
    """One archetype; `source` is base64."""

    archetype_id: str
    source: bytes
    concept: str
    languages: tuple[str, ...]
    time_created: datetime


class TemplateLine(msgspec.Struct, tag_field="kind", tag="template", omit_defaults=True):
    """One revision of a template; `source` is base64."""

    template_id: str
    revision: str
    source: bytes
    concept: str
    root_archetype: str
    language: str
    time_created: datetime
    is_deprecated: bool = False
    category: str | None = None
    national_source: str | None = None
    is_current: bool = False


class QueryLine(msgspec.Struct, tag_field="kind", tag="query", omit_defaults=True):
    """One version of a stored query."""

    name: str
    version: str
    text: str
    time_created: datetime
    purpose: str = ""
    author: str = ""
    parameters: dict[str, str] | None = None
    category: str = ""
    purposes: dict[str, str] | None = None


class EhrLine(msgspec.Struct, tag_field="kind", tag="ehr", omit_defaults=True):
    """One EHR as it is at the time of the export; `subject` is (namespace, id)."""

    ehr_id: str
    system_id: str
    time_created: datetime
    status_object_id: str
    access_object_id: str
    directory_object_id: str | None = None
    subject: tuple[str, str] | None = None
    is_modifiable: bool = True
    is_queryable: bool = True


class VersionLine(msgspec.Struct, omit_defaults=True):
    """One version inside its contribution; `content` is null in a deleted one."""

    uid: str
    object_id: str
    tree: str
    number: int
    kind: str
    audit: AnyAuditDetails
    time_committed: datetime
    lifecycle: str
    contribution: str
    preceding_uid: str | None = None
    other_input_uids: list[str] = []
    attestations: list[Attestation] = []
    signature: str | None = None
    imported_contribution: str | None = None
    imported_audit: AnyAuditDetails | None = None
    template_id: str | None = None
    template_revision: str | None = None
    content: msgspec.Raw = msgspec.Raw(b"null")


class ContributionLine(msgspec.Struct, tag_field="kind", tag="contribution"):
    """One contribution with its versions."""

    uid: str
    ehr_id: str | None
    time: datetime
    audit: AnyAuditDetails
    versions: list[VersionLine]


Line = Header | ArchetypeLine | TemplateLine | QueryLine | EhrLine | ContributionLine | ReceivedLine

_lines = msgspec.json.Decoder(Line)
_roots = msgspec.json.Decoder(AnyVersioned)


def export_lines(store: TenantStore, *, access: AccessFilter, ehr_id: str | None = None) -> Iterator[bytes]:
    """Yield the lines of a tenant, or of one EHR with all definitions; what is hidden is left out."""
    yield msgspec.json.encode(Header(format=FORMAT))
    for archetype in store.archetypes.list():
        names = ArchetypeLine.__struct_fields__
        yield msgspec.json.encode(ArchetypeLine(**{name: getattr(archetype, name) for name in names}))
    for template in _templates(store):
        yield msgspec.json.encode(template)
    for query in store.queries.list():
        yield msgspec.json.encode(_query_line(query))
    if ehr_id is not None:
        yield from _export_ehr(store, ehr_id, access=access)
        return
    received = ReceivedExport(store.database) if access.is_open else None
    if received is not None:
        yield from map(msgspec.json.encode, received.before())
    last: str | None = None
    while page := store.versions.ehr_ids(access=access, after=last, limit=1000):
        for one in page:
            yield from _export_ehr(store, one, access=access)
        last = page[-1]
    with store_failures(), store.client.start_session(snapshot=True) as session:
        yield from _contributions(store, {"e": None}, session, access=access)
    if received is not None:
        yield from map(msgspec.json.encode, received.after())


def import_lines(store: TenantStore, lines: Iterable[bytes]) -> int:
    """Take in exported lines and return the number of versions.

    Archetypes, templates, queries and what receiving keeps stay as they are where they are here already. `Conflict` or
    `VersionConflict` for an EHR or object that is here already, with everything before it stored; `BadInput` names the
    line that cannot be read.
    """
    received = ReceivedImport(store.database)
    count = store.versions.commit_all(_writes(store, lines, received))
    received.flush()
    return count


def _writes(store: TenantStore, lines: Iterable[bytes], received: ReceivedImport) -> Iterator[Write]:
    new_ehr: EhrRecord | None = None
    for number, raw in enumerate(lines, 1):
        if not raw.strip():
            continue
        line = _read(raw, number)
        if isinstance(line, Header):
            if line.format != FORMAT:
                raise BadInput(f"An export should be of format {FORMAT}.", code="ExportFormat")
        elif isinstance(line, ArchetypeLine | TemplateLine | QueryLine):
            _take_definition(store, line)
        elif isinstance(line, EhrLine):
            received.flush()
            new_ehr = EhrRecord(**msgspec.structs.asdict(line))
        elif isinstance(line, ReceivedLine):
            received.take(line)
        else:
            is_first = new_ehr is not None and line.ehr_id == new_ehr.ehr_id
            yield Write(commit=_commit(line, number), new_ehr=new_ehr if is_first else None)
            new_ehr = None if is_first else new_ehr


def _read(raw: bytes, number: int) -> Line:
    try:
        line: Line = _lines.decode(raw)
    except msgspec.MsgspecError:
        # The decoder's message may quote the data.
        raise BadInput(f"Line {number} of an export should be one of its records.", code="ExportLine") from None
    return line


def _export_ehr(store: TenantStore, ehr_id: str, *, access: AccessFilter) -> Iterator[bytes]:
    if not access.allows_ehr(ehr_id):
        return
    with store_failures(), store.client.start_session(snapshot=True) as session:
        wanted = {"_id": pack_id(ehr_id), "gone": {"$exists": False}}
        document = store.database[EHR].find_one(wanted, session=session)
        if document is None:
            return
        record = ehr_record(document)
        yield msgspec.json.encode(EhrLine(**{name: getattr(record, name) for name in EhrLine.__struct_fields__}))
        yield from _contributions(store, {"e": document["_id"]}, session, access=access)


def _contributions(
    store: TenantStore, found: Document, session: ClientSession, *, access: AccessFilter
) -> Iterator[bytes]:
    """Yield contributions in the order in which they were committed, a page of versions at a time."""
    last = 0
    versions = store.database[VERSION]
    while True:
        cursor = store.database[CONTRIBUTION].find(
            {**found, "q": {"$gt": last}}, sort=[("q", 1)], limit=_PAGE, session=session
        )
        page = list(cursor)
        if not page:
            return
        last = page[-1]["q"]
        wanted = [uid for document in page for uid in document["v"]]
        records = _versions(store, versions, wanted, session, access=access)
        for document in page:
            visible = [records[uid] for uid in document["v"] if uid in records]
            if visible:
                yield msgspec.json.encode(_contribution_line(contribution_record(document), visible))


def _versions(
    store: TenantStore,
    versions: Collection[Document],
    uids: list[str],
    session: ClientSession,
    *,
    access: AccessFilter,
) -> dict[str, VersionRecord]:
    records = {}
    for document in versions.find({"_id": {"$in": uids}}, session=session):
        record = version_record(document, blobs=store.versions.blobs)
        ehr_id = unpack_optional(document.get("e"))
        if access.allows(ehr_id=ehr_id, object_id=record.object_id, template_id=record.template_id):
            records[record.uid] = record
    return records


def _contribution_line(contribution: ContributionRecord, versions: list[VersionRecord]) -> ContributionLine:
    return ContributionLine(
        uid=contribution.uid,
        ehr_id=contribution.ehr_id,
        time=contribution.time_committed,
        audit=contribution.audit,
        versions=[_version_line(version) for version in versions],
    )


def _version_line(record: VersionRecord) -> VersionLine:
    content = record.content
    if content is not None and b"\n" in content:
        raise ValueError("stored content should be canonical JSON, without line ends")
    plain = {
        name: getattr(record, name)
        for name in VersionLine.__struct_fields__
        if name not in ("content", "kind", "other_input_uids", "attestations")
    }
    return VersionLine(
        **plain,
        kind=record.kind.value,
        other_input_uids=list(record.other_input_uids),
        attestations=list(record.attestations),
        content=msgspec.Raw(b"null" if content is None else content),
    )


def _commit(line: ContributionLine, number: int) -> Commit:
    contribution = ContributionRecord(
        uid=line.uid,
        ehr_id=line.ehr_id,
        audit=line.audit,
        time_committed=line.time,
        version_uids=tuple(version.uid for version in line.versions),
    )
    return Commit(
        contribution=contribution, versions=tuple(_new_version(version, line, number) for version in line.versions)
    )


def _new_version(line: VersionLine, around: ContributionLine, number: int) -> NewVersion:
    content = bytes(line.content)
    fields = msgspec.structs.asdict(line)
    fields |= {
        "kind": ObjectKind(line.kind),
        "ehr_id": around.ehr_id,
        "other_input_uids": tuple(line.other_input_uids),
        "attestations": tuple(line.attestations),
        "content": None if content == b"null" else content,
    }
    try:
        root = None if content == b"null" else _roots.decode(content)
    except msgspec.MsgspecError:
        raise BadInput(f"Line {number} of an export should hold canonical JSON.", code="ExportLine") from None
    return NewVersion(record=VersionRecord(**fields), root=root)


def _templates(store: TenantStore) -> Iterator[TemplateLine]:
    """Yield every revision of every template, the current ones after the older."""
    current = {(one.template_id, one.revision): one for one in store.templates.list()}
    for record in store.templates.revisions():
        if (record.template_id, record.revision) not in current:
            yield _template_line(record, is_current=False)
    for record in current.values():
        yield _template_line(record, is_current=True)


def _template_line(record: TemplateRecord, *, is_current: bool) -> TemplateLine:
    names = [name for name in TemplateLine.__struct_fields__ if name != "is_current"]
    return TemplateLine(**{name: getattr(record, name) for name in names}, is_current=is_current)


def _take_definition(store: TenantStore, line: ArchetypeLine | TemplateLine | QueryLine) -> None:
    fields = msgspec.structs.asdict(line)
    if isinstance(line, TemplateLine):
        is_current = fields.pop("is_current")
        store.templates.restore(TemplateRecord(**fields), is_current=is_current)
        return
    with contextlib.suppress(Conflict):
        if isinstance(line, ArchetypeLine):
            store.archetypes.add(ArchetypeRecord(**fields))
        else:
            store.queries.add(QueryRecord(**fields))


def _query_line(query: QueryRecord) -> QueryLine:
    parameters = None if query.parameters is None else dict(query.parameters)
    purposes = None if query.purposes is None else dict(query.purposes)
    names = set(QueryLine.__struct_fields__) - {"parameters", "purposes"}
    plain = {name: getattr(query, name) for name in names}
    return QueryLine(**plain, parameters=parameters, purposes=purposes)
