"""What a committer says about a change, and how it is merged with what the system knows.

Comes in: the headers `openehr-version` and `openehr-audit-details` (and their older spellings), or the audit of a
contribution's body. Goes out: `Committal`, and with the defaults an AUDIT_DETAILS. The system id and the time are
always the system's own.
Source: ITS-REST 1.1.0, overview, "openehr-version and openehr-audit-details".
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from cdr import rm
from cdr.errors import BadParameter
from cdr.identity import Caller
from cdr.versioning.lifecycle import change_text, change_type_of, lifecycle_of
from cdr.versioning.model import ChangeType, Lifecycle

# attribute="text", separated by commas or semicolons; a quote inside the text is written \"
_PAIR = re.compile(r'\s*([A-Za-z_][A-Za-z_.]*)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^",;\s]*))\s*(?:[,;]|$)')
_LONGEST = 8192


@dataclass(frozen=True, slots=True, kw_only=True)
class Committal:
    """What the committer gave; None where the system's default counts."""

    change_type: ChangeType | None = None
    lifecycle: Lifecycle | None = None
    description: rm.DvText | rm.DvCodedText | None = None
    committer: rm.PartyIdentified | rm.PartyRelated | rm.PartySelf | None = None


NOTHING_SAID = Committal()


def committal_of_headers(versions: Iterable[str], audits: Iterable[str]) -> Committal:
    """Return what the committal headers say; each may occur more than once.

    Shape: `lifecycle_state.code_string="532"`; `change_type.code_string="251"`, `description.value="..."`,
    `committer.name="..."`, `committer.external_ref.id|namespace|type="..."`.
    Errors: `BadParameter` for a header that does not follow this.
    """
    said = NOTHING_SAID
    for name, text in _pairs(versions):
        if name == "lifecycle_state.code_string":
            said = replace(said, lifecycle=lifecycle_of(text))
        elif name not in ("lifecycle_state.value", "lifecycle_state.terminology_id"):
            raise _unknown(name, "openehr-version")
    committer: dict[str, str] = {}
    for name, text in _pairs(audits):
        if name == "change_type.code_string":
            said = replace(said, change_type=change_type_of(text))
        elif name in ("description.value", "description"):
            said = replace(said, description=rm.DvText(value=text) if text else None)
        elif name in _COMMITTER:
            committer[_COMMITTER[name]] = text
        elif name not in _LEFT_TO_THE_SYSTEM:
            raise _unknown(name, "openehr-audit-details")
    if committer:
        said = replace(said, committer=_party(committer))
    return said


def whole_header(attribute: str, text: str) -> str:
    """Return what a header says whose name holds an attribute, as the whole header would say it.

    Shape: `openEHR-AUDIT_DETAILS.committer: name="Nina"` says `committer.name="Nina"`, as clients of ITS-REST 1.0
    write it. Errors: `BadParameter`.
    """
    return ",".join(f'{attribute}.{name}="{_QUOTED.sub(_ESCAPED, value)}"' for name, value in _pairs([text]))


_QUOTED = re.compile(r'(["\\])')
_ESCAPED = r"\\\1"
_COMMITTER = {
    "committer.name": "name",
    "committer.external_ref.id": "id",
    "committer.external_ref.id.value": "id",
    "committer.external_ref.id.scheme": "scheme",
    "committer.external_ref.namespace": "namespace",
    "committer.external_ref.type": "type",
}
_LEFT_TO_THE_SYSTEM = frozenset(
    {"change_type.value", "change_type.terminology_id", "system_id", "time_committed", "time_committed.value"}
)


def committer_of(caller: Caller) -> rm.PartyIdentified:
    """Return the caller as the committer of an audit."""
    return rm.PartyIdentified(
        name=caller.person,
        external_ref=rm.PartyRef(
            namespace=caller.tenant, type="PERSON", id=rm.GenericId(value=caller.person, scheme="user")
        ),
    )


def audit_of(
    caller: Caller, said: Committal, *, default: ChangeType, system_id: str, time: datetime
) -> rm.AuditDetails:
    """Return the audit of a change: what was said, completed with what the system knows.

    `time` is aware and in UTC.
    """
    return rm.AuditDetails(
        system_id=system_id,
        time_committed=date_time(time),
        change_type=change_text(said.change_type or default),
        description=said.description,
        committer=said.committer or committer_of(caller),
    )


def date_time(time: datetime) -> rm.DvDateTime:
    """Return a point in time as the RM writes it, in UTC with milliseconds."""
    return rm.DvDateTime(value=time_text(time))


def time_text(time: datetime) -> str:
    """Return a point in time in extended ISO 8601, in UTC with milliseconds: `2024-01-01T12:00:00.000Z`."""
    return time.strftime("%Y-%m-%dT%H:%M:%S.") + f"{time.microsecond // 1000:03d}Z"


def _pairs(headers: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Yield attribute and text of every pair in the headers."""
    for header in headers:
        if len(header) > _LONGEST:
            raise BadParameter(f"a committal header of at most {_LONGEST} characters", code="COMMITTAL_HEADER")
        at = 0
        while at < len(header.rstrip()):
            pair = _PAIR.match(header, at)
            if pair is None:
                raise BadParameter('committal headers of the form attribute="text", ...', code="COMMITTAL_HEADER")
            quoted, bare = pair[2], pair[3]
            yield pair[1], re.sub(r"\\(.)", r"\1", quoted) if quoted is not None else bare
            at = pair.end()


def _party(said: dict[str, str]) -> rm.PartyIdentified:
    """Return the committer that a header describes."""
    reference = None
    if "id" in said:
        reference = rm.PartyRef(
            namespace=said.get("namespace", "local"),
            type=said.get("type", "PARTY"),
            id=rm.GenericId(value=said["id"], scheme=said.get("scheme", "id")),
        )
    return rm.PartyIdentified(name=said.get("name") or said.get("id"), external_ref=reference)


def _unknown(name: str, header: str) -> BadParameter:
    return BadParameter(f"a known attribute in the header {header}, not {name}", code="COMMITTAL_HEADER")
