"""What proxies write about the hops before them: `X-Forwarded-For` and `Forwarded` (RFC 7239).

Read only; who may be believed is for `mpesa_pochi.merchant.sources` to decide.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address

Address = IPv4Address | IPv6Address

_WORD = r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"
_PAIR = re.compile(rf'[ \t]*({_WORD})=({_WORD}|"(?:[^"\\]|\\.)*")[ \t]*')
_BRACKETED = re.compile(r"\[([^\[\]]+)\](?::[0-9]{1,5})?")
_WITH_PORT = re.compile(r"([0-9.]+):[0-9]{1,5}")


@dataclass(frozen=True, slots=True)
class Hop:
    """One hop: who it came from, None when that cannot be read; and over what, if it is told."""

    address: Address | None
    scheme: str | None = None


def address_of(text: str) -> Address | None:
    """An address as headers and servers write it, with or without a port; None for anything else.

    An IPv4 address that is mapped into IPv6 is the IPv4 address.
    """
    text = text.strip()
    found = _BRACKETED.fullmatch(text) or _WITH_PORT.fullmatch(text)
    try:
        address = ip_address(found[1] if found else text)
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return mapped or address


def forwarded_for(values: list[str]) -> list[Hop]:
    """The hops of `X-Forwarded-For`, outermost first."""
    return [Hop(address_of(item)) for item in ",".join(values).split(",")]


def forwarded(values: list[str]) -> list[Hop] | None:
    """The hops of `Forwarded`, outermost first; None when it is not written as RFC 7239 has it."""
    hops: list[Hop] = []
    pairs: dict[str, str] = {}
    for name, value, ends in _pairs(",".join(values)):
        if not name or name in pairs:
            return None
        pairs[name] = value
        if ends:
            hops.append(Hop(address_of(pairs.get("for", "")), pairs.get("proto", "").lower()))
            pairs = {}
    return hops


def _pairs(text: str) -> Iterator[tuple[str, str, bool]]:
    """Name, value, and whether the hop ends there. What cannot be read has no name, and ends it."""
    at = 0
    while True:
        found = _PAIR.match(text, at)
        if found is None or text[found.end() : found.end() + 1] not in ("", ",", ";"):
            yield "", "", True
            return
        value = found[2]
        if value.startswith('"'):
            value = re.sub(r"\\(.)", r"\1", value[1:-1])
        at = found.end() + 1
        yield found[1].lower(), value, text[at - 1 : at] != ";"
        if at > len(text):
            return
