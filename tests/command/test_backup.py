"""`kilde backup` and `kilde restore`: the same tenant in another place, every version of it."""

from __future__ import annotations

import stat
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from cli.demo.load import lines_of
from cli.demo.residents import SEED, residents
from tests.command.conftest import TEMPLATE
from tests.support.command import Server, kilde, serving

ALL_VERSIONS = (
    "SELECT c/uid/value AS uid FROM EHR e CONTAINS VERSION v[ALL_VERSIONS] CONTAINS COMPOSITION c ORDER BY c/uid/value"
)
PERSON = next(residents(1, seed=5, contacts=2))


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Server, Path]]:
    """A server with two compositions, one of them in two versions, and a backup of it."""
    folder = tmp_path_factory.mktemp("original")
    lines = folder / "lines.ndjson"
    lines.write_bytes(b"\n".join(lines_of(PERSON, seed=SEED)))
    with serving(data=folder / "data") as server:
        assert kilde("template", "upload", str(TEMPLATE), "--server", server.url).status == 0
        assert kilde("import", str(lines), "--create-ehrs", "--server", server.url).status == 0
        uid = _uids(server)[0]
        base = f"{server.url}/rest/openehr/v1/ehr/{PERSON.ehr_id}/composition/"
        changed = httpx.get(base + uid).json()
        changed["composer"]["name"] = "Testlege 1"
        del changed["uid"]
        answer = httpx.put(base + uid.partition("::")[0], json=changed, headers={"If-Match": f'"{uid}"'})
        assert answer.is_success, answer.text
        done = kilde("backup", str(folder / "backup"), "--data", str(folder / "data"))
        assert done.status == 0, done.err
        yield server, folder / "backup"


def _uids(server: Server, query: str = ALL_VERSIONS) -> list[str]:
    return [row[0] for row in kilde("query", "run", query, "--json", "--server", server.url).json["rows"]]


def test_a_restored_tenant_has_every_version_under_its_uid(original: tuple[Server, Path], tmp_path: Path) -> None:
    server, file = original
    done = kilde("restore", str(file), "--data", str(tmp_path))
    # The status of the EHR is a version too.
    assert (done.status, done.out) == (0, "4 versions stored\n"), done.err
    with serving(data=tmp_path) as other:
        assert len(_uids(server)) == 3
        assert _uids(other) == _uids(server)
        path = f"/rest/openehr/v1/ehr/{PERSON.ehr_id}/composition/{_uids(server)[0]}"
        assert httpx.get(other.url + path).content == httpx.get(server.url + path).content


def test_restoring_twice_is_refused(original: tuple[Server, Path], tmp_path: Path) -> None:
    assert kilde("restore", str(original[1]), "--data", str(tmp_path)).status == 0
    assert kilde("restore", str(original[1]), "--data", str(tmp_path)).status == 1


def test_a_backup_is_for_its_owner_only(original: tuple[Server, Path]) -> None:
    assert stat.S_IMODE(original[1].stat().st_mode) == 0o600


def test_a_backup_never_replaces_a_file(original: tuple[Server, Path], tmp_path: Path) -> None:
    refused = kilde("backup", str(original[1]), "--data", str(tmp_path / "data"))
    assert refused.status == 2
    assert not (tmp_path / "data").exists()


def test_a_file_that_is_no_backup_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("hello\n")
    assert kilde("restore", str(tmp_path / "file"), "--data", str(tmp_path / "data")).status == 1
