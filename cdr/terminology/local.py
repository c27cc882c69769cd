"""The terminology service that needs no server: the openEHR groups and code sets alone."""

from __future__ import annotations

from functools import cache
from urllib.parse import unquote, urlsplit

from cdr.terminology import openehr
from cdr.terminology.service import Answer, Mapping, Term


class LocalTerminology:
    """Knows the groups of the system `openehr` and the code sets; everything else is unknown.

    A value set is a group or a code set by name, or a URI that ends with its name: `terminology://openehr/setting`,
    `https://specifications.openehr.org/fhir/valueset-null_flavours`.
    """

    def validate(self, value_set: str, *, system: str, code: str) -> Answer:
        """Tell whether a code is a member of a group or a code set."""
        name = _known_name(value_set)
        if name is None:
            return Answer.UNKNOWN
        if name in openehr.groups():
            is_member = system.casefold() == openehr.OPENEHR and openehr.is_in_group(code, name)
        else:
            is_member = system.casefold() == openehr.external_id(name).casefold() and openehr.is_code_in_set(code, name)
        return Answer.YES if is_member else Answer.NO

    def is_member(self, uri: str, terminology: str, code: str) -> bool | None:
        """Tell whether a code is a member of a value set; None where that is not known."""
        answer = self.validate(uri, system=terminology, code=code)
        return None if answer is Answer.UNKNOWN else answer is Answer.YES

    def expand(
        self, value_set: str, *, search: str = "", language: str = "en", limit: int = 100
    ) -> tuple[Term, ...] | None:
        """Return the members of a group or a code set whose label holds the search text."""
        name = _known_name(value_set)
        if name is None:
            return None
        if name in openehr.groups():
            system, codes = openehr.OPENEHR, openehr.group_codes(name)
        else:
            system, codes = openehr.external_id(name), openehr.code_set_codes(name)
        terms = (Term(system, code, openehr.label(code, name, language) or code) for code in codes)
        found = [term for term in terms if search.casefold() in term.display.casefold()]
        return tuple(found[:limit])

    def lookup(self, system: str, code: str, *, language: str = "en") -> Term | None:
        """Return a code of a group or a code set with its label."""
        if system.casefold() == openehr.OPENEHR:
            labels = (openehr.label(code, group, language) for group in openehr.groups())
            return next((Term(openehr.OPENEHR, code, text) for text in labels if text is not None), None)
        name = _known_name(system)
        if name is None or name in openehr.groups():
            return None
        text = openehr.label(code, name, language)
        return None if text is None else Term(openehr.external_id(name), code, text)

    def subsumes(self, system: str, *, ancestor: str, descendant: str) -> Answer:
        """Tell whether two codes are the same: neither groups nor code sets have a hierarchy."""
        if self.lookup(system, ancestor) is None or self.lookup(system, descendant) is None:
            return Answer.UNKNOWN
        return Answer.YES if ancestor == descendant else Answer.NO

    def map(self, system: str, code: str, *, target: str) -> tuple[Mapping, ...]:
        """Return nothing: no maps ship with Kilde."""
        return ()


@cache
def bundled_terminology() -> LocalTerminology:
    """Return the service that knows what ships with Kilde."""
    return LocalTerminology()


def _known_name(value_set: str) -> str | None:
    """Return the name of the group or code set that a text or URI means, or None."""
    last = unquote(urlsplit(value_set).path.rpartition("/")[2] or urlsplit(value_set).netloc) or value_set
    plain = last.removeprefix("valueset-").replace("_", " ").casefold()
    for name in openehr.groups() + openehr.code_sets():
        if plain == name:
            return name
    for name in openehr.code_sets():
        if last.casefold() == openehr.external_id(name).casefold():
            return name
    return None
