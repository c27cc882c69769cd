"""Versions, contributions, heads and EHRs as documents, and back: the record side of the store.

The stored content is the canonical JSON exactly as it came, compressed; reads give those bytes back unchanged.
"""

from __future__ import annotations

from collections.abc import Mapping, Set
from datetime import UTC, datetime

import msgspec

from cdr.ports import Head
from cdr.rm import AnyAuditDetails, Attestation
from cdr.store.blobs import Blobs
from cdr.store.client import Document
from cdr.store.ids import pack_id, pack_optional, unpack_id, unpack_optional
from cdr.versioning.model import ContributionRecord, EhrRecord, ObjectKind, VersionRecord

_audits = msgspec.json.Decoder(AnyAuditDetails)
_attestations = msgspec.json.Decoder(list[Attestation])

# Everything of a version but its content.
WITHOUT_CONTENT = {"z": 0}


def version_document(record: VersionRecord, *, blobs: Blobs) -> Document:
    """Return the document of a version."""
    document: Document = {
        "_id": record.uid,
        "vo": pack_id(record.object_id),
        "tree": record.tree,
        "n": record.number,
        "k": record.kind.value,
        "e": pack_optional(record.ehr_id),
        "c": pack_id(record.contribution),
        "tc": record.time_committed,
        "lc": record.lifecycle,
        "au": msgspec.json.encode(record.audit),
    }
    optional: Mapping[str, object] = {
        "p": record.preceding_uid,
        "oi": list(record.other_input_uids) or None,
        "at": msgspec.json.encode(list(record.attestations)) if record.attestations else None,
        "sg": record.signature,
        "ic": pack_optional(record.imported_contribution),
        "ia": msgspec.json.encode(record.imported_audit) if record.imported_audit is not None else None,
        "tp": record.template_id,
        "tr": record.template_revision,
    }
    document |= {name: value for name, value in optional.items() if value is not None}
    if record.content is not None:
        document["zd"], document["z"] = blobs.pack(record.content)
    return document


def version_record(document: Document, *, blobs: Blobs) -> VersionRecord:
    """Return the version of a document; without content where the document was read without."""
    packed = document.get("z")
    return VersionRecord(
        uid=document["_id"],
        object_id=unpack_id(document["vo"]),
        tree=document["tree"],
        number=document["n"],
        kind=ObjectKind(document["k"]),
        ehr_id=unpack_optional(document.get("e")),
        contribution=unpack_id(document["c"]),
        audit=_audits.decode(document["au"]),
        time_committed=_utc(document["tc"]),
        lifecycle=document["lc"],
        preceding_uid=document.get("p"),
        other_input_uids=tuple(document.get("oi", ())),
        attestations=tuple(_attestations.decode(document["at"])) if "at" in document else (),
        signature=document.get("sg"),
        imported_contribution=unpack_optional(document.get("ic")),
        imported_audit=_audits.decode(document["ia"]) if "ia" in document else None,
        template_id=document.get("tp"),
        template_revision=document.get("tr"),
        content=None if packed is None else blobs.unpack(document["zd"], packed),
    )


def contribution_document(record: ContributionRecord) -> Document:
    """Return the document of a contribution."""
    return {
        "_id": pack_id(record.uid),
        "e": pack_optional(record.ehr_id),
        "au": msgspec.json.encode(record.audit),
        "tc": record.time_committed,
        "v": list(record.version_uids),
    }


def contribution_record(document: Document) -> ContributionRecord:
    """Return the contribution of a document."""
    return ContributionRecord(
        uid=unpack_id(document["_id"]),
        ehr_id=unpack_optional(document.get("e")),
        audit=_audits.decode(document["au"]),
        time_committed=_utc(document["tc"]),
        version_uids=tuple(document["v"]),
    )


def ehr_document(record: EhrRecord) -> Document:
    """Return the document of an EHR; `sub` is absent where there is no subject, since it is under a unique index."""
    document: Document = {
        "_id": pack_id(record.ehr_id),
        "sys": record.system_id,
        "t0": record.time_created,
        "st": pack_id(record.status_object_id),
        "ac": pack_id(record.access_object_id),
        "dir": pack_optional(record.directory_object_id),
        "mod": record.is_modifiable,
        "que": record.is_queryable,
    }
    if record.subject is not None:
        document["sub"] = {"id": record.subject[1], "ns": record.subject[0]}
    return document


def ehr_update(record: EhrRecord, kinds: Set[ObjectKind]) -> Document:
    """Return the update of an EHR that a commit of these kinds makes.

    Only what the commit is about: an EHR_STATUS sets the subject and the flags, a FOLDER the directory, so that two
    commits at one moment do not undo each other. ValueError when the commit is about neither.
    """
    document = ehr_document(record)
    fields: list[str] = []
    if ObjectKind.EHR_STATUS in kinds:
        fields += ["mod", "que", "sub"]
    if ObjectKind.FOLDER in kinds:
        fields += ["dir"]
    if not fields:
        raise ValueError("a commit that changes an EHR should hold an EHR_STATUS or a FOLDER")
    update: Document = {"$set": {name: document[name] for name in fields if name in document}}
    if "sub" in fields and "sub" not in document:
        update["$unset"] = {"sub": ""}
    return update


def ehr_record(document: Document) -> EhrRecord:
    """Return the EHR of a document."""
    subject = document.get("sub")
    return EhrRecord(
        ehr_id=unpack_id(document["_id"]),
        system_id=document["sys"],
        time_created=_utc(document["t0"]),
        status_object_id=unpack_id(document["st"]),
        access_object_id=unpack_id(document["ac"]),
        directory_object_id=unpack_optional(document["dir"]),
        subject=None if subject is None else (subject["ns"], subject["id"]),
        is_modifiable=document["mod"],
        is_queryable=document["que"],
    )


def head_fields(record: VersionRecord) -> Document:
    """Return the fields of a head that each version sets."""
    return {
        "uid": record.uid,
        "n": record.number,
        "tree": record.tree,
        "lc": record.lifecycle,
        "tp": record.template_id,
    }


def new_head(record: VersionRecord) -> Document:
    """Return the head document of a new versioned object, but for its sequence number."""
    return {
        "_id": pack_id(record.object_id),
        "k": record.kind.value,
        "e": pack_optional(record.ehr_id),
        "t0": record.time_committed,
        **head_fields(record),
    }


def head_record(document: Document) -> Head:
    """Return the head of a document."""
    return Head(
        object_id=unpack_id(document["_id"]),
        kind=ObjectKind(document["k"]),
        ehr_id=unpack_optional(document.get("e")),
        latest_uid=document["uid"],
        latest_number=document["n"],
        latest_tree=document["tree"],
        lifecycle=document["lc"],
        time_created=_utc(document["t0"]),
        template_id=document.get("tp"),
    )


def _utc(moment: datetime) -> datetime:
    """Return a time read from the database with the standard library's UTC, so that it equals the one written."""
    return moment.replace(tzinfo=UTC)
