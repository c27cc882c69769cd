"""`kilde template compile`, `lint` and `diff`: from a template source to a safe roll-out, without a server."""

from __future__ import annotations

from pathlib import Path

import click

from cli.exits import Failed
from cli.options import as_json
from cli.output import show, show_json

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)


@click.command(name="compile")
@click.argument("source", type=_FILE)
@click.option(
    "--archetypes",
    "folders",
    multiple=True,
    type=_FOLDER,
    help="A folder with archetypes (.adl), searched with its subfolders; may be given several times, the first wins. "
    "Default: Kilde's own archetypes.",
)
@click.option("--language", default="", help="The language of the template; default: that of the root archetype.")
@click.option("--output", type=click.Path(dir_okay=False, path_type=Path), help="Write to a file and not to stdout.")
def compile_source(source: Path, *, folders: tuple[Path, ...], language: str, output: Path | None) -> None:
    """Compile a template source (.oet) with its archetypes into an operational template (OPT 1.4).

    Every fault is said with its line in SOURCE; warnings go to stderr and stop nothing.
    """
    from cdr.am.compile import ArchetypeLibrary, compile_template  # loads the reference model
    from cdr.am.oet import read_oet
    from cdr.am.opt14_write import write_opt
    from cdr.resources import folder

    library = ArchetypeLibrary(folders or [folder("archetypes")])
    compiled = compile_template(read_oet(source.read_bytes()), library, language=language)
    for warning in compiled.warnings:
        click.echo(f"kilde: warning: {source}: {warning.message}", err=True)
    document = write_opt(compiled.template)
    if output is None:
        click.echo(document.rstrip())
    else:
        output.write_bytes(document)


@click.command()
@click.argument("files", nargs=-1, required=True, type=_FILE)
@click.option("--language", "languages", multiple=True, help="A language that every term needs. Default: nb and en.")
@as_json
def lint(files: tuple[Path, ...], *, languages: tuple[str, ...], as_json: bool) -> None:
    """Look for what is allowed in operational templates and still unwise.

    Status 1 when there is a warning in any of FILES; notes are only shown.
    """
    from cdr.am.findings import Level
    from cdr.am.lint import LANGUAGES
    from cdr.am.lint import lint as find
    from cdr.am.opt14 import read_opt
    from cdr.webtemplate.flat_lint import flat_lint

    rows = []
    warnings = 0
    for file in files:
        template = read_opt(file.read_bytes())
        for finding in [*find(template, languages=languages or LANGUAGES), *flat_lint(template)]:
            warnings += finding.rule.level is Level.WARNING
            rows.append(
                {
                    "file": str(file),
                    "level": finding.rule.level.value,
                    "code": finding.rule.code,
                    "path": finding.path,
                    "label": finding.label,
                    "expected": finding.expected,
                    "hint": finding.hint,
                }
            )
    show(rows, ["level", "code", "path", "expected", "hint"], as_json=as_json, empty="nothing to say")
    if warnings:
        raise Failed(f"{warnings} warning{'s' if warnings > 1 else ''}")


@click.command()
@click.argument("old", type=_FILE)
@click.argument("new", type=_FILE)
@as_json
def diff(old: Path, new: Path, *, as_json: bool) -> None:
    """Say what a new version of a template changes, and for whom.

    For each change: compatible, additive or breaking, for stored data, for FLAT clients and for stored queries.
    Status 1 when anything is breaking.
    """
    from cdr.am.change import Verdict, worst
    from cdr.am.diff import compare
    from cdr.am.opt14 import read_opt
    from cdr.webtemplate.flat_diff import flat_changes

    was, now = read_opt(old.read_bytes()), read_opt(new.read_bytes())
    changes = [*compare(was, now), *flat_changes(was, now)]
    rows = [
        {
            "change": change.kind.name.lower(),
            "path": change.path,
            "label": change.label,
            "before": change.before,
            "after": change.after,
            "data": change.data.value,
            "flat": change.flat.value,
            "queries": change.queries.value,
            "meaning": change.kind.meaning,
        }
        for change in changes
    ]
    verdicts = {
        "data": worst([change.data for change in changes]),
        "flat": worst([change.flat for change in changes]),
        "queries": worst([change.queries for change in changes]),
    }
    if as_json:
        show_json({"verdict": {name: verdict.value for name, verdict in verdicts.items()}, "changes": rows})
    else:
        columns = ["change", "path", "before", "after", "data", "flat", "queries"]
        show(rows, columns, as_json=False, empty="the two are equal")
    broken = [name for name, verdict in verdicts.items() if verdict is Verdict.BREAKING]
    if broken:
        raise Failed(f"breaking for {', '.join(broken)}")
