"""Which archetype ids an archetype predicate accepts: the archetype itself and its specialisations.

Source: AM 2, Identification, human-readable identifiers; ADL 1.4 writes specialisation into the concept name
(`problem-diagnosis` specialises `problem`), each with a version of its own.
"""

from __future__ import annotations

from functools import lru_cache


@lru_cache(maxsize=4096)
def conforms(found: str, wanted: str) -> bool:
    """Tell whether data of the archetype `found` answers to the archetype predicate `wanted`.

    Example:
        >>> conforms("openEHR-EHR-OBSERVATION.lab_test-hba1c.v2", "openEHR-EHR-OBSERVATION.lab_test.v1")
        True
        >>> conforms("openEHR-EHR-OBSERVATION.lab_test.v2", "openEHR-EHR-OBSERVATION.lab_test.v1")
        False
        >>> conforms("openEHR-EHR-OBSERVATION.lab_test.v1.0.3", "openEHR-EHR-OBSERVATION.lab_test.v1")
        True
    """
    if found == wanted:
        return True
    found_class, found_concept, found_version = _parts(found)
    wanted_class, wanted_concept, wanted_version = _parts(wanted)
    if found_class != wanted_class or not wanted_concept:
        return False
    if found_concept == wanted_concept:
        return found_version.startswith(f"{wanted_version}.")
    return found_concept.startswith(f"{wanted_concept}-")


def _parts(archetype_id: str) -> tuple[str, str, str]:
    """Return the qualified class, the concept and the version of an archetype id, empty where it has none."""
    qualified, _, rest = archetype_id.rpartition("::")[2].partition(".")
    concept, _, version = rest.partition(".")
    return qualified, concept, version
