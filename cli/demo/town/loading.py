"""Putting a synthetic municipality into a repository: templates, EHRs, first versions in bulk, then the changes.

The repository is in this process (`Inside`) or behind its API (`Outside`); both do what any system may do.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol
from urllib.parse import quote

from cdr.identity import Caller
from cdr.services.kernel import Services
from cdr.services.representation import Body
from cli.client import BASE, JSON, Client
from cli.demo.status import ehr_status
from cli.demo.town.composing import composition_json
from cli.demo.town.statements import Life, Record, State, Version

# Lives whose first versions go into one call.
_AT_ONCE = 10
_LIFECYCLE = {
    State.COMPLETE: ("532", "complete"),
    State.DRAFT: ("553", "incomplete"),
    State.DELETED: ("523", "deleted"),
}
_CREATION, _MODIFICATION, _DELETION = ("249", "creation"), ("251", "modification"), ("523", "deleted")
_CONTENT = "/rest/kilde/v1/content"
_BULK = "/rest/kilde/v1/bulk/composition"


class Repository(Protocol):
    """What loading needs of a repository."""

    def add_content(self) -> None:
        """Store the templates and queries that come with Kilde; those that are there stay."""

    def create_ehr(self, ehr_id: str, status: bytes) -> None:
        """Create an EHR with its status."""

    def load(self, lines: Sequence[bytes]) -> list[str]:
        """Commit lines in bulk and return the version uid of each."""

    def contribute(self, ehr_id: str, body: bytes) -> None:
        """Commit a contribution."""


@dataclass(frozen=True, slots=True)
class Inside:
    """A repository in this process."""

    services: Services
    caller: Caller

    def add_content(self) -> None:
        """Store the templates and queries that come with Kilde; those that are there stay."""
        self.services.content.load_all(self.caller)

    def create_ehr(self, ehr_id: str, status: bytes) -> None:
        """Create an EHR with its status."""
        self.services.ehr.create(self.caller, body=Body(content=status), ehr_id=ehr_id)

    def load(self, lines: Sequence[bytes]) -> list[str]:
        """Commit lines in bulk and return the version uid of each."""
        report = self.services.bulk.load(self.caller, lines=lines)
        for refused in report.refused:
            raise refused.error
        return [uid for _, uid in report.stored]

    def contribute(self, ehr_id: str, body: bytes) -> None:
        """Commit a contribution."""
        self.services.contribution.create(self.caller, ehr_id, content=body)


@dataclass(frozen=True, slots=True)
class Outside:
    """A repository behind its API."""

    client: Client

    def add_content(self) -> None:
        """Store the templates and queries that come with Kilde; those that are there stay."""
        for item in self.client.send("GET", _CONTENT).json()["content"]:
            if item["state"] == "absent":
                self.client.send("POST", f"{_CONTENT}/{quote(item['kind'])}/{quote(item['name'], safe='')}")

    def create_ehr(self, ehr_id: str, status: bytes) -> None:
        """Create an EHR with its status."""
        headers = {"Content-Type": JSON, "Prefer": "return=minimal"}
        self.client.send("PUT", f"{BASE}/ehr/{ehr_id}", headers=headers, body=status)

    def load(self, lines: Sequence[bytes]) -> list[str]:
        """Commit lines in bulk and return the version uid of each."""
        from cli.exits import Failed

        headers = {"Content-Type": "application/x-ndjson", "Accept": JSON}
        answer = self.client.send("POST", _BULK, headers=headers, body=b"\n".join(lines)).json()
        if answer["refused"]:
            raise Failed(f"{answer['refused']} compositions were refused: {answer['errors'][0]['message']}")
        return [str(one["uid"]) for one in answer["versions"]]

    def contribute(self, ehr_id: str, body: bytes) -> None:
        """Commit a contribution."""
        headers = {"Content-Type": JSON, "Prefer": "return=minimal"}
        self.client.send("POST", f"{BASE}/ehr/{ehr_id}/contribution", headers=headers, body=body)


@dataclass(slots=True)
class Loaded:
    """What was stored: numbers, and for each record that began complete the uid of its first version."""

    ehrs: int = 0
    versions: int = 0
    uids: dict[str, str] = field(default_factory=dict)


def load(repository: Repository, town: Iterable[Life], *, stored: Callable[[int], None]) -> Loaded:
    """Create the EHRs and commit all versions of all records; `stored` is told how many residents are done.

    Errors: those of the repository, at the first thing that it refuses.
    """
    repository.add_content()
    done = Loaded()
    group: list[Life] = []
    for life in town:
        group.append(life)
        if len(group) == _AT_ONCE:
            _load_group(repository, group, done)
            stored(len(group))
            group = []
    if group:
        _load_group(repository, group, done)
        stored(len(group))
    return done


def lines_of(life: Life) -> Iterator[tuple[str, bytes]]:
    """Yield key and bulk line of every record that begins with a complete version."""
    for record in life.records:
        version = record.versions[0]
        if version.state is State.COMPLETE and version.document is not None:
            composition = composition_json(version.document, record.key)
            yield (
                record.key,
                (
                    b'{"ehr_id":"%b","key":"%b","composition":%b}'
                    % (life.resident.ehr_id.encode(), record.key.encode(), composition)
                ),
            )


def changes_of(life: Life, uids: dict[str, str]) -> Iterator[tuple[bytes, int]]:
    """Yield the bodies of the contributions with everything else, and how many versions each has.

    The first holds all second versions and drafts, the next the third versions, and so on. `uids` gives the uid of the
    first version of a record by its key.
    """
    for at in range(max(len(record.versions) for record in life.records)):
        versions = [
            _version(record, at, uids.get(record.key, ""))
            for record in life.records
            if at < len(record.versions) and (at > 0 or record.versions[0].state is not State.COMPLETE)
        ]
        if versions:
            audit = {"change_type": _coded(*_MODIFICATION), "committer": _party("Prøvekommunen")}
            yield json.dumps({"versions": versions, "audit": audit}, ensure_ascii=False).encode(), len(versions)


def _load_group(repository: Repository, group: list[Life], done: Loaded) -> None:
    """Store some lives."""
    keys: list[str] = []
    lines: list[bytes] = []
    for life in group:
        repository.create_ehr(life.resident.ehr_id, json.dumps(ehr_status(life.resident)).encode())
        for key, line in lines_of(life):
            keys.append(key)
            lines.append(line)
    done.uids.update(zip(keys, repository.load(lines), strict=True))
    done.ehrs += len(group)
    done.versions += len(lines)
    for life in group:
        for body, count in changes_of(life, done.uids):
            repository.contribute(life.resident.ehr_id, body)
            done.versions += count


def _version(record: Record, at: int, first_uid: str) -> dict[str, Any]:
    """Return a version as the body of a contribution has it."""
    version: Version = record.versions[at]
    change = _DELETION if version.state is State.DELETED else _MODIFICATION if at else _CREATION
    source = record.key.partition("/")[0]
    body: dict[str, Any] = {
        "_type": "ORIGINAL_VERSION",
        "lifecycle_state": _coded(*_LIFECYCLE[version.state]),
        "commit_audit": {"change_type": _coded(*change), "committer": _party(source)},
    }
    if at:
        object_id, system, _ = first_uid.split("::")
        body["preceding_version_uid"] = {"_type": "OBJECT_VERSION_ID", "value": f"{object_id}::{system}::{at}"}
    if version.document is not None:
        body["data"] = json.loads(composition_json(version.document, record.key))
    return body


def _coded(code: str, text: str) -> dict[str, Any]:
    terminology = {"_type": "TERMINOLOGY_ID", "value": "openehr"}
    phrase = {"_type": "CODE_PHRASE", "terminology_id": terminology, "code_string": code}
    return {"_type": "DV_CODED_TEXT", "value": text, "defining_code": phrase}


def _party(name: str) -> dict[str, Any]:
    return {"_type": "PARTY_IDENTIFIED", "name": name}
