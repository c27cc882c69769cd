"""A terminology service over FHIR R4: `$validate-code`, `$expand`, `$lookup`, `$subsumes` and `$translate`.

What ships with Kilde is answered without the server. When the server cannot be asked the policy decides: the code is
accepted as unchecked (the validator adds a warning), or the request is refused until the server is back.
Source: FHIR R4, https://hl7.org/fhir/R4/terminology-service.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import Any
from urllib.parse import parse_qs, urlsplit

from cdr.errors import StoreUnavailable
from cdr.terminology.local import LocalTerminology, bundled_terminology
from cdr.terminology.service import Answer, Equivalence, Term
from cdr.terminology.service import Mapping as CodeMapping
from cdr.terminology.transport import Reply, Server, ServerSettings

# How openEHR data and templates name the systems that FHIR knows by URI.
SYSTEMS = {
    "snomed-ct": "http://snomed.info/sct",
    "snomed": "http://snomed.info/sct",
    "sct": "http://snomed.info/sct",
    "loinc": "http://loinc.org",
    "ucum": "http://unitsofmeasure.org",
    "icd-10": "http://hl7.org/fhir/sid/icd-10",
    "icd10": "http://hl7.org/fhir/sid/icd-10",
    "icpc-2": "http://hl7.org/fhir/sid/icpc-2",
    "icpc2": "http://hl7.org/fhir/sid/icpc-2",
    "atc": "http://www.whocc.no/atc",
}
_EQUIVALENCES = {
    "equal": Equivalence.EQUAL,
    "equivalent": Equivalence.EQUAL,
    "relatedto": Equivalence.INEXACT,
    "inexact": Equivalence.INEXACT,
    "wider": Equivalence.WIDER,
    "subsumes": Equivalence.WIDER,
    "narrower": Equivalence.NARROWER,
    "specializes": Equivalence.NARROWER,
}


class WhenDown(StrEnum):
    """What happens to codes that cannot be checked because the server is down."""

    ACCEPT = "accept"
    REFUSE = "refuse"


class FhirTerminology:
    """Asks a FHIR R4 server what the bundled terminology does not know.

    Errors: `StoreUnavailable` from every method if the server cannot be asked and the policy is `REFUSE`; with
    `ACCEPT` the answer is then the one for the unknown.
    """

    def __init__(self, settings: ServerSettings, *, when_down: WhenDown = WhenDown.ACCEPT) -> None:
        self._server = Server(settings)
        self._when_down = when_down
        self._local: LocalTerminology = bundled_terminology()

    def validate(self, value_set: str, *, system: str, code: str) -> Answer:
        """Tell whether a code is a member of a value set."""
        known = self._local.validate(value_set, system=system, code=code)
        if known is not Answer.UNKNOWN:
            return known
        parameters = {"url": value_set_url(value_set), "system": system_url(system), "code": code}
        result = _value(self._get("/ValueSet/$validate-code", parameters), "result", "valueBoolean")
        if not isinstance(result, bool):
            return Answer.UNKNOWN
        return Answer.YES if result else Answer.NO

    def is_member(self, uri: str, terminology: str, code: str) -> bool | None:
        """Tell whether a code is a member of a value set; None where that is not known."""
        answer = self.validate(uri, system=terminology, code=code)
        return None if answer is Answer.UNKNOWN else answer is Answer.YES

    def expand(
        self, value_set: str, *, search: str = "", language: str = "en", limit: int = 100
    ) -> tuple[Term, ...] | None:
        """Return the members of a value set whose display matches a search text; None if it is not known."""
        known = self._local.expand(value_set, search=search, language=language, limit=limit)
        if known is not None:
            return known
        parameters = {"url": value_set_url(value_set), "count": str(limit), "displayLanguage": language}
        if search:
            parameters["filter"] = search
        expansion = self._get("/ValueSet/$expand", parameters).get("expansion")
        if not isinstance(expansion, dict):
            return None
        return tuple(_members(expansion))[:limit]

    def lookup(self, system: str, code: str, *, language: str = "en") -> Term | None:
        """Return a code with its display; None if it is not known."""
        known = self._local.lookup(system, code, language=language)
        if known is not None:
            return known
        parameters = {"system": system_url(system), "code": code, "displayLanguage": language}
        display = _value(self._get("/CodeSystem/$lookup", parameters), "display", "valueString")
        return Term(system, code, display) if isinstance(display, str) else None

    def subsumes(self, system: str, *, ancestor: str, descendant: str) -> Answer:
        """Tell whether the first code includes the second, or is the same."""
        known = self._local.subsumes(system, ancestor=ancestor, descendant=descendant)
        if known is not Answer.UNKNOWN:
            return known
        parameters = {"system": system_url(system), "codeA": ancestor, "codeB": descendant}
        outcome = _value(self._get("/CodeSystem/$subsumes", parameters), "outcome", "valueCode")
        if outcome not in ("equivalent", "subsumes", "subsumed-by", "not-subsumed"):
            return Answer.UNKNOWN
        return Answer.YES if outcome in ("equivalent", "subsumes") else Answer.NO

    def map(self, system: str, code: str, *, target: str) -> tuple[CodeMapping, ...]:
        """Return the codes of a target system that a code maps to, none if there is no map."""
        parameters = {"system": system_url(system), "code": code, "targetsystem": system_url(target)}
        answer = self._get("/ConceptMap/$translate", parameters)
        if _value(answer, "result", "valueBoolean") is not True:
            return ()
        return tuple(_matches(answer))

    def close(self) -> None:
        """Close the connections."""
        self._server.close()

    def _get(self, path: str, parameters: Mapping[str, str]) -> Mapping[str, Any]:
        """Return the resource that the server answers with, {} where it does not know or cannot be asked."""
        reply: Reply | None = self._server.get(path, parameters)
        if reply is None and self._when_down is WhenDown.REFUSE:
            raise StoreUnavailable("expected the terminology server to answer; it cannot be reached now, try again")
        return {} if reply is None or reply.resource is None else reply.resource


def system_url(system: str) -> str:
    """Return the URI under which FHIR knows a system.

    >>> system_url("SNOMED-CT"), system_url("2.16.578.1.12.4.1.1.8653"), system_url("http://loinc.org")
    ('http://snomed.info/sct', 'urn:oid:2.16.578.1.12.4.1.1.8653', 'http://loinc.org')
    """
    bare = system.partition("(")[0].strip()
    if bare.replace(".", "").isdigit() and "." in bare:
        return f"urn:oid:{bare}"
    return SYSTEMS.get(bare.casefold(), bare)


def value_set_url(uri: str) -> str:
    """Return the URL of a value set; templates hide it in a URI of the scheme `terminology`.

    >>> value_set_url("terminology://fhir.hl7.org/ValueSet/$expand?url=http://example.org/vs")
    'http://example.org/vs'
    """
    parts = urlsplit(uri)
    if parts.scheme == "terminology":
        return parse_qs(parts.query).get("url", [uri])[0]
    return uri


def _parameters(resource: Mapping[str, Any], name: str) -> Iterator[Mapping[str, Any]]:
    """Yield the entries of one name of a FHIR Parameters resource, or of a part of one."""
    entries = resource.get("parameter") or resource.get("part")
    for entry in entries if isinstance(entries, list) else ():
        if isinstance(entry, dict) and entry.get("name") == name:
            yield entry


def _value(resource: Mapping[str, Any], name: str, kind: str) -> Any:  # of the type that `kind` says, or anything
    return next((entry.get(kind) for entry in _parameters(resource, name)), None)


def _members(expansion: Mapping[str, Any]) -> Iterator[Term]:
    """Yield the codes of an expansion, parents before the children they contain."""
    contained = expansion.get("contains")
    for entry in contained if isinstance(contained, list) else ():
        if not isinstance(entry, dict):
            continue
        code = entry.get("code")
        if isinstance(code, str) and not entry.get("abstract"):
            yield Term(str(entry.get("system", "")), code, str(entry.get("display", code)))
        yield from _members(entry)


def _matches(answer: Mapping[str, Any]) -> Iterator[CodeMapping]:
    for match in _parameters(answer, "match"):
        coding = _value(match, "concept", "valueCoding")
        equivalence = _EQUIVALENCES.get(str(_value(match, "equivalence", "valueCode")))
        if isinstance(coding, dict) and isinstance(coding.get("code"), str) and equivalence is not None:
            term = Term(str(coding.get("system", "")), coding["code"], str(coding.get("display", coding["code"])))
            yield CodeMapping(term, equivalence)
