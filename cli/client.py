"""Talking to a running server: one connection, its answers, and errors as people read them.

Commands that work on data go through here, so that they do what any other client may do and nothing else.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from cdr.config import Settings
from cli.exits import Failed, Unreachable

if TYPE_CHECKING:
    import httpx

BASE = "/rest/openehr/v1"
JSON = "application/json"
XML = "application/xml"


class Client:
    """A connection to the server of the settings; every answer that is not a success ends the command."""

    def __init__(self, connection: httpx.Client) -> None:
        self._connection = connection

    def get(self, path: str, *, accept: str = JSON, query: Mapping[str, str | int] | None = None) -> httpx.Response:
        """Ask for a resource below the openEHR base path."""
        return self.send("GET", BASE + path, headers={"Accept": accept}, query=query)

    def post(
        self, path: str, body: bytes, *, content_type: str = JSON, headers: Mapping[str, str] | None = None
    ) -> httpx.Response:
        """Post a body to a path below the openEHR base path; the answer holds the created resource."""
        given = {"Content-Type": content_type, "Accept": JSON, "Prefer": "return=representation", **(headers or {})}
        return self.send("POST", BASE + path, headers=given, body=body)

    def send(
        self,
        method: str,
        path: str,
        *,
        headers: Mapping[str, str] | None = None,
        body: bytes | Iterator[bytes] | None = None,
        query: Mapping[str, str | int] | None = None,
        accepted: Collection[int] = (),
    ) -> httpx.Response:
        """Send a request to any path of the server; a status in `accepted` is as good as a success."""
        import httpx

        try:
            answer = self._connection.request(method, path, headers=headers, content=body, params=query)
        except httpx.TimeoutException:
            raise Unreachable(f"no answer in time from {self._connection.base_url}; see --timeout-seconds") from None
        except httpx.HTTPError as error:
            reason = str(error) or type(error).__name__
            raise Unreachable(f"no server at {self._connection.base_url} ({reason}); see --server") from None
        if answer.is_success or answer.status_code in accepted:
            return answer
        raise (Unreachable if answer.status_code in (502, 503, 504) else Failed)(_complaint(answer))

    @contextmanager
    def lines(self, path: str, body: bytes, *, accept: str) -> Iterator[Iterator[str]]:
        """Post a body to a path below the openEHR base path and give the lines of the answer as they come."""
        import httpx

        headers = {"Content-Type": JSON, "Accept": accept}
        try:
            with self._connection.stream("POST", BASE + path, headers=headers, content=body) as answer:
                if not answer.is_success:
                    answer.read()
                    kind = Unreachable if answer.status_code in (502, 503, 504) else Failed
                    raise kind(_complaint(answer))
                yield answer.iter_lines()
        except httpx.HTTPError as error:
            reason = str(error) or type(error).__name__
            raise Unreachable(f"no whole answer from {self._connection.base_url} ({reason})") from None


@contextmanager
def connected(settings: Settings) -> Iterator[Client]:
    """Give a client of the settings' server; the connection closes after the block."""
    import httpx  # a tenth of a second that `kilde --help` must not pay

    login = (settings.user, settings.password or "") if settings.user else None
    with httpx.Client(base_url=settings.server, timeout=settings.timeout_seconds, auth=login) as connection:
        yield Client(connection)


def _complaint(answer: httpx.Response) -> str:
    """Return what the server said was wrong, every issue on a line of its own."""
    said = _json_object(answer)
    lines = [str(said.get("message") or f"the server answered {answer.status_code} {answer.reason_phrase}")]
    for issue in said.get("errors") or []:
        if isinstance(issue, dict):
            lines.append(f"  {issue.get('code', '')}: {issue.get('message', '')}".rstrip())
    return "\n".join(lines)


# `Any`: the body is whatever JSON the server sent.
def _json_object(answer: httpx.Response) -> dict[str, Any]:
    """Return the answer's body as an object, {} when it is none."""
    try:
        body = answer.json()
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}
