"""Sources: who may send what, under which mappings; and who may act for them."""

from __future__ import annotations

import re
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec

from cdr import resources
from cdr.errors import BadInput, NotFound, NotPermitted
from cdr.formats.canonical_json_lenient import check_texts
from cdr.formats.mapping import Mapping, load_mapping
from cdr.formats.mapping.load import FOLDER, SCHEMA, check_targets
from cdr.identity import Caller
from cdr.issue import Issue, Stage
from cdr.receipts import ReceiptStore, SourceRecord, UnknownResident
from cdr.services.context import Context
from cdr.webtemplate import build

# The role of accounts that may do nothing but send.
SENDER = "sender"
_ADMIN = "admin"
_FRESH_SECONDS = 1.0
_LONGEST_TEXT = 200
_KEY = re.compile(r"[a-z][a-z0-9_-]{0,59}")


class MappingLibrary:
    """The mappings of this installation by name: those that come with Kilde, and those of a folder of one's own.

    A file is read when it is first asked for, looked at again after a second, and read again when it has changed.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder
        self._loaded: dict[Path, tuple[int, Mapping]] = {}
        self._fresh: dict[str, tuple[float, Mapping]] = {}
        self._lock = threading.Lock()

    def names(self) -> list[str]:
        """Return the names of all mappings."""
        return sorted(
            {path.stem for folder in self._folders() for path in folder.glob("*.json") if path.name != SCHEMA}
        )

    def mapping(self, name: str) -> Mapping:
        """Return a mapping; one's own folder wins. Errors: `NotFound`, `BadInput` when its file cannot be used."""
        fresh = self._fresh.get(name)
        if fresh is not None and time.monotonic() < fresh[0]:
            return fresh[1]
        found = self._found(name)
        self._fresh[name] = (time.monotonic() + _FRESH_SECONDS, found)
        return found

    def _found(self, name: str) -> Mapping:
        for folder in self._folders():
            path = folder / f"{name}.json"
            if _KEY.fullmatch(name) and path.name != SCHEMA and path.is_file():
                changed = path.stat().st_mtime_ns
                with self._lock:
                    known = self._loaded.get(path)
                if known is not None and known[0] == changed:
                    return known[1]
                found = load_mapping(path.read_bytes(), name=name)
                with self._lock:
                    self._loaded[path] = (changed, found)
                return found
        raise NotFound("no mapping has this name", code="MAPPING_UNKNOWN")

    def _folders(self) -> list[Path]:
        own = [self._folder] if self._folder is not None and self._folder.is_dir() else []
        return [*own, resources.folder("templates") / FOLDER]


@dataclass(frozen=True, slots=True)
class SourceService:
    """The registered sources of the tenant."""

    context: Context
    store: ReceiptStore
    library: MappingLibrary = field(default_factory=MappingLibrary)

    def register(self, caller: Caller, key: str, *, body: bytes) -> SourceRecord:
        """Store a source, new or changed, and return it.

        Its mappings are loaded and checked against the templates that are here.
        Errors: `BadInput` with every issue.
        """
        source = _read_source(key, body)
        problems = _named_badly(source)
        for number, name in enumerate(source.mappings):
            try:
                problems += self.check(self.library.mapping(name))
            except NotFound:
                known = ", ".join(self.library.names())
                problems.append(_issue(f"$.mappings[{number}]", f"one of the mappings {known}"))
            except BadInput as error:
                problems += error.issues
        for number, template_id in enumerate(source.templates):
            if self.context.templates.current(template_id) is None:
                problems.append(_issue(f"$.templates[{number}]", "the id of a template that is here", "TPL_UNKNOWN"))
        if problems:
            raise BadInput("the source cannot be registered", code="SOURCE", issues=problems)
        self.store.put_source(source)
        self.context.told(caller, action="write", resource="SOURCE", ehr_ids=[], detail=key)
        return source

    def check(self, mapping: Mapping) -> list[Issue]:
        """Return what is wrong with the targets of a mapping, by the template that is here."""
        record = self.context.templates.current(mapping.template_id)
        if record is None:
            return [_issue("$.template", f"the template {mapping.template_id}; upload it first", "TPL_UNKNOWN")]
        template = self.context.compiled.of(record)
        return check_targets(mapping, build(template), template)

    def list(self, caller: Caller) -> list[SourceRecord]:
        """Return the sources that the caller may know of."""
        return [source for source in self.store.sources() if may_act_for(caller, source)]

    def read(self, caller: Caller, key: str) -> SourceRecord:
        """Return a source that the caller may act for; `NotFound` or `NotPermitted`."""
        found = self.store.source(key)
        if found is None:
            raise NotFound("no source is registered under this key", code="SOURCE_UNKNOWN")
        if not may_act_for(caller, found):
            raise NotPermitted("the caller may not act for this source", code="SOURCE_FOREIGN")
        return found


def _named_badly(source: SourceRecord) -> list[Issue]:
    """Return what is wrong with the texts of a source: they stand in compositions, lists and pages."""
    texts = {"title": source.title, "supplier": source.supplier, "author": source.author}
    problems = [
        _issue(f"$.{name}", f"a text of at most {_LONGEST_TEXT} characters")
        for name, text in texts.items()
        if len(text) > _LONGEST_TEXT
    ]
    problems += [_issue(f"$.{name}", "a text") for name in ("title", "supplier") if not texts[name].strip()]
    try:
        check_texts(texts)
    except BadInput as error:
        problems += error.issues
    return problems


def may_act_for(caller: Caller, source: SourceRecord) -> bool:
    """Tell whether a caller may send for a source and see what became of it.

    An administrator may act for all; a sender for those that name it; others for those that name nobody, or them.
    """
    if caller.role == _ADMIN or caller.person in source.users:
        return True
    return caller.role != SENDER and not source.users


class _SourceBody(msgspec.Struct, forbid_unknown_fields=True):
    title: str
    supplier: str
    mappings: tuple[str, ...] = ()
    templates: tuple[str, ...] = ()
    unknown_resident: UnknownResident = UnknownResident.QUARANTINE
    users: tuple[str, ...] = ()
    author: str = ""
    is_active: bool = True


def _read_source(key: str, body: bytes) -> SourceRecord:
    if _KEY.fullmatch(key) is None:
        raise BadInput("a source's key is a small letter, then small letters, digits, - and _", code="SOURCE_KEY")
    try:
        # `Any`: only to hand the checked members on.
        read: Any = msgspec.json.decode(body, type=_SourceBody)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        expected = "an object with title, supplier, and mappings or templates"
        raise BadInput(
            "the source cannot be registered", code="SOURCE", issues=[_issue("$", expected, "FMT_SYNTAX")]
        ) from error
    return SourceRecord(key=key, **{name: getattr(read, name) for name in read.__struct_fields__})


def _issue(path: str, expected: str, code: str = "RCV_SOURCE") -> Issue:
    return Issue(code=code, path=path, expected=expected, stage=Stage.STRUCTURE)
