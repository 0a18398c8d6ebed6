"""Access tokens of one namespace."""

from __future__ import annotations

from typing import NamedTuple


class Token(NamedTuple):
    consumer_key: str
    expires_at: float


class TokenBook:
    """Issued tokens and when they end, in simulated seconds since the epoch."""

    def __init__(self) -> None:
        self._tokens: dict[str, Token] = {}

    def issue(self, text: str, consumer_key: str, *, now: float, lifetime: float) -> None:
        """Add a token. Those that have ended are forgotten."""
        if len(self._tokens) > 1_000:
            self._tokens = {
                known: token for known, token in self._tokens.items() if token.expires_at > now
            }
        self._tokens[text] = Token(consumer_key, now + lifetime)

    def revoke(self, consumer_key: str) -> None:
        """End every token of one app."""
        self._tokens = {
            known: token
            for known, token in self._tokens.items()
            if token.consumer_key != consumer_key
        }

    def problem(self, text: str | None, now: float) -> str | None:
        """Why this token is not good, for the developer; None when it is."""
        if not text:
            return "expected the header 'Authorization: Bearer <token>', found none"
        token = self._tokens.get(text)
        if token is None:
            return "this token was not issued here; get one from /oauth/v1/generate"
        if token.expires_at <= now:
            return f"this token expired {now - token.expires_at:.0f} s ago; get a new one"
        return None

    def __contains__(self, text: str) -> bool:
        return text in self._tokens
