"""Reads whole ADL 1.4 archetypes: header, sections, and the tables of terms.

`read_archetype` takes the bytes of a file and gives an `Archetype`, or raises `BadInput` whose issue says line, column
and what was expected. Whether the archetype obeys the validity rules is asked of `cdr.am.adl.rules` afterwards.
Source: AM Release-2.3.0, ADL 1.4, section "ADL - Archetype Definition Language".
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType

from cdr.am.adl.cadl import Definition, read_definition
from cdr.am.adl.cursor import Cursor
from cdr.am.adl.expressions import read_assertion
from cdr.am.adl.odin import OdinTerm, OdinText, OdinValue, read_odin_section
from cdr.am.adl.source import AdlSyntaxError
from cdr.am.archetype import Archetype, ArchetypeSource, language_of
from cdr.am.assertions import Assertion
from cdr.am.terms import Code, Term
from cdr.errors import BadInput, TooLarge
from cdr.issue import Issue, Stage

MAX_BYTES = 5_000_000

_HEADER = re.compile(
    r"\s*(?:--[^\n]*\n\s*)*(?P<kind>archetype|template|template_overlay|operational_template)"
    r"[ \t]*(?:\((?P<meta>[^)]*)\))?\s*(?:--[^\n]*)?\n\s*(?P<id>\S+)[ \t]*(?:--[^\n]*)?(?=\n|$)"
)
_SECTION = re.compile(
    r"(speciali[sz]e|concept|language|description|definition|invariant|ontology|terminology|annotations|"
    r"revision_history)(?=[ \t]*(?:--[^\n]*)?(?:\n|$))"
)
_SPELLINGS = {"specialize": "specialise", "terminology": "ontology"}
_CONCEPT = re.compile(r"\[\s*([a-z]{2}[0-9.]+)\s*\]")
_ID = re.compile(r"\S+")
_ORDER = ("specialise", "concept", "language", "description", "definition", "invariant", "ontology")
_NOTHING: Mapping[str, str] = MappingProxyType({})


def read_archetype(source: bytes) -> Archetype:
    """Return the archetype in a file.

    Raises `BadInput` with an `ADL_` issue for the first fault, `TooLarge` for more than 5 MB.
    """
    if len(source) > MAX_BYTES:
        raise TooLarge(f"expected an archetype of at most {MAX_BYTES} bytes")
    try:
        text = source.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        issue = Issue(code="ADL_ENCODING", path=f"byte {error.start}", expected="UTF-8", stage=Stage.STRUCTURE)
        raise BadInput("expected an archetype in UTF-8", issues=[issue]) from error
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    try:
        return _read(text)
    except AdlSyntaxError as error:
        issue = error.issue(text)
        raise BadInput(f"expected {error.expected} at {issue.path}", code=error.code, issues=[issue]) from error


def _read(text: str) -> Archetype:
    header = _HEADER.match(text)
    if header is None:
        raise AdlSyntaxError('"archetype" and the archetype id on the next line', 0, code="ADL_HEADER")
    if header["kind"] != "archetype":
        raise AdlSyntaxError('"archetype": templates of ADL 2 are another format', header.start(), code="ADL_HEADER")
    meta = _metadata(header["meta"] or "")
    if not meta.get("adl_version", "1.4").startswith("1."):
        raise AdlSyntaxError("an ADL version 1.x", header.start("meta"), code="ADL_VERSION")
    sections = _Sections(text, header.end())
    language = sections.odin["language"]
    ontology = sections.odin["ontology"]
    return Archetype(
        archetype_id=header["id"],
        adl_version=meta.get("adl_version", "1.4"),
        uid=meta.get("uid", ""),
        is_controlled="controlled" in meta,
        parent_id=sections.parent_id,
        concept=sections.concept,
        original_language=language_of(language.get("original_language")),
        translations=_translations(language, header.end()),
        description=sections.odin.get("description", {}),
        definition=sections.definition.root,
        source=ArchetypeSource(text, sections.definition.offsets),
        invariants=tuple(sections.invariants),
        terms=_terms(ontology.get("term_definitions")),
        constraint_terms=_terms(ontology.get("constraint_definitions")),
        term_bindings=_term_bindings(ontology.get("term_bindings", ontology.get("term_binding"))),
        constraint_bindings=_constraint_bindings(
            ontology.get("constraint_bindings", ontology.get("constraint_binding"))
        ),
        language=language,
        ontology=ontology,
        annotations=sections.odin.get("annotations", {}),
        revision_history=sections.odin.get("revision_history", {}),
    )


class _Sections:
    """Reads one section after the other, so that a section word inside a text or a comment is never taken for one."""

    def __init__(self, text: str, start: int) -> None:
        self.text = text
        self.odin: dict[str, dict[str, OdinValue]] = {}
        self.parent_id = ""
        self.concept = ""
        self.invariants: list[Assertion] = []
        self._definition: Definition | None = None
        cursor = Cursor(text, start=start)
        seen: list[str] = []
        while not cursor.is_done:
            place = cursor.position
            match = cursor.require(_SECTION, "a section, for instance " + (_next_section(seen) or "annotations"))
            name = _SPELLINGS.get(match.group(1), match.group(1))
            if name in seen:
                raise AdlSyntaxError(f'the section "{name}" only once', place)
            if name in _ORDER and any(_ORDER.index(name) < _ORDER.index(other) for other in seen if other in _ORDER):
                raise AdlSyntaxError(f"the sections in the order {', '.join(_ORDER)}", place)
            seen.append(name)
            self._read(name, cursor)
        for required in ("concept", "language", "definition", "ontology"):
            if required not in seen:
                raise AdlSyntaxError(f'a section "{required}"', len(text), code="ADL_MISSING_SECTION")

    @property
    def definition(self) -> Definition:
        """Return the definition; the constructor made sure that there is one."""
        if self._definition is None:
            raise AdlSyntaxError('a section "definition"', len(self.text), code="ADL_MISSING_SECTION")
        return self._definition

    def _read(self, name: str, cursor: Cursor) -> None:
        if name == "specialise":
            self.parent_id = cursor.require(_ID, "the id of the parent archetype").group(0)
        elif name == "concept":
            self.concept = cursor.require(_CONCEPT, "the concept code in brackets").group(1)
        elif name == "definition":
            self._definition = read_definition(self.text, start=cursor.position, end=cursor.end)
            cursor.position = self._definition.end
        elif name == "invariant":
            while not cursor.is_done and cursor.peek(_SECTION) is None:
                self.invariants.append(read_assertion(cursor))
                cursor.accept(";")
        else:
            self.odin[name], cursor.position = read_odin_section(self.text, cursor.position)


def _next_section(seen: list[str]) -> str:
    missing = [name for name in _ORDER if name not in seen and name not in ("specialise", "invariant")]
    return missing[0] if missing else ""


def _metadata(text: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for item in text.split(";"):
        name, _, value = item.partition("=")
        if name.strip():
            found[name.strip()] = value.strip()
    return found


def _translations(language: Mapping[str, OdinValue], place: int) -> dict[str, Mapping[str, OdinValue]]:
    listed = language.get("translations")
    if listed is None:
        return {}
    if not isinstance(listed, dict):
        raise AdlSyntaxError("a block for each translation", place)
    return {code: details if isinstance(details, dict) else {} for code, details in listed.items()}


def _terms(value: OdinValue) -> dict[str, dict[str, Term]]:
    found: dict[str, dict[str, Term]] = {}
    for language, table in value.items() if isinstance(value, dict) else ():
        items = table.get("items", table) if isinstance(table, dict) else None
        found[language] = {}
        for code, details in items.items() if isinstance(items, dict) else ():
            if isinstance(details, dict):
                texts = {name: text for name, text in details.items() if isinstance(text, str)}
                others = {name: text for name, text in texts.items() if name not in ("text", "description")}
                found[language][code] = Term(
                    text=texts.get("text", ""),
                    description=texts.get("description", ""),
                    others=MappingProxyType(others) if others else _NOTHING,
                )
    return found


def _bound(value: OdinValue) -> dict[str, dict[str, OdinValue]]:
    found: dict[str, dict[str, OdinValue]] = {}
    for terminology, table in value.items() if isinstance(value, dict) else ():
        items = table.get("items", table) if isinstance(table, dict) else None
        found[terminology] = dict(items) if isinstance(items, dict) else {}
    return found


def _term_bindings(value: OdinValue) -> dict[str, dict[str, Code]]:
    return {
        terminology: {
            code: Code(bound.terminology, bound.code) for code, bound in items.items() if isinstance(bound, OdinTerm)
        }
        for terminology, items in _bound(value).items()
    }


def _constraint_bindings(value: OdinValue) -> dict[str, dict[str, str]]:
    return {
        terminology: {
            code: bound.text if isinstance(bound, OdinText) else bound
            for code, bound in items.items()
            if isinstance(bound, (OdinText, str))
        }
        for terminology, items in _bound(value).items()
    }
