"""What a new version of a template changes in the conditions of its annotations (`cdr.am.conditions`).

A condition that is new, or allows less, breaks stored data as any narrower constraint does; the words of a rule and
the values for examples do not count.
"""

from __future__ import annotations

from collections.abc import Iterator

from cdr.am.change import Change, Kind
from cdr.am.conditions import PREFIX, Conditions, conditions_of
from cdr.am.template import OperationalTemplate


def condition_changes(old: OperationalTemplate, new: OperationalTemplate) -> Iterator[Change]:
    """Yield a change for each node on which the conditions became stricter or wider."""
    was, now = _by_path(old), _by_path(new)
    for path in dict.fromkeys([*was, *now]):
        before, after = was.get(path, Conditions()), now.get(path, Conditions())
        if not _allows(after, before):
            yield Change(Kind.CONDITION_TIGHTENED, path)
        elif not _allows(before, after):
            yield Change(Kind.CONDITION_RELAXED, path)


def without_conditions(items: dict[str, str]) -> dict[str, str]:
    """Return the items of an annotation that are no conditions and no examples."""
    return {key: text for key, text in items.items() if not key.startswith(PREFIX)}


def _by_path(template: OperationalTemplate) -> dict[str, Conditions]:
    by_node = template.derived(conditions_of).by_node
    return {template.path_of(node): by_node[id(node)] for node in template.nodes() if id(node) in by_node}


def _allows(wide: Conditions, narrow: Conditions) -> bool:
    """Tell whether everything that meets the second conditions meets the first."""
    limits = ((wide.max_length, narrow.max_length), (wide.max_bytes, narrow.max_bytes))
    lists = ((wide.code_systems, narrow.code_systems), (wide.media_types, narrow.media_types))
    return (
        all(limit is None or (other is not None and other <= limit) for limit, other in limits)
        and all(not listed or (bool(other) and set(other) <= set(listed)) for listed, other in lists)
        and all(any(rule.expression == other.expression for other in narrow.rules) for rule in wide.rules)
    )
