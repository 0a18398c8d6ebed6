"""Access tokens of one namespace."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

from darajasim.core.directory import Directory, Listing

SWEEP_AT = 1_000
"""How many tokens are kept before ended ones are looked for."""


class Token(NamedTuple):
    consumer_key: str
    expires_at: float


class TokenBook:
    """Issued tokens and when they end, in simulated seconds since the epoch.

    Args:
        listing: where the simulator looks for the namespace of a token.

    Attributes:
        lasting: whether tokens are good for ever: for callers whose clock does not leap with ours.
    """

    def __init__(self, listing: Listing | None = None) -> None:
        self._listing = listing or Directory().listing("")
        self._tokens: dict[str, Token] = {}
        self._sweep_at = SWEEP_AT
        self.lasting = False

    def issue(self, text: str, consumer_key: str, *, now: float, lifetime: float) -> None:
        """Add a token. From time to time, those that have ended are forgotten."""
        if len(self._tokens) >= self._sweep_at:
            self._drop(lambda token: token.expires_at <= now)
            self._sweep_at = max(SWEEP_AT, 2 * len(self._tokens))
        self._tokens[text] = Token(consumer_key, now + lifetime)
        self._listing.add(text)

    def revoke(self, consumer_key: str) -> None:
        """End every token of one app."""
        self._drop(lambda token: token.consumer_key == consumer_key)

    def problem(self, text: str | None, now: float) -> str | None:
        """Why this token is not good, for the developer; None when it is."""
        if not text:
            return "expected the header 'Authorization: Bearer <token>', found none"
        token = self._tokens.get(text)
        if token is None:
            return "this token was not issued here; get one from /oauth/v1/generate"
        if token.expires_at <= now and not self.lasting:
            return f"this token expired {now - token.expires_at:.0f} s ago; get a new one"
        return None

    def consumer_key(self, text: str | None) -> str:
        """The consumer key of the app that this token was issued to; "" for an unknown token."""
        token = self._tokens.get(text or "")
        return token.consumer_key if token is not None else ""

    def __iter__(self) -> Iterator[tuple[str, str]]:
        """Every token with the consumer key that it was issued to."""
        return ((text, token.consumer_key) for text, token in self._tokens.items())

    def __contains__(self, text: str) -> bool:
        return text in self._tokens

    def _drop(self, which: Callable[[Token], bool]) -> None:
        for text in [text for text, token in self._tokens.items() if which(token)]:
            del self._tokens[text]
            self._listing.discard(text)
