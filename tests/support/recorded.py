"""The recorded write requests: what one server answered to which body, with the template that it had."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from tests.support.corpus import shared_folder


@dataclass(frozen=True, slots=True)
class StatusCase:
    """One request: `body` and `template` are sources; `status` is what was recorded; `ehr` means an EHR_STATUS body."""

    id: str
    test: str
    path: str
    content_type: str
    body: bytes
    template: bytes | None
    status: int

    @property
    def is_composition(self) -> bool:
        """Tell whether the body is a composition."""
        return "/composition" in self.path

    @property
    def is_ehr_status(self) -> bool:
        """Tell whether the body is an EHR_STATUS."""
        return self.path.partition("?")[0] == "/ehr"

    @property
    def is_xml(self) -> bool:
        """Tell whether the body is canonical XML."""
        return "xml" in self.content_type

    @property
    def is_canonical(self) -> bool:
        """Tell whether the body is canonical JSON or XML."""
        return self.is_xml or ("json" in self.content_type and "format=" not in self.path)


@cache
def status_cases() -> tuple[StatusCase, ...]:
    """Return the recorded requests that have a body; () where the data is absent."""
    folder = shared_folder()
    if folder is None:
        return ()
    cases = json.loads((folder / "data" / "recorded" / "status_cases.json").read_bytes())
    return tuple(
        StatusCase(
            id=case["id"],
            test=case["test"],
            path=case["path"],
            content_type=case["content_type"] or "",
            body=body(folder, case["body"]),
            template=body(folder, case["opt"]) if case["opt"] else None,
            status=case["expected_status"],
        )
        for case in cases
        if case["body"]
    )


def body(folder: Path, digest: str) -> bytes:
    """Return a recorded body by its SHA-1."""
    recorded = folder / "data" / "recorded"
    path = recorded / "bodies" / digest
    if path.exists():
        return path.read_bytes()
    return (folder / "data" / _files_by_digest(recorded)[digest].replace("\t", "/")).read_bytes()


@cache
def _files_by_digest(recorded: Path) -> dict[str, str]:
    found: dict[str, str] = json.loads((recorded / "bodies_in_repo_files.json").read_bytes())
    return found
