"""`Archetype`: one ADL 1.4 archetype as a value.

The reader in `cdr.am.adl` makes it; the validity rules, the template compiler and the writer use it. Texts that only
people read (description, translations) stay the ODIN values they were; terms and bindings are typed.
Source: AM Release-2.3.0, AOM 1.4, ARCHETYPE and ARCHETYPE_ONTOLOGY.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from cdr.am.adl.odin import OdinTerm, OdinValue
from cdr.am.adl.source import place_of
from cdr.am.assertions import Assertion
from cdr.am.constraints import CComplexObject, CObject, TermTable
from cdr.am.terms import Code

_ID = re.compile(
    r"(?:[A-Za-z][A-Za-z0-9_.-]*::)?"
    r"(?P<publisher>[A-Za-z][A-Za-z0-9_]*)-(?P<package>[A-Za-z][A-Za-z0-9_]*)-(?P<type>[A-Za-z][A-Za-z0-9_]*)"
    r"\.(?P<concept>[A-Za-z0-9][A-Za-z0-9_()/%$#&-]*)\.v(?P<version>[0-9]+(?:\.[0-9]+)*(?:[a-z0-9-]*))"
)


@dataclass(frozen=True, slots=True)
class ArchetypeIdParts:
    """The parts of an archetype id; `lineage` lists the concept and its parents, most general first.

    >>> parts = ArchetypeIdParts.of("openEHR-EHR-OBSERVATION.laboratory-hba1c.v1")
    >>> parts.rm_type, parts.concept, parts.version
    ('OBSERVATION', 'laboratory-hba1c', '1')
    """

    publisher: str
    package: str
    rm_type: str
    concept: str
    version: str

    @classmethod
    def of(cls, archetype_id: str) -> ArchetypeIdParts | None:
        """Return the parts, or None when the id does not have the form of one."""
        match = _ID.fullmatch(archetype_id)
        if match is None:
            return None
        return cls(match["publisher"], match["package"], match["type"], match["concept"], match["version"])


@dataclass(frozen=True, slots=True, eq=False)
class ArchetypeSource:
    """The text that an archetype was read from, and where its nodes stand in it."""

    text: str
    offsets: Mapping[int, int]

    def place(self, node: CObject) -> str:
        """Return the place of a node, `line 3, column 7`."""
        return str(place_of(self.text, self.offsets.get(id(node), 0)))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Archetype:
    """One archetype.

    Shape: `terms["nb"]["at0004"].text`; `term_bindings["SNOMED-CT"]["at0004"]` (keys may be paths too);
    `translations["nb"]` holds author, accreditation and so on; `ontology` keeps the section as read, for printing.
    """

    archetype_id: str
    concept: str
    original_language: str
    definition: CComplexObject
    adl_version: str = "1.4"
    uid: str = ""
    is_controlled: bool = False
    parent_id: str = ""
    translations: Mapping[str, Mapping[str, OdinValue]] = field(default_factory=dict)
    description: Mapping[str, OdinValue] = field(default_factory=dict)
    invariants: tuple[Assertion, ...] = ()
    terms: TermTable = field(default_factory=dict)
    constraint_terms: TermTable = field(default_factory=dict)
    term_bindings: Mapping[str, Mapping[str, Code]] = field(default_factory=dict)
    constraint_bindings: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    language: Mapping[str, OdinValue] = field(default_factory=dict)
    ontology: Mapping[str, OdinValue] = field(default_factory=dict)
    annotations: Mapping[str, OdinValue] = field(default_factory=dict)
    revision_history: Mapping[str, OdinValue] = field(default_factory=dict)
    source: ArchetypeSource = field(default_factory=lambda: ArchetypeSource("", {}))

    @property
    def languages(self) -> tuple[str, ...]:
        """Return the original language and the translations, in that order."""
        return (self.original_language, *(code for code in self.translations if code != self.original_language))

    @property
    def specialisation_depth(self) -> int:
        """Return how many parents the archetype has in its lineage, 0 for none: the dots of its concept code."""
        return self.concept.count(".")

    def text(self, code: str, language: str) -> str:
        """Return the text of a code in a language, else in the original language, else the code itself."""
        for table in (self.terms, self.constraint_terms):
            for wanted in (language, self.original_language):
                term = table.get(wanted, {}).get(code)
                if term is not None:
                    return term.text
        return code


def language_of(value: OdinValue) -> str:
    """Return the code of a language term such as `[ISO_639-1::nb]`, or "" when it is none."""
    return value.code if isinstance(value, OdinTerm) else ""
