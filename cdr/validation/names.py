"""Constraints on the names of nodes: the texts or the codes that a template gives them.

Source: AM 1.4, AOM1.4; RM 1.1.0, common.archetyped, LOCATABLE.name.
"""

from __future__ import annotations

from collections.abc import Mapping

from cdr.am.constraints import CComplexObject
from cdr.am.terms import Term
from cdr.rm import DvCodedText, RmObject
from cdr.validation.primitives import listed
from cdr.validation.report import Finding


class NameRule:
    """The names a node may have: `texts` or `codes`, each empty where it does not matter."""

    __slots__ = ("codes", "finding", "texts")

    def __init__(self, node: CComplexObject, *, terms: Mapping[str, Term]) -> None:
        codes = {code.code for code in node.name_codes}
        self.texts = frozenset(node.names) | {terms[code].text for code in codes if code in terms}
        self.codes = frozenset(codes)
        shown = listed([*node.names, *(terms[code].text if code in terms else code for code in sorted(codes))])
        self.finding = Finding("TPL_NAME", f"a name, one of {shown}", "name")

    def __bool__(self) -> bool:
        """Tell whether the name is constrained at all."""
        return bool(self.texts or self.codes)

    def is_met(self, obj: RmObject) -> bool:
        """Tell whether an object has such a name; an object without a name is left to the reference model."""
        name = getattr(obj, "name", None)
        if name is None:
            return True
        if name.value in self.texts:
            return True
        code = name.defining_code if isinstance(name, DvCodedText) else None
        return code is not None and code.code_string in self.codes
