"""EHRs and versions as the nodes that paths of a query go through: canonical JSON, made from stored documents."""

from __future__ import annotations

from datetime import UTC, datetime

import orjson

from aql.objects import Node
from cdr.formats.canonical_json import encode
from cdr.store.client import Document
from cdr.store.ids import unpack_id
from cdr.versioning.committal import time_text
from cdr.versioning.lifecycle import lifecycle_of, lifecycle_text


def ehr_node(document: Document) -> Node:
    """Return an EHR document as an EHR; what it refers to is added by the runner where a query goes there."""
    return {
        "_type": "EHR",
        "system_id": {"_type": "HIER_OBJECT_ID", "value": document["sys"]},
        "ehr_id": {"_type": "HIER_OBJECT_ID", "value": unpack_id(document["_id"])},
        "time_created": {"_type": "DV_DATE_TIME", "value": time_text(_utc(document["t0"]))},
    }


def version_node(document: Document) -> Node:
    """Return a version document as ORIGINAL_VERSION without its data.

    An imported version is an IMPORTED_VERSION around the original one; its own `uid`, `lifecycle_state` and so on are
    those of the original, which the reference model defines as functions.
    """
    node: Node = {"_type": "ORIGINAL_VERSION", "contribution": _contribution(unpack_id(document["c"]))}
    if "sg" in document:
        node["signature"] = document["sg"]
    node["commit_audit"] = orjson.loads(document["au"])
    node["uid"] = _version_id(document["_id"])
    if document.get("p"):
        node["preceding_version_uid"] = _version_id(document["p"])
    if document.get("oi"):
        node["other_input_version_uids"] = [_version_id(uid) for uid in document["oi"]]
    node["lifecycle_state"] = orjson.loads(encode(lifecycle_text(lifecycle_of(document["lc"]))))
    if "at" in document:
        node["attestations"] = orjson.loads(document["at"])
    if "ia" not in document:
        return node
    shared: Node = {
        name: node[name]
        for name in ("uid", "preceding_version_uid", "other_input_version_uids", "lifecycle_state", "attestations")
        if name in node
    }
    return {
        "_type": "IMPORTED_VERSION",
        "contribution": _contribution(unpack_id(document["ic"])),
        "commit_audit": orjson.loads(document["ia"]),
        **shared,
        "item": node,
    }


def _contribution(uid: str) -> Node:
    return {
        "_type": "OBJECT_REF",
        "namespace": "local",
        "type": "CONTRIBUTION",
        "id": {"_type": "HIER_OBJECT_ID", "value": uid},
    }


def _version_id(uid: str) -> Node:
    return {"_type": "OBJECT_VERSION_ID", "value": uid}


def _utc(moment: datetime) -> datetime:
    return moment.replace(tzinfo=UTC)
