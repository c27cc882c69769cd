"""Example texts: sentences in the language of a template, and strings that match a simple pattern."""

from __future__ import annotations

import re

_SENTENCES = {
    "nb": "Eksempel på {name}",
    "nn": "Døme på {name}",
    "no": "Eksempel på {name}",
    "sv": "Exempel på {name}",
    "da": "Eksempel på {name}",
    "de": "Beispiel für {name}",
    "es": "Ejemplo de {name}",
    "pt": "Exemplo de {name}",
    "fr": "Exemple de {name}",
    "nl": "Voorbeeld van {name}",
    "sl": "Primer: {name}",
}


def sentence(name: str, *, language: str, number: int = 0) -> str:
    """Return an example text for a node.

    >>> sentence("Kommentar", language="nb"), sentence("Comment", language="en", number=1)
    ('Eksempel på kommentar', 'Example of comment 2')
    """
    form = _SENTENCES.get(language.partition("-")[0].lower(), "Example of {name}")
    lowered = name[:1].lower() + name[1:] if name[1:2].islower() else name
    return form.format(name=lowered) + (f" {number + 1}" if number else "")


def matching(pattern: str) -> str:
    """Return a string that a regular expression matches whole, `""` where none of the usual ones does.

    >>> matching("[A-Z]{3}"), matching("yes|no")
    ('AAA', 'yes')
    """
    try:
        regex = re.compile(pattern)
    except re.error:
        return ""
    # A literal, or one of several literals, with its escapes undone; then runs of one kind of character.
    literals = [re.sub(r"\\(.)", r"\1", part.strip("^$()")) for part in (pattern, *pattern.split("|"))]
    runs = [kind * length for length in range(1, 13) for kind in ("A", "a", "1", "Aa")]
    shapes = ("AB-1001", "2024-03-15", "8849182c-82ad-4088-a07f-48ead4180515", "Eksempel", "example text")
    return next((candidate for candidate in (*literals, *shapes, *runs) if regex.fullmatch(candidate)), "")
