"""The EHR_STATUS of a synthetic resident."""

from __future__ import annotations

from cli.demo.identity import SYSTEM
from cli.demo.residents import Resident
from cli.demo.vitals import Json


def ehr_status(resident: Resident) -> Json:
    """Return the EHR_STATUS that ties a resident's EHR to the synthetic identity number."""
    return {
        "_type": "EHR_STATUS",
        "archetype_node_id": "openEHR-EHR-EHR_STATUS.generic.v1",
        "name": {"_type": "DV_TEXT", "value": "EHR Status"},
        "subject": {
            "_type": "PARTY_SELF",
            "external_ref": {
                "_type": "PARTY_REF",
                "namespace": SYSTEM,
                "type": "PERSON",
                "id": {"_type": "GENERIC_ID", "value": resident.identity, "scheme": SYSTEM},
            },
        },
        "is_queryable": True,
        "is_modifiable": True,
    }
