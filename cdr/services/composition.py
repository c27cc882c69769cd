"""Compositions: create, read, change, delete, and the versions behind them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from cdr import rm
from cdr.errors import BadInput, Conflict, Deleted, Invalid
from cdr.identity import Caller
from cdr.issue import Issue
from cdr.services.checking import check_composition, report_on_composition
from cdr.services.committing import Wish, commit, contribution_uid_of
from cdr.services.context import Context
from cdr.services.lookup import base_of, head_of, latest_of, modifiable_ehr_of, shown, version_of
from cdr.services.representation import Body, decode_composition
from cdr.validation import Report
from cdr.versioning.committal import NOTHING_SAID, Committal
from cdr.versioning.model import ChangeType, Lifecycle, ObjectKind, VersionRecord
from cdr.versioning.uid import is_object_id, is_version_uid, read_version_uid

KIND = ObjectKind.COMPOSITION


@dataclass(frozen=True, slots=True)
class CompositionService:
    """The compositions of EHRs."""

    context: Context

    def create(
        self, caller: Caller, ehr_id: str, *, body: Body, said: Committal = NOTHING_SAID, key: str | None = None
    ) -> VersionRecord:
        """Store a new composition and return its first version.

        A `uid` in the body is not used: a new object gets a new id. `key` is an idempotency key: the same call again
        gives the version that the first one made.
        Errors: `NotFound`, `Conflict` (the EHR must not be modified), `BadInput`, `Invalid`.
        """
        # The transaction looks at the EHR, so a commit that succeeds needs no look before it. One that fails gets the
        # answer that looking first would have given: an EHR that is not there comes before what is wrong with a body.
        if not is_object_id(ehr_id) or not self.context.access(caller).allows_ehr(ehr_id):
            modifiable_ehr_of(self.context, caller, ehr_id)
        try:
            wish = self._wish(body, said, default=ChangeType.CREATION)
            uid = contribution_uid_of(caller, ehr_id, key) if key else None
            made = commit(
                self.context, caller, [wish], ehr_id=ehr_id, said=said, contribution_uid=uid, needs_open_ehr=True
            )
        except (BadInput, Invalid, Conflict):
            modifiable_ehr_of(self.context, caller, ehr_id)
            raise
        return made.versions[0].record

    def update(
        self,
        caller: Caller,
        ehr_id: str,
        *,
        object_id: str,
        preceding_uid: str | None,
        body: Body,
        said: Committal = NOTHING_SAID,
    ) -> VersionRecord:
        """Store the next version of a composition and return it.

        Errors: `NotFound` (also `Deleted`), `PreconditionMissing`, `VersionConflict`, `BadInput`, `Invalid`.
        """
        modifiable_ehr_of(self.context, caller, ehr_id)
        head = head_of(self.context, caller, ehr_id, kind=KIND, object_id=_object_id(object_id))
        base = base_of(head, preceding_uid)
        if base.lifecycle is Lifecycle.DELETED and said.change_type is not ChangeType.RESTORATION:
            raise Deleted("the composition is deleted", version_uid=head.latest_uid, code="DELETED")
        wish = self._wish(body, said, default=ChangeType.MODIFICATION, object_id=head.object_id)
        if head.template_id is not None and wish.template_id != head.template_id:
            raise _other_template()
        wish = Wish(
            kind=KIND,
            default=ChangeType.MODIFICATION,
            root=wish.root,
            base=base,
            said=said,
            template_id=wish.template_id,
            template_revision=wish.template_revision,
        )
        made = commit(self.context, caller, [wish], ehr_id=ehr_id, said=said)
        return made.versions[0].record

    def delete(
        self, caller: Caller, ehr_id: str, *, preceding_uid: str, said: Committal = NOTHING_SAID
    ) -> VersionRecord:
        """Store a version that says the composition is deleted, and return it.

        Errors: `NotFound`; `BadInput` when the uid is no version uid or the composition is deleted already;
        `VersionConflict` when the uid is not the latest.
        """
        modifiable_ehr_of(self.context, caller, ehr_id)
        uid = read_version_uid(preceding_uid)
        head = head_of(self.context, caller, ehr_id, kind=KIND, object_id=uid.object_id)
        if head.lifecycle == Lifecycle.DELETED:
            raise BadInput("the composition is deleted already", code="DELETED")
        base = base_of(head, preceding_uid)
        wish = Wish(
            kind=KIND,
            default=ChangeType.DELETED,
            root=None,
            base=base,
            said=said,
            template_id=head.template_id,
        )
        made = commit(self.context, caller, [wish], ehr_id=ehr_id, said=said)
        return made.versions[0].record

    def read(self, caller: Caller, ehr_id: str, *, uid_based_id: str, at: datetime | None = None) -> VersionRecord:
        """Return a version with its content: a given one, the newest, or the newest at a time.

        Errors: `NotFound`, `Deleted` when that version says that the composition is deleted.
        """
        if is_version_uid(uid_based_id):
            found = version_of(self.context, caller, ehr_id, kind=KIND, uid=uid_based_id)
        else:
            found = latest_of(self.context, caller, ehr_id, kind=KIND, object_id=uid_based_id, at=at)
        self.context.told(caller, action="read", resource=KIND, ehr_ids=[ehr_id], detail=found.uid)
        return shown(found)

    def validate(self, caller: Caller, *, body: Body, is_draft: bool = False) -> Report:
        """Return everything that would be wrong with a composition if it were committed; nothing is stored.

        Errors: `BadInput` when the body is no composition, `Invalid` when its template is not known.
        """
        composition = decode_composition(self.context, body)
        return report_on_composition(self.context, composition, is_draft=is_draft)[1]

    def _wish(self, body: Body, said: Committal, *, default: ChangeType, object_id: str | None = None) -> Wish:
        composition = decode_composition(self.context, body)
        if object_id is None:
            composition.uid = None
        else:
            _check_uid(composition, object_id)
        is_draft = said.lifecycle in (Lifecycle.INCOMPLETE, Lifecycle.ABANDONED)
        template = check_composition(self.context, composition, is_draft=is_draft, is_new=object_id is None)
        return Wish(
            kind=KIND,
            default=default,
            root=composition,
            said=said,
            template_id=template.template_id,
            template_revision=template.revision,
        )


def _object_id(uid_based_id: str) -> str:
    """Return the object id in a path segment that may also be a version uid (older clients send one)."""
    return read_version_uid(uid_based_id).object_id if is_version_uid(uid_based_id) else uid_based_id


def _check_uid(composition: rm.Composition, object_id: str) -> None:
    """Refuse a body that names another composition than the path."""
    if composition.uid is not None and composition.uid.value.split("::")[0] != object_id:
        issue = Issue(code="RM_UID", path="/uid", expected="the id in the path, or no uid")
        raise BadInput("the uid in the body must match the path", code="UID_MISMATCH", issues=[issue])


def _other_template() -> Invalid:
    issue = Issue(
        code="TPL_CHANGED", path="/archetype_details/template_id", expected="the template of the earlier versions"
    )
    return Invalid("all versions of a composition have one template", code="TEMPLATE_CHANGED", issues=[issue])
