"""The template compiler: a template source and archetypes to an operational template.

`library` finds archetypes, `draft` holds the tree while it is being narrowed, `rules` applies what the source says,
`values` narrows leaf constraints, and `compiler` puts it all together.
"""

from __future__ import annotations

from cdr.am.compile.compiler import Compiled, compile_template
from cdr.am.compile.library import ArchetypeLibrary

__all__ = ["ArchetypeLibrary", "Compiled", "compile_template"]
