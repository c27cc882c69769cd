"""The nine information categories: what they are, and how a template says which one it belongs to.

Pure: data from `templates/categories.json` in, frozen values out. The services decide what to do with them.
"""

from __future__ import annotations

from cdr.categories.declaration import CATEGORY_DETAIL, NATIONAL_SOURCE_DETAIL, Declaration, declared
from cdr.categories.registry import Category, CodedNode, categories, category_keys, find_category

__all__ = [
    "CATEGORY_DETAIL",
    "NATIONAL_SOURCE_DETAIL",
    "Category",
    "CodedNode",
    "Declaration",
    "categories",
    "category_keys",
    "declared",
    "find_category",
]
