"""Settings: where values come from, and what is said about wrong ones."""

from __future__ import annotations

from pathlib import Path

import pytest

from cdr.config import REDACTED, AuthMode, SettingError, Settings, described, unknown_variables
from tests.support.command import kilde


def test_a_flag_wins_over_the_environment() -> None:
    assert Settings.load({"KILDE_PORT": "1"}, port="2").port == 2


def test_the_environment_wins_over_the_default() -> None:
    assert Settings.load({"KILDE_AUTH": "basic"}).auth is AuthMode.BASIC


def test_a_secret_may_be_in_a_file(tmp_path: Path) -> None:
    secret = tmp_path / "uri"
    secret.write_text("mongodb://db/\n")
    assert Settings.load({"KILDE_MONGO_URI_FILE": str(secret)}).mongo_uri == "mongodb://db/"


def test_a_secret_in_two_places_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingError, match="not both"):
        Settings.load({"KILDE_MONGO_URI_FILE": str(tmp_path), "KILDE_MONGO_URI": "mongodb://db/"})


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(SettingError, match="KILDE_PASSWORD_FILE"):
        Settings.load({"KILDE_PASSWORD_FILE": str(tmp_path / "absent")})


def test_a_setting_that_is_no_secret_has_no_file() -> None:
    assert unknown_variables({"KILDE_PORT_FILE": "x"}) == ["KILDE_PORT_FILE"]


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("port", "eighty", "a whole number"),
        ("port", "-1", "at least 0"),
        ("port", "65536", "at most 65535"),
        ("system_id", "a::b", "letters and digits"),
        ("system_id", "two words", "letters and digits"),
        ("workers", "0", "at least 1"),
        ("drain_seconds", "soon", "a number"),
        ("auth", "maybe", "none or basic or oidc"),
        ("admin", "perhaps", "true or false"),
    ],
)
def test_a_wrong_value_is_told_with_the_name_of_the_setting(name: str, value: str, expected: str) -> None:
    with pytest.raises(SettingError, match=expected) as told:
        Settings.load({f"KILDE_{name.upper()}": value})
    assert f"--{name.replace('_', '-')}" in told.value.message


def test_a_list_is_written_with_commas() -> None:
    assert Settings.load({"KILDE_CORS_ORIGINS": "https://a.no, https://b.no"}).cors_origins == (
        "https://a.no",
        "https://b.no",
    )


@pytest.mark.parametrize(("text", "expected"), [("false", False), ("0", False), ("TRUE", True), ("yes", True)])
def test_true_and_false_have_several_spellings(text: str, expected: bool) -> None:
    assert Settings.load({"KILDE_ADMIN": text}).admin is expected


def test_every_default_can_be_written_on_the_command_line() -> None:
    written = {each.name: each.shown_default for each in described() if each.shown_default}
    assert Settings.load({}, **written) == Settings.load({})


def test_an_unknown_flag_is_a_mistake_of_the_caller() -> None:
    with pytest.raises(SettingError, match="colour"):
        Settings.load({}, colour="red")


def test_data_goes_to_the_users_folder_by_default() -> None:
    assert Settings.load({"XDG_DATA_HOME": "/data"}).data == Path("/data/kilde")


def test_another_database_needs_no_data_folder() -> None:
    settings = Settings.load({"KILDE_MONGO_URI": "mongodb://db/"})
    assert settings.data is None
    with pytest.raises(SettingError):
        settings.data_folder()


def test_two_databases_are_refused() -> None:
    with pytest.raises(SettingError, match="either --data or --mongo-uri"):
        Settings.load({}, data="/a", mongo_uri="mongodb://db/")
    with pytest.raises(SettingError, match="KILDE_DATA"):
        Settings.load({"KILDE_DATA": "/a", "KILDE_MONGO_URI": "mongodb://db/"})


def test_a_database_named_by_a_flag_wins_over_the_environments() -> None:
    settings = Settings.load({"KILDE_DATA": "/a"}, mongo_uri="mongodb://db/")
    assert (settings.data, settings.mongo_uri) == (None, "mongodb://db/")
    settings = Settings.load({"KILDE_MONGO_URI": "mongodb://db/"}, data="/a")
    assert (settings.data, settings.mongo_uri) == (Path("/a"), None)


def test_an_empty_variable_is_not_set() -> None:
    assert Settings.load({"KILDE_PORT": "", "KILDE_MONGO_URI_FILE": ""}) == Settings.load({})


def test_secrets_are_hidden_only_when_asked() -> None:
    settings = Settings.load({"KILDE_PASSWORD": "hemmelig"})
    assert settings.shown(redacted=True)["password"] == REDACTED
    assert settings.shown(redacted=False)["password"] == "hemmelig"
    assert settings.shown(redacted=True)["mongo_uri"] is None


def test_a_login_within_an_address_is_hidden() -> None:
    settings = Settings.load({"KILDE_TERMINOLOGY_URL": "https://ola:hemmelig@terms.example/fhir"})
    assert settings.shown(redacted=True)["terminology_url"] == f"https://{REDACTED}@terms.example/fhir"
    assert settings.shown(redacted=False)["terminology_url"] == "https://ola:hemmelig@terms.example/fhir"


def test_every_setting_has_a_sentence() -> None:
    assert [each.name for each in described() if not each.about.doc.endswith(".")] == []


def test_config_show_prints_the_value_in_use_as_json() -> None:
    shown = kilde("config", "show", "--json", KILDE_SYSTEM_ID="drammen.kilde", KILDE_PASSWORD="hemmelig")
    assert shown.status == 0
    assert shown.json["system_id"] == "drammen.kilde"
    assert "hemmelig" not in shown.out


def test_config_show_prints_a_line_for_every_setting() -> None:
    shown = kilde("config", "show")
    assert [line.split()[0] for line in shown.out.splitlines()[1:]] == [each.flag for each in described()]


def test_a_misspelt_variable_is_warned_about() -> None:
    shown = kilde("config", "show", KILDE_PROT="1")
    assert shown.status == 0
    assert "KILDE_PROT" in shown.err
