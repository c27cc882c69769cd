"""The directory of an EHR: one tree of folders, versioned as a whole."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, replace
from datetime import datetime

from cdr import rm
from cdr.errors import Conflict, Deleted, NotFound, VersionConflict
from cdr.formats import canonical_json
from cdr.identity import Caller
from cdr.services.checking import check_object
from cdr.services.committing import Wish, commit
from cdr.services.context import Context
from cdr.services.lookup import base_of, ehr_of, head_of, latest_of, modifiable_ehr_of, shown, version_of
from cdr.services.representation import Body, decode
from cdr.versioning.committal import NOTHING_SAID, Committal
from cdr.versioning.model import ChangeType, EhrRecord, Lifecycle, ObjectKind, VersionRecord

KIND = ObjectKind.FOLDER
_DIRECTORIES = uuid.UUID("3d1f4bb1-6f8b-5c52-8a53-0d5e2b5f8c11")


@dataclass(frozen=True, slots=True)
class DirectoryService:
    """The directories of EHRs."""

    context: Context

    def create(self, caller: Caller, ehr_id: str, *, body: Body, said: Committal = NOTHING_SAID) -> VersionRecord:
        """Store the directory of an EHR that has none, and return its first version.

        After a deletion this makes a new versioned folder.
        Errors: `NotFound`, `Conflict` when there is one, `BadInput`, `Invalid`.
        """
        ehr = modifiable_ehr_of(self.context, caller, ehr_id)
        check_has_no_directory(self.context, ehr)
        folder = self._folder(body)
        object_id = new_directory_id(ehr)
        wish = Wish(kind=KIND, default=ChangeType.CREATION, root=folder, object_id=object_id, said=said)
        changed = replace(ehr, directory_object_id=object_id)
        try:
            made = commit(self.context, caller, [wish], ehr_id=ehr_id, said=said, ehr=changed)
        except VersionConflict as other:
            raise _exists() from other
        return made.versions[0].record

    def update(
        self, caller: Caller, ehr_id: str, *, preceding_uid: str | None, body: Body, said: Committal = NOTHING_SAID
    ) -> VersionRecord:
        """Store the next version of the directory and return it.

        Errors: `NotFound` (also `Deleted`), `PreconditionMissing`, `VersionConflict`, `BadInput`, `Invalid`.
        """
        ehr = modifiable_ehr_of(self.context, caller, ehr_id)
        head = head_of(self.context, caller, ehr_id, kind=KIND, object_id=_directory_of(ehr))
        base = base_of(head, preceding_uid)
        if base.lifecycle is Lifecycle.DELETED and said.change_type is not ChangeType.RESTORATION:
            raise Deleted("the directory is deleted", version_uid=head.latest_uid, code="DELETED")
        wish = Wish(kind=KIND, default=ChangeType.MODIFICATION, root=self._folder(body), base=base, said=said)
        return commit(self.context, caller, [wish], ehr_id=ehr_id, said=said).versions[0].record

    def delete(
        self, caller: Caller, ehr_id: str, *, preceding_uid: str | None, said: Committal = NOTHING_SAID
    ) -> VersionRecord:
        """Store a version that says the directory is deleted, and return it.

        Errors: `NotFound` (also `Deleted`), `PreconditionMissing`, `VersionConflict`.
        """
        ehr = modifiable_ehr_of(self.context, caller, ehr_id)
        head = head_of(self.context, caller, ehr_id, kind=KIND, object_id=_directory_of(ehr))
        base = base_of(head, preceding_uid)
        if base.lifecycle is Lifecycle.DELETED:
            raise Deleted("the directory is deleted already", version_uid=head.latest_uid, code="DELETED")
        wish = Wish(kind=KIND, default=ChangeType.DELETED, root=None, base=base, said=said)
        return commit(self.context, caller, [wish], ehr_id=ehr_id, said=said).versions[0].record

    def read(
        self,
        caller: Caller,
        ehr_id: str,
        *,
        version_uid: str | None = None,
        at: datetime | None = None,
        path: str | None = None,
    ) -> VersionRecord:
        """Return a version of the directory, cut to the folder at a path when one is given.

        Shape: a path is folder names from the root's children downwards, `episodes/2024/march`.
        Errors: `NotFound`, `Deleted`.
        """
        ehr = ehr_of(self.context, caller, ehr_id)
        if version_uid is not None:
            found = version_of(self.context, caller, ehr_id, kind=KIND, uid=version_uid)
        else:
            found = latest_of(self.context, caller, ehr_id, kind=KIND, object_id=_directory_of(ehr), at=at)
        self.context.told(caller, action="read", resource=KIND, ehr_ids=[ehr_id], detail=found.uid)
        record = shown(found)
        return record if not path or not path.strip("/") else _cut(record, path)

    def _folder(self, body: Body) -> rm.Folder:
        folder = decode(body, rm.Folder)
        check_object(self.context, folder, word="the directory")
        return folder


def check_has_no_directory(context: Context, ehr: EhrRecord) -> None:
    """Raise `Conflict` when the EHR has a directory that is not deleted."""
    if ehr.directory_object_id is None:
        return
    head = context.versions.head(ehr.directory_object_id)
    if head is not None and head.lifecycle != Lifecycle.DELETED:
        raise _exists()


def new_directory_id(ehr: EhrRecord) -> str:
    """Return the object id for the next directory of an EHR.

    It follows from the EHR and the directory before it, so that two creations at once meet at one id and one loses.
    """
    return str(uuid.uuid5(_DIRECTORIES, f"{ehr.ehr_id}/{ehr.directory_object_id or ''}"))


def _exists() -> Conflict:
    return Conflict("the EHR has a directory already", code="DIRECTORY_EXISTS")


def _directory_of(ehr: EhrRecord) -> str:
    if ehr.directory_object_id is None:
        raise NotFound("the EHR has no directory", code="FOLDER_UNKNOWN")
    return ehr.directory_object_id


def _cut(record: VersionRecord, path: str) -> VersionRecord:
    """Return the record with the content of the sub-folder at the path."""
    folder = _below(canonical_json.decode(record.content or b"", rm.Folder), path.strip("/"))
    if folder is None:
        raise NotFound("the directory has no folder at this path", code="FOLDER_UNKNOWN")
    return replace(record, content=canonical_json.encode(folder))


def _below(folder: rm.Folder, path: str) -> rm.Folder | None:
    """Return the folder at a path below another; names may hold slashes themselves."""
    for child in folder.folders or []:
        name = child.name.value.strip("/")
        if path == name:
            return child
        if path.startswith(f"{name}/"):
            found = _below(child, path[len(name) + 1 :].lstrip("/"))
            if found is not None:
                return found
    return None
