"""Reading the body of a contribution: CONTRIBUTION or UPDATE_CONTRIBUTION in JSON.

Comes in: the bytes. Goes out: `ContributionBody`, whose versions hold their data as undecoded bytes. Bodies differ in
the wild: audits as AUDIT_DETAILS or UPDATE_AUDIT, coded texts whole or as TERMINOLOGY_CODE, descriptions as text or
DV_TEXT; all are read. What only the system may say (system id, time) is passed over.
Source: ITS-REST 1.1.0, EHR API, schemas NewContribution, UPDATE_VERSION, UPDATE_AUDIT.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from cdr import rm
from cdr.errors import BadInput, TooLarge
from cdr.formats import canonical_json
from cdr.issue import Issue, Stage
from cdr.versioning.committal import Committal
from cdr.versioning.lifecycle import change_type_of, lifecycle_of
from cdr.versioning.model import ChangeType, Lifecycle
from cdr.versioning.uid import is_object_id

# All versions of a contribution are checked and written at once; bulk loads have an address of their own.
MOST_VERSIONS = 1000
_CODED_TEXT = "a coded text or a terminology code"


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionBody:
    """One version of a contribution's body; `data` is canonical JSON, None where there is none."""

    preceding_uid: str | None
    said: Committal
    data: bytes | None
    attestations: tuple[rm.Attestation, ...] = ()
    signature: str | None = None
    imported: bytes | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ContributionBody:
    """The body of a contribution; `uid` is None where the server is to choose."""

    uid: str | None
    said: Committal
    versions: tuple[VersionBody, ...]


class _Version(msgspec.Struct):
    """The attributes of a version; data stays as it came."""

    # Any: bodies spell these in several ways, which the functions below read.
    lifecycle_state: Any = None
    commit_audit: Any = None
    preceding_version_uid: Any = None
    data: msgspec.Raw = msgspec.Raw(b"")
    item: msgspec.Raw = msgspec.Raw(b"")
    attestations: list[Any] | None = None
    signature: str | None = None


class _Contribution(msgspec.Struct):
    versions: list[_Version] | None = None
    audit: Any = None
    uid: Any = None


_DECODER = msgspec.json.Decoder(_Contribution)


def read_contribution(body: bytes) -> ContributionBody:
    """Return what a body says; `BadInput` when it is no contribution or holds no version, `TooLarge`."""
    try:
        read = _DECODER.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise _refused("$", "a CONTRIBUTION in JSON") from error
    if not read.versions:
        raise _refused("/versions", "at least one version")
    if len(read.versions) > MOST_VERSIONS:
        raise TooLarge(f"a contribution has at most {MOST_VERSIONS} versions", code="CONTRIBUTION_SIZE")
    if read.audit is None:
        raise _refused("/audit", "an audit")
    uid = _text(read.uid, "/uid") if read.uid is not None else None
    if uid is not None and not is_object_id(uid):
        raise _refused("/uid", "a UUID")
    return ContributionBody(
        uid=uid,
        said=_audit(read.audit, "/audit"),
        versions=tuple(_version(version, f"/versions[{at}]") for at, version in enumerate(read.versions, 1)),
    )


def _version(read: _Version, path: str) -> VersionBody:
    if read.commit_audit is None:
        raise _refused(f"{path}/commit_audit", "an audit")
    said = _audit(read.commit_audit, f"{path}/commit_audit")
    if said.change_type is None:
        raise _refused(f"{path}/commit_audit/change_type", _CODED_TEXT)
    lifecycle = None
    if read.lifecycle_state is not None:
        lifecycle = lifecycle_of(_code(read.lifecycle_state, f"{path}/lifecycle_state"))
    # Clients delete by the change type alone: they leave the state of the version before (532) and send its data along.
    is_deletion = said.change_type is ChangeType.DELETED and lifecycle in (None, Lifecycle.COMPLETE, Lifecycle.DELETED)
    preceding = read.preceding_version_uid
    return VersionBody(
        preceding_uid=None if preceding is None else _text(preceding, f"{path}/preceding_version_uid"),
        said=Committal(
            change_type=said.change_type,
            lifecycle=Lifecycle.DELETED if is_deletion else lifecycle,
            description=said.description,
            committer=said.committer,
        ),
        data=None if is_deletion else _present(read.data),
        attestations=tuple(
            _attestation(one, f"{path}/attestations[{at}]") for at, one in enumerate(read.attestations or [], 1)
        ),
        signature=read.signature,
        imported=_present(read.item),
    )


def _audit(tree: object, path: str) -> Committal:
    if not isinstance(tree, Mapping):
        raise _refused(path, "an audit")
    change = tree.get("change_type")
    committer = tree.get("committer")
    return Committal(
        change_type=None if change is None else change_type_of(_code(change, f"{path}/change_type")),
        description=_description(tree.get("description")),
        committer=None if committer is None else _party(committer),
    )


def _attestation(tree: object, path: str) -> rm.Attestation:
    """Return an attestation whose system id and time are still to be set by the service."""
    if not isinstance(tree, Mapping):
        raise _refused(path, "an attestation")
    plain = {key: value for key, value in tree.items() if key not in ("system_id", "time_committed", "_type")}
    plain["_type"] = "ATTESTATION"
    if isinstance(plain.get("change_type"), Mapping) and "defining_code" not in plain["change_type"]:
        plain.pop("change_type")
    if isinstance(plain.get("description"), str):
        plain["description"] = {"_type": "DV_TEXT", "value": plain["description"]}
    if isinstance(plain.get("reason"), str):
        plain["reason"] = {"_type": "DV_TEXT", "value": plain["reason"]}
    attestation = canonical_json.decode_value(plain, rm.Attestation)
    if attestation.reason is None:
        raise _refused(f"{path}/reason", "a reason")
    return attestation


def _party(tree: object) -> rm.PartyIdentified | rm.PartyRelated | rm.PartySelf:
    if isinstance(tree, Mapping) and "_type" not in tree:
        tree = {"_type": "PARTY_IDENTIFIED", **tree}
    party = canonical_json.decode_value(tree, rm.PartyProxy)
    if not isinstance(party, (rm.PartyIdentified, rm.PartyRelated, rm.PartySelf)):
        raise AssertionError("PARTY_PROXY has three concrete classes")
    return party


def _description(tree: object) -> rm.DvText | rm.DvCodedText | None:
    if tree is None or tree == "":
        return None
    if isinstance(tree, str):
        return rm.DvText(value=tree)
    if isinstance(tree, Mapping) and "_type" not in tree:
        tree = {"_type": "DV_CODED_TEXT" if "defining_code" in tree else "DV_TEXT", **tree}
    text = canonical_json.decode_value(tree, rm.DvText)
    if not isinstance(text, (rm.DvText, rm.DvCodedText)):
        raise AssertionError("DV_TEXT has two concrete classes")
    return text


def _code(tree: object, path: str) -> str:
    """Return the code in a DV_CODED_TEXT, a CODE_PHRASE, a TERMINOLOGY_CODE or a plain code."""
    if isinstance(tree, Mapping):
        inner = tree.get("defining_code", tree)
        tree = inner.get("code_string") if isinstance(inner, Mapping) else None
    if not isinstance(tree, str):
        raise _refused(path, _CODED_TEXT)
    return tree


def _text(tree: object, path: str) -> str:
    """Return the value of an identifier, which may be an object or a plain text."""
    value = tree.get("value") if isinstance(tree, Mapping) else tree
    if not isinstance(value, str):
        raise _refused(path, "an identifier")
    return value


def _present(raw: msgspec.Raw) -> bytes | None:
    content = bytes(raw).strip()
    return None if content in (b"", b"null") else content


def _refused(path: str, expected: str) -> BadInput:
    issue = Issue(code="FMT_CONTRIBUTION", path=path, expected=expected, stage=Stage.STRUCTURE)
    return BadInput("the body must be a contribution", code="CONTRIBUTION", issues=[issue])
