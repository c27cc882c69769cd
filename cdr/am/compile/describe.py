"""The description of a compiled template: who made it, its state, and what it is for in each language.

A template source has its texts once, in the language of the template. Those of other languages are entries of its
`other_details` whose key names text and language, for instance `purpose:en`; they become the description in that
language and are left out of `other_details`.
"""

from __future__ import annotations

import re

from cdr.am.oet import TemplateSource
from cdr.am.template import Description, DescriptionDetails

_TRANSLATED = re.compile(r"(name|purpose|use|misuse):([a-z]{2}(?:-[a-z]{2})?)")


def description_of(source: TemplateSource, *, language: str) -> Description:
    """Return the description of a template; `language` is the one that the source's own texts are written in.

    Shape: the name of the template in another language is `name` in the `other_details` of that language.
    """
    translated: dict[str, dict[str, str]] = {}
    other_details: dict[str, str] = {}
    for key, value in source.other_details.items():
        match = _TRANSLATED.fullmatch(key)
        if match is None or match.group(2) == language:
            other_details[key] = value
        else:
            translated.setdefault(match.group(2), {})[match.group(1)] = value
    details = {
        language: DescriptionDetails(
            language=language,
            purpose=source.details.get("purpose", ""),
            use=source.details.get("use", ""),
            misuse=source.details.get("misuse", ""),
            copyright=source.details.get("copyright", ""),
            keywords=source.keywords,
        )
    }
    for other, texts in translated.items():
        details[other] = DescriptionDetails(
            language=other,
            purpose=texts.get("purpose", ""),
            use=texts.get("use", ""),
            misuse=texts.get("misuse", ""),
            other_details={"name": texts["name"]} if "name" in texts else {},
        )
    return Description(
        lifecycle_state=source.lifecycle_state or "Initial",
        original_author=source.original_author or {"name": ""},
        other_contributors=source.other_contributors,
        other_details=other_details,
        details=details,
    )
