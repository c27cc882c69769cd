"""The definition pages of the templates: docs/templates, in Norwegian and English, and docs/templates.md that leads there.

`make docs` writes them, a test compares them.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from cdr import resources
from cdr.am.opt14 import read_opt
from cdr.am.template import OperationalTemplate
from cdr.categories import CATEGORY_DETAIL, NATIONAL_SOURCE_DETAIL, categories
from cdr.webtemplate.page import definition_page, title_of
from cdr.webtemplate.page_words import LANGUAGES, word
from tests.support.tree import CHECKOUT

INDEX = CHECKOUT / "docs" / "templates.md"
FOLDER = CHECKOUT / "docs" / "templates"

_INDEX_TEXT = """\
# The templates of Kilde

What each template is for, what it may hold, and what it refuses. A template is compiled from its source
([templates](../templates)) with the [archetypes](../archetypes); [modelling.md](modelling.md) says how. Each comes with
examples, valid and invalid, that tests hold against it. `kilde template page` writes such a page for any template.
"""

_LEFT_TEXT = """
## What templates leave to services

A template judges one composition at a time, at the time when it comes. What needs more than that is the business of
whoever sends or shows the data:

- a summary says for problems, allergies, medicines and procedures either an entry, or an exclusion, or that the
  information is absent: content services do, a composition that says nothing on one of them is not refused
- an import names its source in FEEDER_AUDIT: receiving from sources writes it
- running services in a transfer summary are linked to their decisions
- a stop that has passed, and a retention time that has: what is valid today is not valid for ever
- a refuted reaction is kept and never shown as active; application data is shown to its application only
- next of kin are named without identity numbers: the templates have no place for them, free text cannot be searched for them

This page is written from the templates by `make docs`.
"""


def template_pages() -> dict[Path, str]:
    """Return the text of every page by its path."""
    templates = [(path, read_opt(path.read_bytes())) for path in resources.templates()]
    pages = {INDEX: "".join(_index(templates))}
    for path, template in templates:
        for language in LANGUAGES:
            pages[_page(path, language)] = "".join(_definition(path, template, language))
    return pages


def _page(path: Path, language: str) -> Path:
    return FOLDER / (f"{path.stem}.md" if language == "en" else f"{path.stem}.{language}.md")


def _index(templates: list[tuple[Path, OperationalTemplate]]) -> Iterator[str]:
    yield _INDEX_TEXT
    for category in categories():
        yield f"\n## {category.number}. {category.name['en']} ({category.name['nb']})\n\n"
        yield "| template | English | norsk | national source |\n|---|---|---|---|\n"
        for path, template in templates:
            details = template.description.other_details
            if details.get(CATEGORY_DETAIL) == category.key:
                links = (
                    f"[{title_of(template, language)}](templates/{_page(path, language).name})"
                    for language in ("en", "nb")
                )
                source = details.get(NATIONAL_SOURCE_DETAIL, "")
                yield f"| `{template.template_id}` | {' | '.join(links)} | {source} |\n"
    yield _LEFT_TEXT


def _definition(path: Path, template: OperationalTemplate, language: str) -> Iterator[str]:
    other = "nb" if language == "en" else "en"
    heading, _, rest = definition_page(template, language).partition("\n")
    yield f"{heading}\n\n[{word('other language', language)}]({_page(path, other).name})\n{rest}"
    examples = f"../../templates/examples/{path.stem}"
    yield f"\n## {word('examples', language)}\n\n"
    for name in ("minimal", "full"):
        yield f"- {word(name, language)}: [JSON]({examples}/{name}.json), [FLAT]({examples}/{name}.flat.json)\n"
    yield f"- [{word('invalid', language)}]({examples}/invalid)\n\n{word('generated', language)}\n"


def write_template_pages() -> None:
    """Write all pages."""
    FOLDER.mkdir(exist_ok=True)
    for path, text in template_pages().items():
        path.write_text(text, encoding="utf-8")
