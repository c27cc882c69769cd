"""Lint of FLAT ids: siblings whose names give the same id, which then differ by a number only.

Such keys are legal, but which of two "comment" and "comment2" is which depends on their order in the template, so a new
version can swap them unseen.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from cdr.am.findings import Finding, Rule
from cdr.am.template import OperationalTemplate
from cdr.webtemplate.build import build
from cdr.webtemplate.model import WebTemplateNode

_NUMBERED = re.compile(r"(.*[^0-9])([2-9]|[1-9][0-9]+)")


def flat_lint(template: OperationalTemplate) -> list[Finding]:
    """Return one finding for each FLAT id that only a number tells apart from a sibling's."""
    return list(_nodes(build(template).root))


def _nodes(node: WebTemplateNode) -> Iterator[Finding]:
    ids = {child.id for child in node.children}
    for child in node.children:
        match = _NUMBERED.fullmatch(child.id)
        if match is not None and match[1] in ids and not child.is_in_context:
            yield Finding(
                Rule.AMBIGUOUS_FLAT_ID,
                child.aql_path,
                f"a name that gives another FLAT id than {match[1]}",
                label=child.name,
                hint="rename one of the two in the template",
            )
        yield from _nodes(child)
