"""Who sent a request, and over what: as the peer shows it, or as a trusted proxy tells it.

Anybody can write `X-Forwarded-For`. It is read when the peer is a proxy that is trusted, and then
from its right end, where that proxy wrote: the first hop that is no trusted proxy is the sender.
What stands further left came from the sender. When a header cannot be read that far, or the two
headers name different senders (one of them came through a proxy that writes only the other), the
sender is the peer.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_network

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from mpesa_pochi.merchant.forwarded import Address, Hop, address_of, forwarded, forwarded_for

UNHEARD = "mpesa_pochi.unheard_proxy"
"""In a scope: whether a peer that is not trusted told of somebody else before it."""


@dataclass(frozen=True, slots=True)
class Proxies:
    """The proxies in front of the application that may be believed."""

    networks: tuple[IPv4Network | IPv6Network, ...] = ()

    @classmethod
    def configured(cls, entries: Sequence[str]) -> "Proxies":
        """From addresses and networks: `10.0.0.7`, `10.0.0.0/8`.

        Raises:
            ValueError: an entry is neither, or a text was given in place of a sequence.
        """
        if isinstance(entries, str):
            raise ValueError(  # noqa: TRY004 - as for any other value that cannot work
                f"expected a list of trusted proxies such as ['10.0.0.7'], found {entries!r}"
            )
        try:
            return cls(tuple(ip_network(entry.strip(), strict=False) for entry in entries))
        except ValueError as error:
            raise ValueError(f"trusted proxies: {error}") from None

    def trusts(self, address: Address | None) -> bool:
        """Whether what comes from there may tell of other hops."""
        return address is not None and any(address in network for network in self.networks)

    def sender(self, peer: str | None, headers: Headers) -> str | None:
        """The address of who sent a request that `peer` handed in."""
        address = None if peer is None else address_of(peer)
        if address is None:
            return peer
        if not self.trusts(address):
            return str(address)
        told = {self._outermost(hops) for hops in _told(headers)}
        return str(told.pop() or address) if len(told) == 1 else str(address)

    def unheard(self, peer: str | None, headers: Headers) -> bool:
        """Whether a peer that is not trusted tells of somebody else before it. When it tells of
        itself, the server has read the header already, and shows the sender as the peer.
        """
        address = None if peer is None else address_of(peer)
        if self.trusts(address):
            return False
        return any(
            hops is None or address not in {hop.address for hop in hops} for hops in _told(headers)
        )

    def scheme(self, peer: str | None, scheme: str, headers: Headers) -> str:
        """What the sender spoke: the peer's scheme, unless a trusted peer tells of another."""
        if peer is None or not self.trusts(address_of(peer)):
            return scheme
        claims = [
            item.strip().lower()
            for value in headers.getlist("x-forwarded-proto")
            for item in value.split(",")
        ]
        claims += self._forwarded_schemes(headers)
        if not claims:
            return scheme
        return "https" if set(claims) == {"https"} else "http"

    def _outermost(self, hops: list[Hop] | None) -> Address | None:
        place = self._place(hops or [])
        return None if hops is None or place is None else hops[place].address

    def _place(self, hops: list[Hop]) -> int | None:
        """Where the sender stands in `hops`; None when something unreadable comes before."""
        for place in range(len(hops) - 1, -1, -1):
            address = hops[place].address
            if address is None:
                return None
            if place == 0 or not self.trusts(address):
                return place
        return None

    def _forwarded_schemes(self, headers: Headers) -> list[str]:
        values = headers.getlist("forwarded")
        hops = (forwarded(values) or []) if values else []
        place = self._place(hops)
        scheme = None if place is None else hops[place].scheme
        return [scheme] if scheme else []


class FromProxy:
    """ASGI middleware that writes the sender's address and scheme into the scope.

    Args:
        app: what answers.
        proxies: who may be believed.
    """

    def __init__(self, app: ASGIApp, *, proxies: Proxies) -> None:
        self.app = app
        self._proxies = proxies

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        client = scope.get("client")
        peer = None if client is None else client[0]
        seen = dict(scope)
        seen["scheme"] = self._proxies.scheme(peer, scope.get("scheme", "http"), headers)
        sender = self._proxies.sender(peer, headers)
        if sender is not None and sender != peer:
            seen["client"] = (sender, 0)
        seen[UNHEARD] = self._proxies.unheard(peer, headers)
        await self.app(seen, receive, send)


def source_of(request: Request) -> str | None:
    """The address of who sent a request, once `FromProxy` has seen it; None when there is none."""
    return None if request.client is None else request.client.host


def _told(headers: Headers) -> list[list[Hop] | None]:
    """What each of the two headers tells, of those that are there."""
    told: list[list[Hop] | None] = []
    if values := headers.getlist("x-forwarded-for"):
        told.append(forwarded_for(values))
    if values := headers.getlist("forwarded"):
        told.append(forwarded(values))
    return told
