"""What the services need from storage, as protocols; `cdr.store` supplies them, one tenant at a time.

All calls block. Errors are those of `cdr.errors`: `Conflict` for duplicates, `VersionConflict` when the head of a
versioned object has moved, `StoreUnavailable` when the database cannot be reached.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from cdr.identity import AccessFilter, Caller
from cdr.versioning.model import Commit, ContributionRecord, EhrRecord, ObjectKind, VersionRecord


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """The current state of a versioned object: the newest version's uid and lifecycle, and when it was created."""

    object_id: str
    kind: ObjectKind
    ehr_id: str | None
    latest_uid: str
    latest_number: int
    latest_tree: str
    lifecycle: str
    time_created: datetime
    template_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One entry of the change feed: `sequence` grows by commit; `op` is put, delete, purge or void."""

    sequence: int
    object_id: str | None
    number: int | None
    op: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Write:
    """A commit as `commit_all` takes it: with the EHR that it creates or changes, if it does.

    `needs_open_ehr` says that the EHR must allow modification, else `Conflict` with the code `EHR_LOCKED`.
    """

    commit: Commit
    new_ehr: EhrRecord | None = None
    changed_ehr: EhrRecord | None = None
    needs_open_ehr: bool = False


class VersionStore(Protocol):
    """EHRs, versioned objects and contributions of one tenant."""

    def create_ehr(self, ehr: EhrRecord, commit: Commit) -> None:
        """Store a new EHR with its first EHR_STATUS; `Conflict` when the id or the subject is taken."""

    def ehr(self, ehr_id: str, *, access: AccessFilter) -> EhrRecord | None:
        """Return the EHR, or None."""

    def ehr_by_subject(self, subject_id: str, namespace: str, *, access: AccessFilter) -> EhrRecord | None:
        """Return the EHR of a subject, or None."""

    def ehr_ids(self, *, access: AccessFilter, after: str | None = None, limit: int = 100) -> list[str]:
        """Return EHR ids in order, after the given one, for paging."""

    def purge_ehr(self, ehr_id: str) -> bool:
        """Delete an EHR physically with all that belongs to it; False when there is none.

        From the first moment on nobody sees it; a purge that was interrupted is finished by calling this again.
        """

    def commit(self, commit: Commit, *, ehr: EhrRecord | None = None, needs_open_ehr: bool = False) -> None:
        """Write a contribution with its versions in one transaction.

        Every version's `preceding_uid` must be the head (number 1: the object is new), else `VersionConflict`; an
        imported version (`imported_audit`) must only have the next number, since its predecessor may be elsewhere.
        Several versions of one object follow each other in the order given. `Conflict` when the contribution's uid is
        taken or its EHR does not exist. `ehr` is the changed EHR when the commit changes it too: with an EHR_STATUS
        its subject and flags are written, with a FOLDER its directory; `Conflict` when it takes the subject of another.
        `needs_open_ehr`: as in `Write`.
        After `StoreUnavailable` nothing was written, unless its code is `OutcomeUnknown`: then the contribution, once
        it can be read, tells.
        """

    def commit_all(self, writes: Iterable[Write]) -> int:
        """Write many contributions in their order, many to a transaction, and return how many versions they had.

        For imports and generated data: several times faster than one at a time. Each contribution is whole; at the
        first error those before it are stored, and neither it nor those after it.
        """

    def head(self, object_id: str) -> Head | None:
        """Return the current state of a versioned object, or None."""

    def heads(self, ehr_id: str, kind: ObjectKind, *, access: AccessFilter) -> list[Head]:
        """Return the versioned objects of an EHR of one kind, oldest first."""

    def version(self, uid: str, *, access: AccessFilter) -> VersionRecord | None:
        """Return one version with its content, or None."""

    def latest(self, object_id: str, *, access: AccessFilter) -> VersionRecord | None:
        """Return the newest version with its content, or None."""

    def version_at(self, object_id: str, time: datetime, *, access: AccessFilter) -> VersionRecord | None:
        """Return the version that was the newest at a time (inclusive), or None when there was none yet."""

    def history(self, object_id: str, *, access: AccessFilter) -> list[VersionRecord]:
        """Return all versions without their content, in the order of their numbers."""

    def contribution(self, uid: str, *, access: AccessFilter) -> ContributionRecord | None:
        """Return one contribution, or None; versions that are hidden are left out of it."""

    def changes(self, *, after: int, limit: int) -> list[Change]:
        """Return the change feed after a sequence number, only as far as it has no gaps.

        Sequence numbers start at 1; go on with the last one returned, never with the highest there is.
        """


@dataclass(frozen=True, slots=True, kw_only=True)
class TemplateRecord:
    """One revision of a template: `revision` is the SHA-256 of `source` in hex; revisions never change.

    `category` and `national_source` are what an administrator has registered for a template that says neither itself;
    like `is_deprecated` they belong to the id, not to the revision.
    """

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


class TemplateStore(Protocol):
    """Templates of one tenant, by id; each id points at one immutable revision at a time."""

    def add(self, template: TemplateRecord) -> None:
        """Store a new template; `Conflict` when the id is taken."""

    def replace(self, template: TemplateRecord) -> None:
        """Point an existing id at a new revision; older revisions stay readable."""

    def current(self, template_id: str) -> TemplateRecord | None:
        """Return the revision that the id points at, or None."""

    def revision(self, revision: str) -> TemplateRecord | None:
        """Return one revision by its hash, or None."""

    def list(self) -> list[TemplateRecord]:
        """Return the current revisions by id, each with its source."""

    def register(self, template_id: str, *, category: str | None, national_source: str | None) -> bool:
        """Set what is registered for a template, None for nothing; False when there is no such template."""

    def usage(self, template_id: str) -> int:
        """Return how many versions were stored under the template."""

    def remove(self, template_id: str) -> bool:
        """Remove a template that no data uses; `Conflict` when it is used, False when there is none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchetypeRecord:
    """One archetype: `source` is its ADL as uploaded, `languages` are codes, the original language first."""

    archetype_id: str
    source: bytes
    concept: str
    languages: tuple[str, ...]
    time_created: datetime


class ArchetypeStore(Protocol):
    """Archetypes of one tenant, by id."""

    def add(self, archetype: ArchetypeRecord) -> None:
        """Store a new archetype; `Conflict` when the id is taken."""

    def current(self, archetype_id: str) -> ArchetypeRecord | None:
        """Return an archetype, or None."""

    def list(self) -> list[ArchetypeRecord]:
        """Return all archetypes by id."""

    def remove(self, archetype_id: str) -> bool:
        """Remove an archetype; False when there is none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class QueryRecord:
    """One version of a stored query. `parameters` maps names to type names; `version` is `major.minor.patch`.

    `purposes` says in each language (code to text) what the query is for; `purpose` is the text without a language.
    `category` is the key of the information category that its answer belongs to.
    """

    name: str
    version: str
    text: str
    time_created: datetime
    purpose: str = ""
    author: str = ""
    parameters: Mapping[str, str] | None = None
    category: str = ""
    purposes: Mapping[str, str] | None = None


class QueryStore(Protocol):
    """Stored queries of one tenant."""

    def add(self, query: QueryRecord) -> None:
        """Store one version; `Conflict` when it exists."""

    def versions(self, name: str) -> list[QueryRecord]:
        """Return all versions of one name, oldest first."""

    def list(self, prefix: str = "") -> list[QueryRecord]:
        """Return all stored queries whose name starts with the prefix, by name and version."""

    def remove(self, name: str, version: str) -> bool:
        """Remove one version; False when there is none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedComposition:
    """The newest version of a composition as a list shows it.

    `start_time` is the start of its context, else the time of the commit. `source` is the system that the content comes
    from (FEEDER_AUDIT.originating_system_audit), `fed_by` the one that passed it on (feeder_system_audit).
    """

    uid: str
    ehr_id: str
    template_id: str
    name: str
    start_time: datetime
    time_committed: datetime
    composer: str | None = None
    source: str | None = None
    fed_by: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """How often one person or system did one thing: `action` is read, write, delete or query.

    `template_id` is None for queries, and for what has been purged; `query` is the name and version of a stored query.
    """

    person: str
    action: str
    count: int
    template_id: str | None = None
    query: str | None = None


class CompositionIndex(Protocol):
    """The compositions of one tenant by their template, found without reading any of them.

    Like in queries only complete, newest versions count; with `drafts` it is the newest where that is a draft.
    """

    def count_by_template(self, *, access: AccessFilter) -> dict[str, int]:
        """Return how many compositions there are under each template that has any."""

    def count(self, ehr_id: str, template_ids: Sequence[str], *, access: AccessFilter, drafts: bool = False) -> int:
        """Return how many compositions of an EHR are under the templates."""

    def page(
        self,
        ehr_id: str,
        template_ids: Sequence[str],
        *,
        access: AccessFilter,
        offset: int,
        limit: int,
        drafts: bool = False,
    ) -> list[ListedComposition]:
        """Return a page of the compositions of an EHR under the templates, the one that started last first."""

    def usage(self, *, since: datetime | None = None) -> list[Usage]:
        """Return what the access log says of the use of templates and stored queries, from a time on (inclusive)."""


class AccessLog(Protocol):
    """The one place that is told of every read and write. It is not the RM's AUDIT_DETAILS."""

    def record(self, caller: Caller, *, action: str, resource: str, ehr_ids: Sequence[str], detail: str = "") -> None:
        """Note one access: `action` read, write, query, delete or denied; `resource` the kind of thing touched."""

    def entries(self, *, ehr_id: str | None = None, limit: int = 100) -> Iterator[Mapping[str, object]]:
        """Return the newest entries first, of one EHR or of all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UserRecord:
    """One user of one tenant: `password_hash` is argon2's own text, `role` one of the role table's names."""

    tenant: str
    name: str
    password_hash: str
    role: str
    is_active: bool = True


class UserStore(Protocol):
    """The users of all tenants, in the control database."""

    def user(self, tenant: str, name: str) -> UserRecord | None:
        """Return a user by name, or None."""

    def put(self, user: UserRecord) -> None:
        """Store a user, new or changed."""

    def users(self, tenant: str) -> list[UserRecord]:
        """Return all users of a tenant by name."""

    def remove(self, tenant: str, name: str) -> bool:
        """Remove a user; False when there is none."""
