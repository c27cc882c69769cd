"""Templates ready for use, kept by revision hash: a revision never changes, so nothing ever has to be thrown out early.

`Context.compiled` holds one; a miss reads the source again, so that a template uploaded through another worker is seen
at once.
"""

from __future__ import annotations

import threading
from collections import OrderedDict

from cdr.am.opt14 import read_opt
from cdr.am.template import OperationalTemplate
from cdr.ports import TemplateRecord


class CompiledTemplates:
    """At most `capacity` operational templates, the least recently used leaves first. Safe for many threads."""

    def __init__(self, capacity: int = 500) -> None:
        self._capacity = capacity
        self._templates: OrderedDict[str, OperationalTemplate] = OrderedDict()
        self._lock = threading.Lock()

    def of(self, record: TemplateRecord) -> OperationalTemplate:
        """Return the operational template of a stored revision."""
        with self._lock:
            found = self._templates.get(record.revision)
            if found is not None:
                self._templates.move_to_end(record.revision)
                return found
        # Reading takes tens of milliseconds: two threads that miss at once both read, and nobody waits.
        template = read_opt(record.source)
        self.keep(record.revision, template)
        return template

    def keep(self, revision: str, template: OperationalTemplate) -> None:
        """Remember the template of a revision."""
        with self._lock:
            self._templates[revision] = template
            self._templates.move_to_end(revision)
            while len(self._templates) > self._capacity:
                self._templates.popitem(last=False)
