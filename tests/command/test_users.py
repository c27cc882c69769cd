"""`kilde user` and logging in with what it made."""

from __future__ import annotations

from pathlib import Path

from tests.support.command import kilde, serving

PASSWORD = "en lang nok hemmelighet"


def test_a_user_added_beside_a_running_server_may_log_in(tmp_path: Path) -> None:
    with serving("--auth", "basic", data=tmp_path) as server:
        login = {"KILDE_USER": "kari", "KILDE_PASSWORD": PASSWORD, "KILDE_SERVER": server.url}
        assert kilde("template", "list", **login).status == 1
        added = kilde("user", "add", "kari", "--data", str(tmp_path), stdin=PASSWORD + "\n")
        assert (added.status, added.out) == (0, "")
        assert kilde("template", "list", **login).status == 0
        assert kilde("user", "remove", "kari", "--data", str(tmp_path)).status == 0
        assert kilde("template", "list", **login).status == 1


def test_users_are_kept_and_listed_without_passwords(tmp_path: Path) -> None:
    for name, role in (("ola", "user"), ("kari", "admin")):
        added = kilde("user", "add", name, "--role", role, "--data", str(tmp_path), stdin=PASSWORD + "\n")
        assert added.status == 0, added.err
    listed = kilde("user", "list", "--json", "--data", str(tmp_path))
    assert listed.json == [
        {"name": "kari", "role": "admin", "active": True},
        {"name": "ola", "role": "user", "active": True},
    ]


def test_a_short_password_is_refused_before_the_database_is_opened(tmp_path: Path) -> None:
    refused = kilde("user", "add", "ola", "--data", str(tmp_path / "data"), stdin="kort\n")
    assert refused.status == 2
    assert not (tmp_path / "data").exists()


def test_a_name_with_a_colon_is_refused(tmp_path: Path) -> None:
    assert kilde("user", "add", "a:b", "--data", str(tmp_path / "data"), stdin=PASSWORD + "\n").status == 2


def test_removing_an_unknown_user_is_status_1(tmp_path: Path) -> None:
    assert kilde("user", "remove", "ingen", "--data", str(tmp_path)).status == 1
