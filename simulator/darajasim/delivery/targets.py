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
"""How long a look-up is remembered, a failed one too, in real seconds."""
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


Found = tuple[str, ...] | str
"""The addresses that may be called, or why there are none."""


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
                if not host.isprintable() or not host.strip() or set("/: ") & set(host):
                    raise ValueError(
                        f"expected a host name, address or network, found {host!r}"
                    ) from None
                self._names.add(_plain(host))

    def allows(self, host: str, address: Address) -> bool:
        """Whether `host` may be called at `address`. A link-local address (cloud metadata) must
        be named itself.
        """
        plain = getattr(address, "ipv4_mapped", None) or address
        if plain.is_loopback or any(plain in network for network in self._networks):
            return True
        return _plain(host) in self._names and not plain.is_link_local


def _plain(host: str) -> str:
    return host.lower().removesuffix(".")


class Resolver:
    """Turns a callback URL into a checked target."""

    def __init__(self, allowed: AllowList) -> None:
        self._allowed = allowed
        self._known: dict[str, tuple[float, asyncio.Task[Found]]] = {}

    async def target(self, url: str) -> Target:
        """Where `url` may be delivered.

        Raises:
            TargetRefusedError: it does not resolve, or to addresses that are not allowed.
        """
        host, port, tls, path = _parts(url)
        loop = asyncio.get_running_loop()
        known = self._known.get(host)
        if known is None or known[0] <= loop.time():
            if len(self._known) >= MAX_KNOWN:
                self._known.clear()
            known = loop.time() + RESOLVED_SECONDS, loop.create_task(self._checked(host))
            self._known[host] = known
        # One look-up serves all who wait for it, even when the first of them gives up.
        task = known[1]
        found = task.result() if task.done() else await asyncio.shield(task)
        if isinstance(found, str):
            raise TargetRefusedError(found)
        return Target(host, port, tls, path, found)

    async def _checked(self, host: str) -> Found:
        try:
            found = await _addresses(host)
        except (OSError, UnicodeError) as error:
            return f"{host} does not resolve: {error}"
        allowed = tuple(
            address
            for address in found
            if self._allowed.allows(host, ipaddress.ip_address(address))
        )
        return allowed or (
            f"{host} is {', '.join(found)}: only loopback is called unless "
            f"--allow-callback-host {host} says so"
        )


@lru_cache(maxsize=MAX_KNOWN)
def _parts(url: str) -> tuple[str, int, bool, str]:
    """Host, port, whether it is TLS, and path with query."""
    parts = urlsplit(url)
    tls = parts.scheme == "https"
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    port = (443 if tls else 80) if parts.port is None else parts.port
    return parts.hostname or "", port, tls, path


async def _addresses(host: str) -> list[str]:
    try:
        return [str(ipaddress.ip_address(host))]
    except ValueError:
        infos = await asyncio.get_running_loop().getaddrinfo(host, None, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(info[4][0]).partition("%")[0] for info in infos))
