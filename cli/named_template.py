"""The template that an option or argument names: a file, one that comes with Kilde, or one on the server."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from cdr.config import Settings
from cli.client import XML, connected

if TYPE_CHECKING:
    from cdr.am.template import OperationalTemplate


def named_template(settings: Settings, named: str) -> OperationalTemplate:
    """Return the template; the server is asked only when it is in no file.

    Errors: BadInput for a file that is no operational template, NotFound for an unknown id.
    """
    from urllib.parse import quote

    from cdr import resources
    from cdr.am.opt14 import read_opt

    if Path(named).is_file():
        return read_opt(Path(named).read_bytes())
    for path in resources.templates():
        found = read_opt(path.read_bytes())
        if found.template_id == named:
            return found
    with connected(settings) as client:
        return read_opt(client.get(f"/definition/template/adl1.4/{quote(named, safe='')}", accept=XML).content)
