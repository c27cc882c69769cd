"""The Dockerfile and the compose file fit the program: settings that exist, a health check that is answered, time to
drain, and a database with transactions.
"""

from __future__ import annotations

import re
from typing import Any

import yaml  # type: ignore[import-untyped]  # its stubs are a package of their own

from cdr.api.roles import ROLES, Role
from cdr.config import AuthMode, Settings, described
from cli.main import COMMANDS
from tests.support.tree import CHECKOUT

DOCKERFILE = (CHECKOUT / "Dockerfile").read_text(encoding="utf-8")
SERVICES: Any = yaml.safe_load((CHECKOUT / "compose.yaml").read_text(encoding="utf-8"))["services"]
KNOWN = {f"KILDE_{setting.name.upper()}" for setting in described()}


def from_dockerfile() -> dict[str, str]:
    """Return the settings that the Dockerfile gives."""
    return dict(re.findall(r"\b(KILDE_\w+)=(\S+)", DOCKERFILE))


def test_every_setting_of_the_container_exists() -> None:
    given = {**from_dockerfile(), **SERVICES["kilde"]["environment"]}
    assert set(given) <= KNOWN
    assert {"KILDE_HOST", "KILDE_AUTH", "KILDE_MONGO_URI"} <= set(given)


def test_the_container_listens_to_others_only_with_a_login() -> None:
    given = from_dockerfile()
    assert given["KILDE_HOST"] == "0.0.0.0"
    assert AuthMode(given["KILDE_AUTH"]) is not AuthMode.NONE
    assert all(port.startswith("127.0.0.1:") for port in SERVICES["kilde"]["ports"])
    assert "ports" not in SERVICES["mongo"]


def test_the_container_serves_as_somebody_without_rights() -> None:
    assert re.search(r"^USER 10001$", DOCKERFILE, re.MULTILINE)
    assert re.search(r'^ENTRYPOINT \["kilde"\]$', DOCKERFILE, re.MULTILINE)
    command = re.search(r'^CMD \["(\w+)"\]$', DOCKERFILE, re.MULTILINE)
    assert command is not None
    assert command[1] in COMMANDS


def test_the_health_check_needs_no_login() -> None:
    address = re.search(r"http://127\.0\.0\.1:(\d+)(/[a-z/]+)", DOCKERFILE)
    assert address is not None
    assert int(address[1]) == Settings().port
    assert Role.ANYBODY in ROLES[f"GET {address[2]}"]


def test_there_is_time_to_drain() -> None:
    grace = int(SERVICES["kilde"]["stop_grace_period"].removesuffix("s"))
    assert grace >= Settings().drain_seconds + 5


def test_the_database_is_a_replica_set_that_the_address_names() -> None:
    command = SERVICES["mongo"]["command"]
    name = command[command.index("--replSet") + 1]
    assert f"replicaSet={name}" in SERVICES["kilde"]["environment"]["KILDE_MONGO_URI"]
    assert f"_id: '{name}'" in SERVICES["mongo"]["healthcheck"]["test"]
    assert SERVICES["kilde"]["depends_on"]["mongo"]["condition"] == "service_healthy"
