"""`Settings`: everything about a run that can be chosen, and the only reader of the environment.

A value comes from a flag, else from `KILDE_<NAME>`, else from the file that `KILDE_<NAME>_FILE` names (secrets only),
else from the default. `described()` says all of it as data: the command line makes its options of it, `kilde config
show` prints it and `docs/settings.md` is written from it.
"""

from __future__ import annotations

import dataclasses
import os
import re
from collections.abc import Mapping
from dataclasses import Field, dataclass
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, get_args, get_origin, get_type_hints

from cdr.choices import AuthMode, EtagForm, FlatDialect, NationalCopies, QueryListForm, WhenDownChoice
from cdr.errors import KildeError

__all__ = [
    "REDACTED",
    "About",
    "Audience",
    "AuthMode",
    "EtagForm",
    "FlatDialect",
    "NationalCopies",
    "QueryListForm",
    "Setting",
    "SettingError",
    "Settings",
    "WhenDownChoice",
    "default_data_folder",
    "described",
    "names",
    "runtime_folder",
    "unknown_variables",
]

PREFIX = "KILDE_"
REDACTED = "********"

_NOT_WANTED = object()
# A version uid is object::system::version, so the id has the letters of a UID (BASE 1.2.0, base_types, UID).
_SYSTEM_ID = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]{0,198}[A-Za-z0-9])?")
_TRUE = ("1", "true", "yes", "on")
_FALSE = ("0", "false", "no", "off", "")


class SettingError(KildeError):
    """A setting has a value that cannot be used; the message names the setting and says what was expected."""


class Audience(StrEnum):
    """Which commands a setting is for: those that run a server, or those that talk to one."""

    SERVER = "server"
    CLIENT = "client"


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """What is said of a setting beside its type and default."""

    doc: str
    secret: bool = False
    audience: Audience = Audience.SERVER
    minimum: float | None = None
    maximum: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """One run's settings. Values are checked by `load`; the constructor takes them as they are."""

    host: Annotated[str, About(doc="Address to listen on.")] = "127.0.0.1"
    port: Annotated[
        int, About(doc="Port to listen on; 0 takes a free one, which the ready line names.", minimum=0, maximum=65535)
    ] = 8080
    data: Annotated[
        Path | None,
        About(
            doc="Folder of the embedded database; created when absent. Without a value: `kilde` in the folder "
            "that XDG_DATA_HOME names, else `~/.local/share/kilde`."
        ),
    ] = None
    mongo_uri: Annotated[
        str | None,
        About(
            doc="Connection string of a MongoDB replica set or sharded cluster, instead of the embedded one.",
            secret=True,
        ),
    ] = None
    mongod: Annotated[
        Path | None,
        About(
            doc="Path of the mongod program to run; without a value the installed wheel's, else the one on the PATH."
        ),
    ] = None
    cache_gb: Annotated[float, About(doc="Memory for the embedded database's cache, in GiB.", minimum=0.25)] = 1.0
    system_id: Annotated[str, About(doc="The system id: the middle part of every version uid made here.")] = (
        "local.kilde"
    )
    tenant: Annotated[str, About(doc="Name of the municipality whose database is used.")] = "default"
    time_zone: Annotated[str, About(doc="Time zone (IANA name) of dates and times that carry no offset.")] = (
        "Europe/Oslo"
    )
    terminology_url: Annotated[
        str | None,
        About(
            doc="Base address of a FHIR R4 terminology server for value sets outside the templates; without one only "
            "what comes with Kilde is known, and other codes are accepted with a warning."
        ),
    ] = None
    terminology_token: Annotated[str | None, About(doc="Bearer token for the terminology server.", secret=True)] = None
    terminology_seconds: Annotated[
        float, About(doc="How long an answer of the terminology server may take, in seconds.", minimum=0.1)
    ] = 3.0
    terminology_when_down: Annotated[
        WhenDownChoice,
        About(doc="What happens to codes while the terminology server is down: `accept` warns, `refuse` answers 503."),
    ] = WhenDownChoice.ACCEPT
    shipped_content: Annotated[
        bool,
        About(
            doc="Whether the templates and queries that come with Kilde are stored at the start where they are absent, "
            "as `kilde setup` does."
        ),
    ] = False
    mappings: Annotated[
        Path | None,
        About(doc="Folder with mappings of one's own for received messages, beside those that come with Kilde."),
    ] = None
    registered_only: Annotated[
        bool, About(doc="Whether compositions are only taken under templates with one of the nine categories.")
    ] = False
    national_copies: Annotated[
        NationalCopies,
        About(
            doc="What happens to content that does not name its template's national source in FEEDER_AUDIT: `accept` "
            "warns when it is validated, `refuse` answers 422."
        ),
    ] = NationalCopies.ACCEPT
    auth: Annotated[
        AuthMode, About(doc="How callers say who they are. `none` is refused when listening beyond this machine.")
    ] = AuthMode.NONE
    workers: Annotated[int, About(doc="Number of processes that answer requests.", minimum=1)] = 1
    drain_seconds: Annotated[
        float,
        About(doc="How long requests that are under way may take to finish after SIGTERM, in seconds.", minimum=0),
    ] = 10.0
    max_body_mb: Annotated[int, About(doc="Largest request body that is read, in MiB.", minimum=1)] = 32
    max_bulk_mb: Annotated[int, About(doc="Largest body of a bulk commit, in MiB.", minimum=1)] = 512
    body_seconds: Annotated[
        float, About(doc="How long a request body may take to arrive, in seconds.", minimum=0.1)
    ] = 60.0
    commit_threads: Annotated[int, About(doc="How many commits a process works on at once.", minimum=1)] = 16
    read_threads: Annotated[int, About(doc="How many reads a process works on at once.", minimum=1)] = 16
    query_threads: Annotated[int, About(doc="How many queries a process works on at once.", minimum=1)] = 8
    query_seconds: Annotated[
        float, About(doc="How long a query may take, in seconds; then it is answered with 408.", minimum=0.1)
    ] = 30.0
    query_stream_seconds: Annotated[
        float,
        About(
            doc="How long a streamed answer may take, in seconds. A database keeps what a snapshot sees for five "
            "minutes unless it is told otherwise.",
            minimum=1,
        ),
    ] = 240.0
    query_streams: Annotated[
        int, About(doc="How many streamed answers of queries a process has open at once.", minimum=1)
    ] = 16
    base_path: Annotated[str, About(doc="Path of the openEHR REST API.")] = "/rest/openehr/v1"
    admin: Annotated[bool, About(doc="Whether the addresses for physical deletion exist.")] = True
    ecis: Annotated[
        bool, About(doc="Whether `/rest/ecis/v1`, the interface before ITS-REST, is there for older clients.")
    ] = False
    etag: Annotated[EtagForm, About(doc="Form of ETags: `strong` for older clients that compare the bare text.")] = (
        EtagForm.WEAK
    )
    query_list: Annotated[
        QueryListForm, About(doc="Form of lists of stored queries: `versions` for older clients.")
    ] = QueryListForm.ARRAY
    flat_dialect: Annotated[
        FlatDialect,
        About(
            doc="Habits of FLAT and STRUCTURED where the specification is silent: with `better`, repeated siblings are "
            "called `Name #2`, an action without a state is completed, and identifiers stand at the bare key."
        ),
    ] = FlatDialect.SPECIFICATION
    cors_origins: Annotated[
        tuple[str, ...],
        About(
            doc="Origins of web pages that may call the API, with commas between; `*` for all. Pages of this machine "
            "always may."
        ),
    ] = ()
    forwarded_hosts: Annotated[
        tuple[str, ...],
        About(doc="Addresses of proxies whose X-Forwarded headers count, with commas between; `*` for all."),
    ] = ("127.0.0.1", "::1")
    log_level: Annotated[str, About(doc="Least severe log lines that are written: debug, info, warning or error.")] = (
        "warning"
    )
    server: Annotated[
        str, About(doc="Address of the server that client commands talk to.", audience=Audience.CLIENT)
    ] = "http://127.0.0.1:8080"
    user: Annotated[str | None, About(doc="User name that client commands log in with.", audience=Audience.CLIENT)] = (
        None
    )
    password: Annotated[
        str | None, About(doc="Password that client commands log in with.", secret=True, audience=Audience.CLIENT)
    ] = None
    timeout_seconds: Annotated[
        float,
        About(doc="How long a client command waits for an answer, in seconds.", audience=Audience.CLIENT, minimum=0.1),
    ] = 60.0

    # `Any`: flags come from the command line by name; their values are checked here.
    @classmethod
    def load(cls, environment: Mapping[str, str] | None = None, **flags: Any) -> Settings:
        """Return the settings of this run; flags that are None were not given.

        `environment` is the process's own when None. Raises `SettingError` when a value cannot be used.
        """
        source = os.environ if environment is None else environment
        _choose_database(flags)
        values: dict[str, Any] = {}
        for setting in described():
            flag = flags.pop(setting.name, None)
            given = flag if flag is not None else _from_environment(setting, source)
            if given is not None and given is not _NOT_WANTED:
                values[setting.name] = setting.convert(given)
        if flags:
            raise SettingError(f"expected a setting's name, one of {', '.join(names())}; got {', '.join(flags)}")
        if "data" in values and "mongo_uri" in values:
            raise SettingError("expected either a data folder (KILDE_DATA) or a database (KILDE_MONGO_URI), not both")
        if values.get("data") is None and values.get("mongo_uri") is None:
            values["data"] = default_data_folder(source)
        if "system_id" in values and _SYSTEM_ID.fullmatch(values["system_id"]) is None:
            raise SettingError(
                "expected letters and digits, with dots, - and _ between them, for --system-id (KILDE_SYSTEM_ID)"
            )
        return cls(**values)

    def data_folder(self) -> Path:
        """Return the embedded database's folder; `SettingError` when this run uses another database."""
        if self.data is None:
            raise SettingError("expected a data folder (--data); this run uses the database at --mongo-uri")
        return self.data

    def shown(self, *, redacted: bool) -> dict[str, str | int | float | bool | None]:
        """Return name and value of every setting as plain JSON values; secrets are replaced when `redacted`."""
        values: dict[str, str | int | float | bool | None] = {}
        for setting in described():
            value = getattr(self, setting.name)
            if isinstance(value, tuple):
                value = ",".join(value)
            elif value is not None and not isinstance(value, (bool, int, float)):
                value = str(value)
            if redacted and isinstance(value, str):  # an address may carry a name and a password
                value = REDACTED if setting.about.secret else re.sub(r"://[^/@\s]+@", f"://{REDACTED}@", value)
            values[setting.name] = value
        return values


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """One setting as data; `kind` is its type without `| None`."""

    name: str
    kind: type
    default: object
    about: About

    @property
    def flag(self) -> str:
        """Return the option's name on the command line."""
        return "--" + self.name.replace("_", "-")

    @property
    def variable(self) -> str:
        """Return the environment variable's name."""
        return PREFIX + self.name.upper()

    @property
    def choices(self) -> list[str]:
        """Return the values that are allowed, or [] where the type says it."""
        return [str(member) for member in self.kind] if issubclass(self.kind, StrEnum) else []

    @property
    def shown_default(self) -> str:
        """Return the default as it would be written on the command line, "" where there is none."""
        if self.default is None:
            return ""
        if isinstance(self.default, tuple):
            return ",".join(self.default)
        return str(self.default).lower() if isinstance(self.default, bool) else str(self.default)

    # `Any`: the type is `kind`, which only the caller's attribute knows.
    def convert(self, given: object) -> Any:
        """Return the value in the setting's type; `SettingError` says what was expected."""
        if isinstance(given, self.kind) and not isinstance(given, str):
            return self._checked(given)
        text = str(given).strip()
        if self.kind is bool:
            return self._as_bool(text)
        if self.kind is tuple:
            return tuple(part.strip() for part in text.split(",") if part.strip())
        try:
            return self._checked(self.kind(text))
        except ValueError:
            expected = " or ".join(self.choices) or {"int": "a whole number", "float": "a number"}[self.kind.__name__]
            raise SettingError(f"expected {expected} for {self.flag} ({self.variable})") from None

    def _as_bool(self, text: str) -> bool:
        if text.lower() in _TRUE:
            return True
        if text.lower() in _FALSE:
            return False
        raise SettingError(f"expected true or false for {self.flag} ({self.variable})")

    def _checked(self, value: Any) -> Any:
        if self.about.minimum is not None and value < self.about.minimum:
            raise SettingError(f"expected at least {self.about.minimum:g} for {self.flag} ({self.variable})")
        if self.about.maximum is not None and value > self.about.maximum:
            raise SettingError(f"expected at most {self.about.maximum:g} for {self.flag} ({self.variable})")
        return value


def described() -> list[Setting]:
    """Return every setting, in the order of the documentation."""
    hints = get_type_hints(Settings, include_extras=True)
    return [_setting(each, *get_args(hints[each.name])) for each in dataclasses.fields(Settings)]


def default_data_folder(environment: Mapping[str, str] | None = None) -> Path:
    """Return the folder for data where none was named."""
    home = (os.environ if environment is None else environment).get("XDG_DATA_HOME")
    return (Path(home) if home else Path.home() / ".local" / "share") / "kilde"


def runtime_folder(environment: Mapping[str, str] | None = None) -> Path | None:
    """Return the user's folder for sockets (XDG_RUNTIME_DIR), or None where the system gives none."""
    named = (os.environ if environment is None else environment).get("XDG_RUNTIME_DIR")
    return Path(named) if named else None


def names() -> list[str]:
    """Return the names of all settings."""
    return [each.name for each in dataclasses.fields(Settings)]


def unknown_variables(environment: Mapping[str, str] | None = None) -> list[str]:
    """Return the `KILDE_` variables that no setting reads: most likely misspelt, worth a warning."""
    source = os.environ if environment is None else environment
    known = {one.variable for one in described()} | {one.variable + "_FILE" for one in described() if one.about.secret}
    # KILDE_TEST_ belongs to the test suite.
    return sorted(
        name
        for name in source
        if name.startswith(PREFIX) and not name.startswith(PREFIX + "TEST_") and name not in known
    )


def _setting(declared: Field[Any], hint: Any, about: About) -> Setting:
    """Return one attribute of `Settings` as data."""
    is_list = get_origin(hint) is tuple
    kind = tuple if is_list else next((each for each in get_args(hint) if each is not type(None)), hint)
    return Setting(name=declared.name, kind=kind, default=declared.default, about=about)


# `Any`: see `Settings.load`.
def _choose_database(flags: dict[str, Any]) -> None:
    """Let a database named by a flag win over another that the environment names; both as flags are an error."""
    pair = ("data", "mongo_uri")
    chosen = [name for name in pair if flags.get(name) is not None]
    if len(chosen) == 2:
        raise SettingError("expected either --data or --mongo-uri, not both")
    for name in pair:
        if chosen and name not in chosen:
            flags[name] = _NOT_WANTED


def _from_environment(setting: Setting, environment: Mapping[str, str]) -> str | None:
    """Return what the environment says, from the variable or, for a secret, from the file it names."""
    # A variable that is set to nothing is one that was not set: compose files and shells make such.
    value = environment.get(setting.variable) or None
    path = (environment.get(setting.variable + "_FILE") or None) if setting.about.secret else None
    if value is not None and path is not None:
        raise SettingError(f"expected either {setting.variable} or {setting.variable}_FILE, not both")
    if path is None:
        return value
    try:
        return Path(path).read_text(encoding="utf-8").rstrip("\r\n")
    except OSError as error:
        raise SettingError(f"expected a readable file in {setting.variable}_FILE: {error.strerror}") from None
