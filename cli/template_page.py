"""`kilde template page`: the definition of a template for people, as Markdown."""

from __future__ import annotations

from pathlib import Path

import click

from cdr.config import Settings
from cli.named_template import named_template
from cli.options import CLIENT_SETTINGS, with_settings


@click.command()
@click.argument("template")
@with_settings(*CLIENT_SETTINGS)
@click.option(
    "--language", type=click.Choice(["nb", "en"]), default="nb", help="The language of the page. Default: nb."
)
@click.option("--output", type=click.Path(dir_okay=False, path_type=Path), help="Write to a file and not to stdout.")
def page(settings: Settings, *, template: str, language: str, output: Path | None) -> None:
    """Describe an operational template for people: purpose, category, every element and every rule, as Markdown.

    TEMPLATE is a file, the id of a template that comes with Kilde, or the id of one on the server.
    """
    from cdr.webtemplate.page import definition_page  # loads the reference model

    text = definition_page(named_template(settings, template), language)
    if output is None:
        click.echo(text.rstrip())
    else:
        output.write_text(text, encoding="utf-8")
