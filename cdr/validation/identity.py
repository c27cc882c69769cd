"""Whether an object says that it is made with the template it is checked against."""

from __future__ import annotations

from collections.abc import Iterator

from cdr.am.template import OperationalTemplate
from cdr.rm import Composition, Locatable, RmObject
from cdr.validation.program import is_same_or_specialised
from cdr.validation.report import Finding


def findings(root: RmObject, template: OperationalTemplate) -> Iterator[Finding]:
    """Yield what is wrong with the archetype id and the template id of the root."""
    if not isinstance(root, Locatable):
        return
    wanted = template.archetype_id
    node_id = root.archetype_node_id
    if node_id is not None and not _conforms(node_id, wanted):
        yield Finding("TPL_ARCHETYPE", f"the archetype {wanted}", "archetype_node_id")
    details = root.archetype_details
    if details is None:
        return
    archetype_id = details.archetype_id.value if details.archetype_id is not None else None
    if archetype_id is not None and not _conforms(archetype_id, wanted):
        yield Finding("TPL_ARCHETYPE", f"the archetype {wanted}", "archetype_details/archetype_id")
    template_id = details.template_id.value if details.template_id is not None else None
    if template_id is not None and template_id != template.template_id:
        yield Finding("TPL_TEMPLATE", f"the template {template.template_id}", "archetype_details/template_id")


def is_in_another_language(root: RmObject, template: OperationalTemplate) -> bool:
    """Tell whether a composition is written in a language that the template has no terms for."""
    language = root.language if isinstance(root, Composition) else None
    if language is None or language.code_string is None:
        return False
    known = {code.partition("-")[0] for code in (template.language, *template.languages)}
    return language.code_string.partition("-")[0] not in known


def _conforms(archetype_id: str, wanted: str) -> bool:
    return archetype_id == wanted or is_same_or_specialised(archetype_id, declared=wanted)
