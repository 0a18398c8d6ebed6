"""Which addresses callbacks may go to, decided on the address itself and not on its name."""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import urlsplit

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

RESOLVED_SECONDS = 5.0
"""How long a look-up is remembered, in real seconds."""
MAX_KNOWN = 1_024


class TargetRefusedError(Exception):
    """A callback that may not leave, with the reason and what to do."""


@dataclass(frozen=True, slots=True)
class Target:
    """Where one callback goes. The connection is made to these addresses and no others."""

    host: str
    port: int
    tls: bool
    path: str
    addresses: tuple[str, ...]

    @property
    def authority(self) -> str:
        """The Host header."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == (443 if self.tls else 80) else f"{host}:{self.port}"


class AllowList:
    """Loopback always; other hosts only by name, address or network.

    Args:
        hosts: host names, addresses or networks such as `10.0.0.0/8`.

    Raises:
        ValueError: an entry that is none of these.
    """

    def __init__(self, hosts: Iterable[str] = ()) -> None:
        self._names: set[str] = set()
        self._networks: list[Network] = []
        for host in hosts:
            try:
                self._networks.append(ipaddress.ip_network(host.strip("[]"), strict=False))
            except ValueError:
                if not host or "/" in host or ":" in host:
                    raise ValueError(
                        f"expected a host name, address or network, found {host!r}"
                    ) from None
                self._names.add(host.lower())

    def allows(self, host: str, address: Address) -> bool:
        """Whether `host` may be called at `address`. A link-local address (cloud metadata) must
        be named itself.
        """
        plain = getattr(address, "ipv4_mapped", None) or address
        if plain.is_loopback or any(plain in network for network in self._networks):
            return True
        return host.lower() in self._names and not plain.is_link_local


class Resolver:
    """Turns a callback URL into a checked target."""

    def __init__(self, allowed: AllowList) -> None:
        self._allowed = allowed
        self._known: dict[tuple[str, int], tuple[float, tuple[str, ...]]] = {}

    async def target(self, url: str) -> Target:
        """Where `url` may be delivered.

        Raises:
            TargetRefusedError: it does not resolve, or to addresses that are not allowed.
        """
        host, port, tls, path = _parts(url)
        loop = asyncio.get_running_loop()
        until, addresses = self._known.get((host, port), (0.0, ()))
        if until <= loop.time():
            addresses = await self._checked(host, port)
            if len(self._known) >= MAX_KNOWN:
                self._known.clear()
            self._known[host, port] = (loop.time() + RESOLVED_SECONDS, addresses)
        return Target(host, port, tls, path, addresses)

    async def _checked(self, host: str, port: int) -> tuple[str, ...]:
        found = await _addresses(host, port)
        allowed = tuple(
            address
            for address in found
            if self._allowed.allows(host, ipaddress.ip_address(address))
        )
        if not allowed:
            raise TargetRefusedError(
                f"{host} is {', '.join(found)}: only loopback is called unless "
                f"--allow-callback-host {host} says so"
            )
        return allowed


@lru_cache(maxsize=MAX_KNOWN)
def _parts(url: str) -> tuple[str, int, bool, str]:
    """Host, port, whether it is TLS, and path with query."""
    parts = urlsplit(url)
    tls = parts.scheme == "https"
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return parts.hostname or "", parts.port or (443 if tls else 80), tls, path


async def _addresses(host: str, port: int) -> list[str]:
    try:
        return [str(ipaddress.ip_address(host))]
    except ValueError:
        pass
    try:
        infos = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise TargetRefusedError(f"{host} does not resolve: {error}") from None
    return list(dict.fromkeys(str(info[4][0]).partition("%")[0] for info in infos))
