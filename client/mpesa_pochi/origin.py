"""Where a callback came from: the address that sent it, and the token in the URL it was sent to.

Daraja signs nothing. What a merchant can have is a list of addresses and an unguessable URL.
"""

from collections.abc import Iterable
from hmac import compare_digest
from ipaddress import IPv6Address, ip_address, ip_network

from mpesa_pochi.errors import CallbackRefused, RefusalReason
from mpesa_pochi.secret import Secret

SAFARICOM_SOURCES = (
    "196.201.214.200",
    "196.201.214.206",
    "196.201.214.207",
    "196.201.214.208",
    "196.201.213.114",
    "196.201.213.44",
    "196.201.212.127",
    "196.201.212.138",
    "196.201.212.129",
    "196.201.212.136",
    "196.201.212.74",
    "196.201.212.69",
)
"""The widely published allow-list. Of these only 196.201.212.69 was ever captured."""


def check_source(address: str | None, allowed: Iterable[str]) -> None:
    """Checks the sender's address against addresses and networks (`196.201.212.0/24`).

    Give the address of the peer, or the one that a trusted proxy reports, never a raw
    `X-Forwarded-For`: anyone can write that header.

    Raises:
        CallbackRefused: WRONG_SOURCE; also for an address that cannot be read, or for none.
        ValueError: an entry of `allowed` is neither an address nor a network.
    """
    networks = [ip_network(entry, strict=False) for entry in allowed]
    try:
        sender = ip_address((address or "").strip())
    except ValueError:
        raise _wrong_source("its sender's address is missing or cannot be read") from None
    if isinstance(sender, IPv6Address) and sender.ipv4_mapped is not None:
        sender = sender.ipv4_mapped
    if not any(sender in network for network in networks):
        raise _wrong_source(f"{sender} is not on the list of {len(networks)}")


def check_token(given: str | None, expected: Secret) -> None:
    """Checks the URL's token, in time that says nothing about how much of it was right.

    Raises:
        CallbackRefused: WRONG_TOKEN; the error quotes neither token.
        ValueError: `expected` is empty, which every callback would match.
    """
    if not expected:
        raise ValueError("the expected callback token is empty; give an unguessable text")
    offered = (given or "").encode("utf-8", "surrogatepass")
    if not compare_digest(offered, expected.reveal().encode("utf-8", "surrogatepass")):
        raise CallbackRefused(
            "the URL it was sent to lacks the right token", reason=RefusalReason.WRONG_TOKEN
        )


def _wrong_source(detail: str) -> CallbackRefused:
    return CallbackRefused(detail, reason=RefusalReason.WRONG_SOURCE)
