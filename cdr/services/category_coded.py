"""How much is coded: of the texts that ought to be codes of a terminology, those that are, by category.

Which nodes ought to be is data of the registry (`coded`); the counts are AQL over the compositions of a category.
"""

from __future__ import annotations

from dataclasses import dataclass

from cdr.categories import CodedNode, categories
from cdr.identity import Caller
from cdr.services.context import Context
from cdr.services.query import QueryService
from cdr.services.registered import templates_by_category


@dataclass(frozen=True, slots=True, kw_only=True)
class CodedCount:
    """What stands at one node in one category: `texts` values, `coded` of them with a code."""

    archetype: str
    path: str
    texts: int
    coded: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CodedShare:
    """The counts of one category."""

    category: str
    nodes: tuple[CodedCount, ...]

    @property
    def texts(self) -> int:
        """Return how many values there are that ought to be coded."""
        return sum(node.texts for node in self.nodes)

    @property
    def coded(self) -> int:
        """Return how many of them are."""
        return sum(node.coded for node in self.nodes)

    @property
    def share(self) -> float | None:
        """Return the coded share, 0 to 1; None where there is nothing to code."""
        return self.coded / self.texts if self.texts else None


def coded_shares(context: Context, queries: QueryService, caller: Caller) -> list[CodedShare]:
    """Return the coded share of the nine categories, each with the nodes that have values."""
    groups = templates_by_category(context)
    nodes = list(dict.fromkeys(node for category in categories() for node in category.coded))
    shares = []
    for category in categories():
        compiled = [context.compiled.of(record) for record, _ in groups.get(category.key, ())]
        counts = []
        for node in nodes:
            ids = [template.template_id for template in compiled if node.archetype in template.archetype_ids]
            if ids:
                counts.append(_count(queries, caller, node, ids))
        shares.append(CodedShare(category=category.key, nodes=tuple(count for count in counts if count.texts)))
    return shares


def _count(queries: QueryService, caller: Caller, node: CodedNode, template_ids: list[str]) -> CodedCount:
    rm_type = node.archetype.split(".")[0].rsplit("-", 1)[1]
    value = f"x{node.path}/value"
    text = (
        f"SELECT COUNT({value}/value) AS texts, COUNT({value}/defining_code/code_string) AS coded "
        f"FROM EHR e CONTAINS COMPOSITION c CONTAINS {rm_type} x[{node.archetype}] "
        "WHERE c/archetype_details/template_id/value matches $templates"
    )
    answer = queries.run(caller, text, parameters={"templates": template_ids}, name="coded share")
    texts, coded = answer.rows[0]
    return CodedCount(archetype=node.archetype, path=node.path, texts=texts, coded=coded)
