"""Bulk commit: lines of NDJSON, each a composition with its EHR, validated like any other and stored many at a time.

The API calls `load` once for every batch of lines as they come in. The valid compositions of one EHR in a batch become
one contribution, those of all EHRs one transaction; a refused line never holds up the others, and every one is
reported.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import msgspec

from cdr import rm
from cdr.errors import BadInput, Conflict, Invalid, KildeError, NotFound
from cdr.formats import canonical_json
from cdr.identity import Caller
from cdr.issue import Issue, Stage
from cdr.ports import TemplateRecord
from cdr.services.checking import check_composition
from cdr.services.committing import Wish, commit_several, prepared
from cdr.services.context import Context
from cdr.services.lookup import modifiable_ehr_of
from cdr.versioning.model import ChangeType, Commit, ObjectKind


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusedLine:
    """A line that was not stored; `line` counts from 1."""

    line: int
    error: KildeError


@dataclass(frozen=True, slots=True, kw_only=True)
class BulkReport:
    """What became of a batch: line numbers with version uids, the contributions, and the refused lines."""

    stored: tuple[tuple[int, str], ...]
    contributions: tuple[str, ...]
    refused: tuple[RefusedLine, ...]


class _Line(msgspec.Struct):
    ehr_id: str
    composition: msgspec.Raw


_DECODER = msgspec.json.Decoder(_Line)
# What concerns one EHR alone; a lost database concerns all and is passed on.
_OF_ONE_EHR = (NotFound, Conflict, Invalid)


@dataclass(frozen=True, slots=True)
class BulkService:
    """Bulk commit of compositions."""

    context: Context

    def load(self, caller: Caller, *, lines: Sequence[bytes], first_line: int = 1) -> BulkReport:
        """Store the valid lines and report on all; blank lines are passed over.

        Shape of a line: `{"ehr_id": "...", "composition": {"_type": "COMPOSITION", ...}}`.
        Errors: none for a faulty line; `StoreUnavailable` when the database is lost on the way.
        """
        by_ehr: dict[str, list[tuple[int, Wish]]] = {}
        refused: list[RefusedLine] = []
        # Asked for once in a batch: a second of loading under the revision that was current when it began.
        templates: dict[str, TemplateRecord] = {}
        for number, line in enumerate(lines, first_line):
            if not line.strip():
                continue
            try:
                ehr_id, wish = self._wish(line, templates)
                by_ehr.setdefault(ehr_id, []).append((number, wish))
            except (BadInput, Invalid) as error:
                refused.append(RefusedLine(line=number, error=error))
        ready: list[tuple[list[int], Commit]] = []
        for ehr_id, numbered in by_ehr.items():
            numbers = [number for number, _ in numbered]
            try:
                modifiable_ehr_of(self.context, caller, ehr_id)
                ready.append((numbers, prepared(self.context, caller, [wish for _, wish in numbered], ehr_id=ehr_id)))
            except _OF_ONE_EHR as error:
                refused.extend(RefusedLine(line=number, error=error) for number in numbers)
        stored: list[tuple[int, str]] = []
        contributions: list[str] = []
        outcomes = commit_several(self.context, caller, [made for _, made in ready])
        for (numbers, made), met in zip(ready, outcomes, strict=True):
            if met is not None:
                refused.extend(RefusedLine(line=number, error=met) for number in numbers)
                continue
            contributions.append(made.contribution.uid)
            uids = (version.record.uid for version in made.versions)
            stored.extend(zip(numbers, uids, strict=True))
        refused.sort(key=lambda one: one.line)
        return BulkReport(stored=tuple(sorted(stored)), contributions=tuple(contributions), refused=tuple(refused))

    def _wish(self, line: bytes, templates: dict[str, TemplateRecord]) -> tuple[str, Wish]:
        try:
            read = _DECODER.decode(line)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            issue = Issue(
                code="FMT_LINE", path="$", expected="an object with ehr_id and composition", stage=Stage.STRUCTURE
            )
            raise BadInput("the line cannot be read", code="LINE", issues=[issue]) from error
        composition = canonical_json.decode(bytes(read.composition), rm.Composition)
        composition.uid = None
        template = check_composition(self.context, composition, known=templates)
        wish = Wish(
            kind=ObjectKind.COMPOSITION,
            default=ChangeType.CREATION,
            root=composition,
            template_id=template.template_id,
            template_revision=template.revision,
        )
        return read.ehr_id, wish
