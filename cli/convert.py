"""`kilde template web`, `kilde template example` and `kilde composition convert`: formats without a server."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from cdr.config import FlatDialect, Settings
from cli.named_template import named_template
from cli.options import CLIENT_SETTINGS, with_settings

if TYPE_CHECKING:
    from cdr import rm
    from cdr.am.template import OperationalTemplate
    from cdr.webtemplate import WebTemplateNode

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_FORMATS = ("json", "xml", "flat", "structured")
_DIALECTS = [str(each) for each in FlatDialect]
_TEMPLATE = "A template file, the id of a template that comes with Kilde, or the id of one on the server."


@click.command(name="web")
@click.argument("template")
@with_settings(*CLIENT_SETTINGS)
@click.option("--keys", is_flag=True, help="Print the FLAT keys, one a line, instead of the web template.")
def web_template(settings: Settings, *, template: str, keys: bool) -> None:
    """Print the web template of an operational template as JSON.

    TEMPLATE is a file, the id of a template that comes with Kilde, or the id of one on the server.
    """
    from cdr.webtemplate import build, to_json  # loads the reference model, which other commands do not need

    built = build(named_template(settings, template))
    if not keys:
        click.echo(_indented(to_json(built)))
        return
    for line in _keys(built.root.children, built.root.id):
        click.echo(line)


@click.command(name="example")
@click.argument("template")
@with_settings(*CLIENT_SETTINGS)
@click.option("--format", "form", type=click.Choice(_FORMATS), default="flat", show_default=True, help="Form.")
@click.option(
    "--type",
    "kind",
    type=click.Choice(["input", "output"]),
    default="input",
    show_default=True,
    help="As it is sent, or as it is received.",
)
@click.option(
    "--detail",
    type=click.Choice(["required", "medium", "complete"]),
    default="medium",
    show_default=True,
    help="What has to be there, everything once, or repetitions as well.",
)
@click.option("--language", default="", help="The language of the data; default: that of the template.")
def template_example(settings: Settings, *, template: str, form: str, kind: str, detail: str, language: str) -> None:
    """Print an example composition that is valid for a template.

    TEMPLATE is a file, the id of a template that comes with Kilde, or the id of one on the server.
    """
    import orjson

    from cdr.formats import structured
    from cdr.formats.flat.example import Detail, Kind, example, mapping
    from cdr.webtemplate import build

    found = named_template(settings, template)
    built = build(found)
    asked, level = Kind(kind), Detail(detail)
    if asked is Kind.INPUT and form in ("flat", "structured"):
        keys = mapping(built, found, kind=asked, detail=level, language=language)
        tree = keys if form == "flat" else structured.nest(keys)
        click.echo(_indented(orjson.dumps(tree)))
    else:
        made = example(built, found, kind=asked, detail=level, language=language)
        click.echo(_written(made, form, found))


@click.command(name="convert")
@click.argument("file", type=_FILE)
@with_settings(*CLIENT_SETTINGS)
@click.option("--to", "wanted", required=True, type=click.Choice(_FORMATS), help="The form to write.")
@click.option("--from", "given", type=click.Choice(_FORMATS), help="The form of FILE; default: json, xml for .xml.")
@click.option("--template", help=_TEMPLATE + " Needed for flat and structured.")
@click.option(
    "--dialect",
    type=click.Choice(_DIALECTS),
    default=_DIALECTS[0],
    show_default=True,
    help="Habits of flat and structured where the specification is silent.",
)
def convert(
    settings: Settings, *, file: Path, wanted: str, given: str | None, template: str | None, dialect: str
) -> None:
    """Print a composition in another form.

    FILE holds one composition; what it does not say is completed as a server would complete it.
    """
    given = given or ("xml" if file.suffix.lower() == ".xml" else "json")
    if template is None and not {given, wanted}.isdisjoint(("flat", "structured")):
        raise click.UsageError("--template is needed for flat and structured")
    found = named_template(settings, template) if template is not None else None
    click.echo(_written(_read(file.read_bytes(), given, found, dialect), wanted, found, dialect))


def _read(body: bytes, form: str, template: OperationalTemplate | None, dialect: str) -> rm.Composition:
    """Return the composition in a body."""
    import orjson

    from cdr import rm
    from cdr.errors import BadInput
    from cdr.formats import canonical_json, canonical_xml, flat, structured
    from cdr.identity import SystemClock
    from cdr.webtemplate import build

    if form == "json":
        return canonical_json.decode(body, rm.Composition)
    if form == "xml":
        return canonical_xml.decode(body, rm.Composition)
    assert template is not None
    try:
        tree = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise BadInput("the file must hold JSON", code="FLAT") from error
    if not isinstance(tree, dict):
        raise BadInput("the file must hold a JSON object", code="FLAT")
    decode = flat.decode if form == "flat" else structured.decode
    return decode(tree, build(template), template, now=SystemClock().now(), dialect=flat.DIALECTS[dialect])


def _written(
    composition: rm.Composition, form: str, template: OperationalTemplate | None, dialect: str = _DIALECTS[0]
) -> str:
    """Return a composition as text."""
    import orjson

    from cdr.formats import canonical_json, canonical_xml, flat, structured
    from cdr.webtemplate import build

    if form == "json":
        return _indented(canonical_json.encode(composition))
    if form == "xml":
        return canonical_xml.encode(composition).decode().rstrip()
    assert template is not None
    encode = flat.encode if form == "flat" else structured.encode
    return _indented(orjson.dumps(encode(composition, build(template), template, dialect=flat.DIALECTS[dialect])))


def _indented(text: bytes) -> str:
    """Return JSON with line breaks, for people."""
    import json

    return json.dumps(json.loads(text), ensure_ascii=False, indent=2)


def _keys(nodes: tuple[WebTemplateNode, ...], path: str) -> list[str]:
    """Return the FLAT keys of nodes and of all below them."""
    found: list[str] = []
    for node in nodes:
        own = f"{path}/{node.id}:0" if node.is_repeating else f"{path}/{node.id}"
        if node.children and not node.rm_type.startswith("DV_"):
            found.extend(_keys(node.children, own))
        else:
            found.append(f"{own}  {node.rm_type}")
    return found
