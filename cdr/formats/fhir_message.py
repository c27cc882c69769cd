"""FHIR R4 messages as they are received: a resource or a Bundle, taken apart; references are followed inside it.

Comes in: the bytes of a JSON body. Goes out: the resources in their order, each with its place, and an index for
references. Nothing is checked but what is needed to take the message apart; mappings check what they read.
Source: FHIR R4 (4.0.1), bundle.html and references.html; https://hl7.org/fhir/R4/references.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec

from cdr.errors import BadInput
from cdr.issue import Issue, Stage

# `Any`: JSON of any shape; readers check what they take.
Json = Any

# What a message carries along for its references; nothing is stored of these alone.
SUPPORTING = frozenset(
    {
        "Composition",
        "Device",
        "Encounter",
        "Location",
        "Medication",
        "MessageHeader",
        "OperationOutcome",
        "Organization",
        "Patient",
        "Practitioner",
        "PractitionerRole",
        "Provenance",
        "RelatedPerson",
    }
)
_DEEPEST = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Resource:
    """One resource of a message; `place` says where it stood (`entry[3]`, `$` for a resource sent alone)."""

    type: str
    place: str
    content: Mapping[str, Json]


@dataclass(frozen=True, slots=True, kw_only=True)
class FhirMessage:
    """A message: its own id and time where it has them, and its resources.

    `broken` are the places of entries without a resource.
    """

    message_id: str | None
    timestamp: str | None
    resources: tuple[Resource, ...]
    broken: tuple[str, ...] = ()
    index: Mapping[str, Mapping[str, Json]] = field(default_factory=dict)

    def follow(self, reference: Json, holder: Mapping[str, Json]) -> Mapping[str, Json] | None:
        """Return what a Reference points at: contained in `holder`, in the message, or named by identifier alone."""
        if not isinstance(reference, dict):
            return None
        target = reference.get("reference")
        if isinstance(target, str):
            if target.startswith("#"):
                return next((one for one in _objects(holder.get("contained")) if one.get("id") == target[1:]), None)
            found = self.index.get(target) or self.index.get("/".join(target.split("/_history/")[0].split("/")[-2:]))
            if found is not None:
                return found
        identifier = reference.get("identifier")
        if isinstance(identifier, dict):
            display = reference.get("display")
            named = [{"text": display}] if isinstance(display, str) else []
            return {"identifier": [identifier], "name": named, "display": display}
        return {"display": reference["display"]} if isinstance(reference.get("display"), str) else None


def read_message(body: bytes) -> FhirMessage:
    """Return the parts of a message.

    Errors: `BadInput` with issues `FMT_SYNTAX`, `FMT_DEPTH`, `RCV_FHIR` when it cannot be taken apart.
    """
    try:
        tree = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise _refused("FMT_SYNTAX", "$", "JSON in UTF-8") from error
    except RecursionError as error:
        raise _refused("FMT_DEPTH", "$", f"at most {_DEEPEST} levels") from error
    if _depth(tree) > _DEEPEST:
        raise _refused("FMT_DEPTH", "$", f"at most {_DEEPEST} levels")
    if not isinstance(tree, dict) or not isinstance(tree.get("resourceType"), str):
        raise _refused("RCV_FHIR", "$", "a FHIR resource with its resourceType")
    if tree["resourceType"] == "Bundle":
        return _bundle(tree)
    only = Resource(type=tree["resourceType"], place="$", content=tree)
    return FhirMessage(message_id=None, timestamp=None, resources=(only,), index=dict(_addresses(tree, None)))


def _bundle(tree: dict[str, Json]) -> FhirMessage:
    entries = tree.get("entry", [])
    if not isinstance(entries, list):
        raise _refused("RCV_FHIR", "$.entry", "an array of entries")
    resources: list[Resource] = []
    broken: list[str] = []
    index: dict[str, Mapping[str, Json]] = {}
    for number, entry in enumerate(entries):
        place = f"entry[{number}]"
        content = entry.get("resource") if isinstance(entry, dict) else None
        if not isinstance(content, dict) or not isinstance(content.get("resourceType"), str):
            broken.append(place)
            continue
        resources.append(Resource(type=content["resourceType"], place=place, content=content))
        index.update(_addresses(content, entry.get("fullUrl")))
    identifier = tree.get("identifier")
    named = identifier.get("value") if isinstance(identifier, dict) else None
    own = named if isinstance(named, str) else tree.get("id")
    timestamp = tree.get("timestamp")
    return FhirMessage(
        message_id=own if isinstance(own, str) else None,
        timestamp=timestamp if isinstance(timestamp, str) else None,
        resources=tuple(resources),
        broken=tuple(broken),
        index=index,
    )


def _addresses(content: Mapping[str, Json], full_url: Json) -> Iterator[tuple[str, Mapping[str, Json]]]:
    """Yield the texts by which others in the message may refer to a resource."""
    if isinstance(full_url, str):
        yield full_url, content
    own = content.get("id")
    if isinstance(own, str):
        yield f"{content['resourceType']}/{own}", content


def _objects(value: Json) -> Iterator[dict[str, Json]]:
    for one in value if isinstance(value, list) else ():
        if isinstance(one, dict):
            yield one


def _depth(tree: Json) -> int:
    """Return how deep a JSON value is, or one more than is allowed."""
    level: list[Json] = [tree]
    depth = 0
    while level and depth <= _DEEPEST:
        depth += 1
        below: list[Json] = []
        for one in level:
            if isinstance(one, dict):
                below.extend(one.values())
            elif isinstance(one, list):
                below.extend(one)
        level = [one for one in below if isinstance(one, (dict, list))]
    return depth


def _refused(code: str, path: str, expected: str) -> BadInput:
    issue = Issue(code=code, path=path, expected=expected, stage=Stage.STRUCTURE)
    return BadInput(issue.message, code="MESSAGE", issues=[issue])
