"""The ids of web template nodes, of which the keys of the FLAT format are made.

Other servers make the same ids from the same names, so clients can move; every rule here shows in their files.
Source: ITS-REST development, simplified_formats, section Node ID Generation Rules. That text numbers a repeated id
`_1`; all published web templates write `2` for the second and `3` for the third one, and so do we.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

_RUN = re.compile(r"_+")
_INTERVAL = re.compile(r"DV_INTERVAL<(?:DV_)?(\w+)>")


def id_of(name: str) -> str:
    """Return the id that a node's name gives, before siblings are told apart.

    >>> id_of("Problem/Diagnosis"), id_of("1st visit"), id_of("Körperstelle"), id_of("SpO₂")
    ('problem_diagnosis', 'a1st_visit', 'körperstelle', 'spo')
    """
    kept = "".join(character if _is_kept(character) else "_" for character in name)
    found = _RUN.sub("_", kept).lower().strip("_")
    if not found:
        return "id"
    return "a" + found if found[0].isdigit() else found


def unique_ids(wanted: Iterable[str]) -> list[str]:
    """Return the ids of siblings in their order, each one used once.

    >>> unique_ids(["time", "name", "time", "time"])
    ['time', 'name', 'time2', 'time3']
    """
    taken: set[str] = set()
    found: list[str] = []
    for plain in wanted:
        candidate, number = plain, 1
        while candidate in taken:
            number += 1
            candidate = f"{plain}{number}"
        taken.add(candidate)
        found.append(candidate)
    return found


def choice_id(rm_type: str) -> str:
    """Return the id of one of several types that an element's value may have.

    >>> choice_id("DV_QUANTITY"), choice_id("DV_INTERVAL<DV_COUNT>")
    ('quantity_value', 'interval_of_count_value')
    """
    interval = _INTERVAL.fullmatch(rm_type)
    if interval:
        return f"interval_of_{interval.group(1).lower()}_value"
    return rm_type.removeprefix("DV_").lower() + "_value"


def _is_kept(character: str) -> bool:
    # The rule keeps \p{IsAlphabetic}, the ASCII digits and three signs; superscript and other digits become "_".
    return character.isalpha() or character in "0123456789_.-"
