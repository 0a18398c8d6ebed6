"""What an address must look like before it is used or given to Daraja."""

from ipaddress import ip_address
from urllib.parse import SplitResult, urlsplit

LONGEST = 2048
"""Characters. Daraja publishes no limit; no address in its traffic comes near this one."""


def complaint(url: object, *, https_only: bool = False, query_allowed: bool = True) -> str:
    """Why `url` cannot be used, as the end of a sentence; empty when it can.

    The address itself is never quoted: its path may be a token.
    """
    if not isinstance(url, str):
        return f"must be text, not {type(url).__name__}"
    if not url:
        return "is empty; give an address such as https://shop.example/api/pochi/callback"
    if len(url) > LONGEST or not url.isascii() or not url.isprintable() or " " in url:
        return f"must be at most {LONGEST} printable ASCII characters without spaces"
    try:
        parts = urlsplit(url)
        host, _port = parts.hostname or "", parts.port
    except ValueError:
        return "is not a valid address: the host or the port cannot be read"
    return _origin_complaint(parts, host, https_only=https_only) or _rest_complaint(
        parts, query_allowed=query_allowed
    )


def _origin_complaint(parts: SplitResult, host: str, *, https_only: bool) -> str:
    if parts.scheme not in ({"https"} if https_only else {"https", "http"}):
        wanted = "https://" if https_only else "https:// or http://"
        found = f"{parts.scheme}:" if parts.scheme else "no scheme"
        return f"must begin with {wanted}, not with {found}"
    if not host or "<" in host or ">" in host:
        return "has no host, or a placeholder where the host belongs"
    if https_only and _is_local(host):
        return "must be public in production, but the host is local to this network"
    return ""


def _rest_complaint(parts: SplitResult, *, query_allowed: bool) -> str:
    if parts.username is not None or parts.password is not None:
        return "must not hold a user name or password: addresses end up in logs"
    if parts.query and not query_allowed:
        return "must have no query"
    return "must have no fragment" if parts.fragment else ""


def shown(url: str) -> str:
    """Scheme and host: all of an address that a log may say."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}/…" if parts.path.strip("/") else url


def _is_local(host: str) -> bool:
    if host == "localhost" or host.endswith((".localhost", ".local")):
        return True
    try:
        return not ip_address(host).is_global
    except ValueError:
        return False
