"""`kilde template page`: the definition of a template for people, as Markdown."""

from __future__ import annotations

from pathlib import Path

import click


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--language", type=click.Choice(["nb", "en"]), default="nb", help="The language of the page. Default: nb."
)
@click.option("--output", type=click.Path(dir_okay=False, path_type=Path), help="Write to a file and not to stdout.")
def page(file: Path, *, language: str, output: Path | None) -> None:
    """Describe an operational template for people: purpose, category, every element and every rule, as Markdown."""
    from cdr.am.opt14 import read_opt  # loads the reference model
    from cdr.webtemplate.page import definition_page

    text = definition_page(read_opt(file.read_bytes()), language)
    if output is None:
        click.echo(text.rstrip())
    else:
        output.write_text(text, encoding="utf-8")
