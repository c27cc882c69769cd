"""What servers do differently in FLAT where the specification is silent: chosen by a setting, never guessed.

Source: ITS-REST development, simplified_formats: says nothing of the names of repeated siblings, of the state of an
action whose keys and `ctx/` leave it out, nor of a second form of the id of an identifier.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    """The habits of one family of clients; the same dialect has to read and to write.

    `numbers_names`: the second of repeated siblings is called `Name #2`, so that paths by name are unique.
    `action_state`: code (openEHR group instruction states) of an action that says none, `""` for none: it is then
    refused as incomplete. `has_bare_identifiers`: the id of a DV_IDENTIFIER stands at the FLAT key itself, not `|id`.
    """

    numbers_names: bool = False
    action_state: str = ""
    has_bare_identifiers: bool = False


SPECIFICATION = Dialect()
BETTER = Dialect(numbers_names=True, action_state="532", has_bare_identifiers=True)

DIALECTS = {"specification": SPECIFICATION, "better": BETTER}
