"""`kilde setup`: puts what comes with Kilde into a running server, and can be run again at any time."""

from __future__ import annotations

import time
from collections import Counter
from urllib.parse import quote

import click

from cdr.config import Settings
from cli.client import connected
from cli.exits import Failed, WrongUsage
from cli.options import CLIENT_SETTINGS, as_json, with_settings
from cli.output import show, show_json
from cli.progress import progress

_CONTENT = "/rest/kilde/v1/content"


@click.command()
@with_settings(*CLIENT_SETTINGS)
@click.option("--kind", "kinds", multiple=True, help="Only this kind of content (template, query); may be repeated.")
@click.option("--replace", is_flag=True, help="Put what came with the server in the place of what differs from it.")
@click.option("--dry-run", is_flag=True, help="Say what is absent or different and change nothing.")
@as_json
def setup(settings: Settings, *, kinds: tuple[str, ...], replace: bool, dry_run: bool, as_json: bool) -> None:
    """Store the templates and queries that come with Kilde.

    Needs an administrator. What is there stays as it is, so the command can be run again after every upgrade; what is
    there under the same name and is different is listed and ends the command with status 1. A template in use is only
    replaced by one that breaks no stored data.
    """
    rows: list[dict[str, object]] = []
    refused: list[str] = []
    with connected(settings) as client:
        items = client.send("GET", _CONTENT).json()["content"]
        unknown = sorted(set(kinds) - {item["kind"] for item in items})
        if unknown:
            raise WrongUsage(f"no content is of the kind {', '.join(unknown)}")
        if kinds:
            items = [item for item in items if item["kind"] in kinds]
        with progress("content", len(items)) as moved:
            for item in items:
                begun = time.monotonic()
                outcome = item["state"]
                if not dry_run and outcome != "present":
                    path = f"{_CONTENT}/{quote(item['kind'], safe='')}/{quote(item['name'], safe='')}"
                    try:
                        answer = client.send("POST", path, query={"replace": str(replace).lower()})
                        outcome = answer.json()["outcome"]
                    except Failed as failed:
                        if failed.exit_code != Failed.exit_code:
                            raise
                        outcome = "refused"
                        refused.append(f"{item['kind']} {item['name']}: {failed.message}")
                seconds = round(time.monotonic() - begun, 3)
                rows.append({"kind": item["kind"], "name": item["name"], "outcome": outcome, "seconds": seconds})
                moved(1)
    counts = Counter((str(row["kind"]), str(row["outcome"])) for row in rows)
    if as_json:
        show_json(rows)
    else:
        summary = [{"kind": kind, "outcome": outcome, "count": count} for (kind, outcome), count in counts.items()]
        show(summary, ["kind", "outcome", "count"], as_json=False, empty="nothing")
    differing = [f"{row['kind']} {row['name']} is different here" for row in rows if row["outcome"] == "different"]
    if refused or differing:
        raise Failed("\n".join([*refused, *differing]))
