"""What narrows a plan: an ordered tuple of pure functions from plan to plan.

A rule may only add conditions that every object taking part in some row is sure to meet, so that leaving a rule out
changes the time an answer takes and never the answer; a test runs every query with and without them.
"""

from __future__ import annotations

from collections.abc import Callable

from aql.plan import Plan
from aql.rules.contains import require_archetypes
from aql.rules.identity import restrict_identities
from aql.rules.leaf import choose_leaves
from aql.rules.paging import stop_early
from aql.rules.projection import leave_out_content

Rule = Callable[[Plan], Plan]

RULES: tuple[Rule, ...] = (restrict_identities, require_archetypes, choose_leaves, leave_out_content, stop_early)


def apply_rules(plan: Plan) -> Plan:
    """Return the plan after all rules, in their order."""
    for rule in RULES:
        plan = rule(plan)
    return plan
