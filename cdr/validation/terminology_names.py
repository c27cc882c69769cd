"""Names under which the same terminology is written: short names in templates, URIs from FHIR systems, versions.

Source: RM 1.1.0, support.terminology: a terminology id may carry its version in parentheses, `ICD10AM(3rd_ed)`.
"""

from __future__ import annotations

from functools import lru_cache

_NAMES = {
    "SNOMED-CT": ("snomed-ct", "snomed ct", "snomedct", "snomed", "snomed clinical terms", "http://snomed.info/sct"),
    "LOINC": ("loinc", "http://loinc.org"),
    "ICD10": ("icd10", "icd-10", "http://hl7.org/fhir/sid/icd-10"),
    "ICPC2": ("icpc2", "icpc-2", "http://hl7.org/fhir/sid/icpc-2"),
    "ATC": ("atc", "http://www.whocc.no/atc"),
    "UCUM": ("ucum", "http://unitsofmeasure.org"),
}
_CANONICAL = {written: name for name, forms in _NAMES.items() for written in forms}


@lru_cache(maxsize=4096)
def canonical(terminology: str) -> str:
    """Return one name for all ways of writing a terminology; unknown ones in lower case, without version.

    >>> canonical("http://snomed.info/sct") == canonical("SNOMED-CT(2024-01)")
    True
    """
    bare = terminology.partition("(")[0].partition("|")[0].strip().rstrip("/").casefold()
    return _CANONICAL.get(bare, bare)
