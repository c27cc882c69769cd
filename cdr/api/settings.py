"""What can be set about the HTTP interface; `cdr.bootstrap` fills it from the configuration."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiSettings:
    """The settings of the HTTP interface.

    `aliases` are prefixes under which all addresses work as well. Sizes are bytes, times seconds. `etag` is "weak"
    (ITS-REST 1.1.0) or "strong" (older clients compare the bare text); `query_list` is "array" or "versions" (the
    envelope older clients read); `cors_origins` are the web origins whose pages may call, beside those of this
    machine ("*" for all); `forwarded_hosts` are the peers whose X-Forwarded-* headers count, "*" for all.
    `has_ecis` turns the older interface on; `shown` are all settings of the server by name, without secrets.
    """

    base_path: str = "/rest/openehr/v1"
    aliases: tuple[str, ...] = ("/ehrbase",)
    auth: str = "none"
    tenant: str = "default"
    realm: str = "Kilde"
    etag: str = "weak"
    query_list: str = "array"
    default_preference: str = "minimal"
    max_body_bytes: int = 20 * 1024 * 1024
    max_bulk_bytes: int = 512 * 1024 * 1024
    body_timeout: float = 60.0
    max_depth: int = 200
    max_page: int = 10_000
    time_zone: str = "Europe/Oslo"
    commit_threads: int = 16
    read_threads: int = 16
    query_threads: int = 8
    query_streams: int = 16
    cors_origins: tuple[str, ...] = ()
    forwarded_hosts: tuple[str, ...] = ("127.0.0.1", "::1")
    has_admin: bool = True
    has_ecis: bool = False
    has_metrics: bool = True
    ehrbase_version: str = "2.31.0"
    version: str = "0.1.0"
    shown: Mapping[str, str | int | float | bool | None] = field(default_factory=dict)
