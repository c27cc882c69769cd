"""What a caller may see, as data: mandatory in every query plan and in every read.

The filter is declarative so that one value can become a MongoDB match, a test on a cached column and a test on a
single record. `AccessFilter.everything()` lets all of the tenant pass; there is no other default.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class AccessFilter:
    """The EHRs and versioned objects that a caller may see.

    `ehrs` is None when all EHRs of the tenant are open, else the only ones that are. The `hidden_*` sets are taken
    away from that; `hidden_templates` holds template ids, `hidden_objects` ids of versioned objects.
    """

    ehrs: frozenset[str] | None = None
    hidden_ehrs: frozenset[str] = frozenset()
    hidden_objects: frozenset[str] = frozenset()
    hidden_templates: frozenset[str] = frozenset()

    @classmethod
    def everything(cls) -> AccessFilter:
        """Return the filter that hides nothing of the tenant."""
        return cls()

    @property
    def is_open(self) -> bool:
        """Tell whether the filter hides nothing."""
        return self == AccessFilter()

    def allows_ehr(self, ehr_id: str) -> bool:
        """Tell whether the EHR may be seen at all."""
        return (self.ehrs is None or ehr_id in self.ehrs) and ehr_id not in self.hidden_ehrs

    def allows(self, *, ehr_id: str | None, object_id: str, template_id: str | None) -> bool:
        """Tell whether one versioned object may be seen; `ehr_id` is None for demographic parties."""
        if ehr_id is not None and not self.allows_ehr(ehr_id):
            return False
        return object_id not in self.hidden_objects and (
            template_id is None or template_id not in self.hidden_templates
        )
