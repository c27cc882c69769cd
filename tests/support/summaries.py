"""A server with all templates and one resident whose records come from five sources, and how to ask it for summaries."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import httpx

from cdr import resources
from tests.support.http import BASE, Json, upload

KILDE = "/rest/kilde/v1"


@dataclass(frozen=True, slots=True)
class Resident:
    """A resident of a server."""

    client: httpx.Client
    ehr_id: str

    def store(self, composition: Json) -> str:
        """Store a composition and return its version uid."""
        answer = self.client.post(
            f"{BASE}/ehr/{self.ehr_id}/composition",
            content=json.dumps(composition).encode(),
            headers={"content-type": "application/json"},
        )
        assert answer.status_code == 201, answer.text
        return answer.headers["etag"].removeprefix("W/").strip('"')

    def ask(self, service: str, **query: str) -> httpx.Response:
        """Ask for a summary; `begin` is the parameter `from`."""
        params = {("from" if name == "begin" else name): value for name, value in query.items()}
        answer = self.client.get(f"{KILDE}/ehr/{self.ehr_id}/summary/{service}", params=params)
        assert answer.status_code == 200, answer.text
        return answer

    def summary(self, service: str, **query: str) -> Json:
        """Return a summary as JSON."""
        found: Json = self.ask(service, **query).json()
        return found

    def review(self, **said: Any) -> httpx.Response:
        """Send a review."""
        return self.client.post(f"{KILDE}/ehr/{self.ehr_id}/review", content=json.dumps(said).encode())


def with_templates(client: httpx.Client) -> None:
    """Upload every template that comes with Kilde."""
    for path in resources.templates():
        upload(client, path.read_bytes())


def new_resident(client: httpx.Client) -> Resident:
    """Return a resident without records."""
    answer = client.post(f"{BASE}/ehr")
    assert answer.status_code == 201, answer.text
    return Resident(client, answer.headers["location"].rsplit("/", 1)[1])


def groups(summary: Json, section: str | None = None) -> Iterator[Json]:
    """Yield the groups of a summary in JSON, of one section or of all."""
    for one in summary["sections"]:
        if section is None or one["key"] == section:
            yield from one["groups"]


def group(summary: Json, title: str) -> Json:
    """Return the group with a title."""
    found = [one for one in groups(summary) if one["title"] == title]
    assert len(found) == 1, [one["title"] for one in groups(summary)]
    return found[0]


def section(summary: Json, key: str) -> Json:
    """Return a section."""
    found: Json = next(one for one in summary["sections"] if one["key"] == key)
    return found


def statements(summary: Json) -> Iterator[Json]:
    """Yield every statement of a summary, also those that were set aside."""
    for one in groups(summary):
        yield from one["statements"]
    for those in summary["set_aside"].values():
        yield from those


def flags(one: Json) -> set[str]:
    """Return the codes of the flags of a summary or group."""
    return {flag["code"] for flag in one.get("flags", ())}
