"""Stopping early: without an order, the first rows in the order of the store fill the page."""

from __future__ import annotations

from dataclasses import replace

from aql.plan import Plan


def stop_early(plan: Plan) -> Plan:
    """Return the plan with the mark that rows behind the page need not be found."""
    can_stop = (
        plan.limit is not None
        and plan.limit >= 0
        and not plan.checked.order
        and not plan.query.is_aggregating
        and plan.limit + plan.offset <= 100_000
    )
    return replace(plan, can_stop_early=can_stop) if can_stop else plan
