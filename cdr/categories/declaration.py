"""What a template says of itself: its category, and the national source that holds the truth, if there is one.

A template says it in the `other_details` of its description, under the ids `category` and `national_source`. Several
national sources are separated by commas.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from cdr.categories.registry import category_keys
from cdr.issue import Issue

CATEGORY_DETAIL = "category"
NATIONAL_SOURCE_DETAIL = "national_source"

_WHERE = "/template/description/other_details"


@dataclass(frozen=True, slots=True, kw_only=True)
class Declaration:
    """A template's category (None: it says none) and its national sources; `issues` when what it says is wrong."""

    category: str | None = None
    national_sources: tuple[str, ...] = ()
    issues: tuple[Issue, ...] = ()


def declared(details: Mapping[str, str], *, rm_type: str = "COMPOSITION") -> Declaration:
    """Return what the `other_details` of a template with a root of this RM type declare.

    Issues: `OPT_CATEGORY` for a category that is none of the nine, and for one on a template that is not of
    compositions: people, staff and organisations are registers, not content.
    """
    category = details.get(CATEGORY_DETAIL)
    issues = []
    if category is not None and category not in category_keys():
        issues.append(_issue(CATEGORY_DETAIL, f"one of the nine categories: {', '.join(category_keys())}"))
    elif category is not None and rm_type != "COMPOSITION":
        issues.append(_issue(CATEGORY_DETAIL, "a category only where the template is of compositions"))
    if issues:
        return Declaration(issues=tuple(issues))
    return Declaration(category=category, national_sources=sources_of(details.get(NATIONAL_SOURCE_DETAIL, "")))


def sources_of(text: str) -> tuple[str, ...]:
    """Return the national sources in a text with commas between.

    Example:
    >>> sources_of("e-resept, PLL")
    ('e-resept', 'PLL')
    """
    return tuple(part.strip() for part in text.split(",") if part.strip())


def _issue(detail: str, expected: str) -> Issue:
    return Issue(code="OPT_CATEGORY", path=f'{_WHERE}[@id="{detail}"]', expected=expected)
