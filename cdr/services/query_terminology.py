"""What `TERMINOLOGY(...)` and terminology URIs of a query ask of the terminology service.

The parameters are those of FHIR: `expand` takes a value set (`http://...`, or `url=...&filter=...`), `validate`
`url`, `system` and `code`, `lookup` `system` and `code`, `subsumes` `system`, `codeA` and `codeB`, `map` `system`,
`code` and `targetsystem`. What the service cannot say is refused: rows that miss codes would look like an answer.

Source: https://specifications.openehr.org/releases/QUERY/Release-1.1.0/AQL.html#_terminology
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from aql.errors import AqlNotSupported
from cdr.terminology.service import Answer, TerminologyService

_MAX_CODES = 10_000
_QUERY = re.compile(r"[A-Za-z]+=")
_OPERATION = re.compile(r"[^?]*\$[a-z-]+\?")


@dataclass(frozen=True, slots=True)
class QueryTerminology:
    """The terminology of one run of a query; each question is asked once."""

    service: TerminologyService
    _known: dict[tuple[str, ...], bool | str | Sequence[str] | None] = field(default_factory=dict)

    def call(self, operation: str, service_api: str, parameters: str) -> bool | str | Sequence[str] | None:
        """Return codes for `expand` and `map`, a boolean for `validate` and `subsumes`, a label for `lookup`.

        Errors: AqlNotSupported for another operation or kind of service, for parameters that are missing, and for what
        the service does not know.
        """
        key = (operation, service_api, parameters)
        if key not in self._known:
            if not service_api.casefold().startswith("hl7.org/fhir"):
                raise AqlNotSupported("expected 'hl7.org/fhir/4.0' as the terminology service", feature="terminology")
            self._known[key] = self._asked(operation.casefold().lstrip("$"), _parameters(parameters))
        return self._known[key]

    def members(self, uri: str) -> Sequence[str]:
        """Return the codes that a terminology URI stands for. Errors: AqlNotSupported where they are not known."""
        key = ("", uri)
        if key not in self._known:
            self._known[key] = self._expanded(uri, search="")
        found = self._known[key]
        assert isinstance(found, tuple)
        return found

    def _asked(self, operation: str, given: Mapping[str, str]) -> bool | str | Sequence[str] | None:
        match operation:
            case "expand":
                return self._expanded(_required(given, "url"), search=given.get("filter", ""))
            case "validate" | "validate-code":
                url, system, code = (_required(given, name) for name in ("url", "system", "code"))
                return _decided(self.service.validate(url, system=system, code=code))
            case "subsumes":
                system, above, below = (_required(given, name) for name in ("system", "codeA", "codeB"))
                return _decided(self.service.subsumes(system, ancestor=above, descendant=below))
            case "lookup":
                found = self.service.lookup(_required(given, "system"), _required(given, "code"))
                return None if found is None else found.display
            case "map" | "translate":
                system, code, target = (_required(given, name) for name in ("system", "code", "targetsystem"))
                return tuple(each.target.code for each in self.service.map(system, code, target=target))
        expected = "expected 'expand', 'validate', 'lookup', 'subsumes' or 'map' as the operation of TERMINOLOGY"
        raise AqlNotSupported(expected, feature="terminology")

    def _expanded(self, value_set: str, *, search: str) -> tuple[str, ...]:
        terms = self.service.expand(value_set, search=search, limit=_MAX_CODES + 1)
        if terms is None:
            raise AqlNotSupported("expected a value set that the terminology service knows", feature="terminology")
        if len(terms) > _MAX_CODES:
            raise AqlNotSupported(f"expected a value set of at most {_MAX_CODES} codes", feature="terminology")
        return tuple(term.code for term in terms)


def _parameters(text: str) -> dict[str, str]:
    """Return the parameters by name; a text without names is the address of a value set.

    >>> _parameters("http://snomed.info/sct?fhir_vs=isa/50697003")
    {'url': 'http://snomed.info/sct?fhir_vs=isa/50697003'}
    >>> _parameters("//example.org/ValueSet/$expand?url=http://example.org/vs&filter=a")
    {'url': 'http://example.org/vs', 'filter': 'a'}
    """
    operation = _OPERATION.match(text)
    query = text[operation.end() :] if operation else text
    if not _QUERY.match(query):
        return {"url": text}
    pairs = (part.partition("=") for part in query.split("&"))
    return {name: value for name, _, value in pairs}


def _required(given: Mapping[str, str], name: str) -> str:
    if not given.get(name):
        raise AqlNotSupported(f"expected `{name}=...` in the parameters of TERMINOLOGY", feature="terminology")
    return given[name]


def _decided(answer: Answer) -> bool:
    if answer is Answer.UNKNOWN:
        raise AqlNotSupported("expected a value set or system that the service knows", feature="terminology")
    return answer is Answer.YES
