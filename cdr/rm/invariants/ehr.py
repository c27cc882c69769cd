"""Rules for the EHR, its status and its access settings (RM, ehr)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from cdr.issue import Severity
from cdr.rm import Ehr
from cdr.rm.invariants.rule import Rule, is_root

PAGE = "ehr"


def _refers_to(attribute: str, target: str) -> Callable[[Any], bool]:
    def check(ehr: Ehr) -> bool:
        value = getattr(ehr, attribute)
        references = value if isinstance(value, list) else [value]
        return all(ref is None or ref.type is None or ref.type == target for ref in references)

    return check


def _is_directory_first(ehr: Ehr) -> bool:
    return not ehr.folders or ehr.folders[0] == ehr.directory


def _reference(name: str, attribute: str, target: str) -> Rule:
    return Rule(
        name=name, rm_type="EHR", attribute=attribute, expected=f"references of the type {target}",
        page=PAGE, check=_refers_to(attribute, target),
    )  # fmt: skip


RULES: tuple[Rule, ...] = (
    _reference("Contributions_valid", "contributions", "CONTRIBUTION"),
    _reference("Ehr_access_valid", "ehr_access", "VERSIONED_EHR_ACCESS"),
    _reference("Ehr_status_valid", "ehr_status", "VERSIONED_EHR_STATUS"),
    _reference("Compositions_valid", "compositions", "VERSIONED_COMPOSITION"),
    _reference("Directory_valid", "directory", "VERSIONED_FOLDER"),
    _reference("Folders_valid", "folders", "VERSIONED_FOLDER"),
    Rule(
        name="Directory_in_folders", rm_type="EHR", attribute="folders",
        expected="the directory as the first of the folders", page=PAGE, check=_is_directory_first,
    ),
    is_root("EHR_ACCESS", page=PAGE),
    # Clients in use create the status without the details, as the examples of the REST specification do.
    is_root("EHR_STATUS", page=PAGE, severity=Severity.WARNING),
)  # fmt: skip
