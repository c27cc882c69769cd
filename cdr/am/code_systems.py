"""National and international code systems: the URI of each, and the other names that systems give it.

Source: the code systems in use in Norwegian municipalities, as registered by the national directorates and HL7 Norway.
"""

from __future__ import annotations

# URI -> the names that stand for it in messages and archetypes
CODE_SYSTEMS: dict[str, tuple[str, ...]] = {
    "http://hl7.org/fhir/sid/icpc-2": (
        "ICPC-2",
        "ICPC2",
        "ICPC",
        "urn:oid:2.16.578.1.12.4.1.1.7170",
        "urn:oid:2.16.840.1.113883.6.139",
        "2.16.578.1.12.4.1.1.7170",
    ),
    "http://hl7.org/fhir/sid/icd-10-no": (
        "ICD-10",
        "ICD10",
        "ICD-10-NO",
        "urn:oid:2.16.578.1.12.4.1.1.7110",
        "2.16.578.1.12.4.1.1.7110",
    ),
    "http://snomed.info/sct": ("SNOMED-CT", "SNOMED CT", "SNOMEDCT", "SCT"),
    "http://www.whocc.no/atc": ("ATC",),
    "http://ehelse.no/fhir/CodeSystem/FEST": ("FEST", "http://ehelse.no/FESTMedication"),
    "http://loinc.org": ("LOINC", "LNC"),
    "http://unitsofmeasure.org": ("UCUM",),
    "urn:oid:2.16.578.1.12.4.1.1.7275": ("NKPK", "2.16.578.1.12.4.1.1.7275"),
    "urn:oid:2.16.578.1.12.4.1.1.7280": ("NLK", "http://helsedir.no/fhir/CodeSystem/no-kodeverk-7280-nlk"),
    "urn:oid:2.16.578.1.12.4.1.1.9151": ("9151", "IPLOS", "2.16.578.1.12.4.1.1.9151"),
    "urn:oid:2.16.578.1.12.4.1.1.9111": ("9111", "2.16.578.1.12.4.1.1.9111"),
    "urn:oid:2.16.578.1.12.4.1.1.9602": ("9602", "2.16.578.1.12.4.1.1.9602"),
    "urn:oid:2.16.578.1.12.4.1.1.9603": ("9603", "2.16.578.1.12.4.1.1.9603"),
    "urn:oid:2.16.578.1.12.4.1.1.7497": ("7497", "2.16.578.1.12.4.1.1.7497"),
    "urn:oid:2.16.578.1.12.4.1.1.8724": ("8724", "2.16.578.1.12.4.1.1.8724"),
    "urn:oid:2.16.578.1.12.4.1.1.9033": ("9033", "2.16.578.1.12.4.1.1.9033"),
    "urn:oid:2.16.578.1.12.4.1.1.9113": ("9113", "2.16.578.1.12.4.1.1.9113"),
    "urn:oid:2.16.578.1.12.4.1.1.9114": ("9114", "2.16.578.1.12.4.1.1.9114"),
    "urn:oid:2.16.578.1.12.4.1.1.9060": ("9060", "2.16.578.1.12.4.1.1.9060"),
}

_BY_NAME = {name.upper(): uri for uri, names in CODE_SYSTEMS.items() for name in (uri, *names)}


def uri_of(name: str) -> str | None:
    """Return the URI of a code system by any of its names, or None when it is not known.

    >>> uri_of("icpc-2")
    'http://hl7.org/fhir/sid/icpc-2'
    """
    return _BY_NAME.get(name.strip().upper())
