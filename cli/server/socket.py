"""The listening socket: bound before anything slow starts, so that a port in use is told at once."""

from __future__ import annotations

import ipaddress
import socket

from cdr.config import SettingError, Settings


def bind(settings: Settings) -> socket.socket:
    """Return a socket bound to the settings' host and port; it refuses connections until the server listens on it."""
    try:
        family, kind, _, _, address = socket.getaddrinfo(
            settings.host, settings.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        bound = socket.socket(family, kind)
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind(address)
    except OSError as error:
        raise SettingError(
            f"expected a free address at --host {settings.host} --port {settings.port}: {error.strerror}"
        ) from None
    bound.set_inheritable(True)
    return bound


def address_of(bound: socket.socket) -> str:
    """Return the URL of a bound socket, with the real port."""
    host, port = bound.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def is_loopback(host: str) -> bool:
    """Tell whether only this machine can connect to the host name or address."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        pass
    try:
        found = socket.getaddrinfo(host, None)
    except OSError:
        return False
    return all(ipaddress.ip_address(entry[4][0]).is_loopback for entry in found)
