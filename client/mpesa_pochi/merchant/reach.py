"""Whether Daraja answers, for whoever asks: it is asked once in a while only, for anybody may."""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta

from mpesa_pochi.client import MpesaPochi
from mpesa_pochi.errors import PochiError, Unreachable

ASK_AGAIN = timedelta(seconds=30)
"""For how long an answer is good."""
PATIENCE = 5.0
"""Seconds that Daraja has to answer."""


class Reach:
    """Asks Daraja for an access token, unless one is held.

    Args:
        client: the line to Daraja.
        now: the wall clock.
    """

    def __init__(self, client: MpesaPochi, *, now: Callable[[], datetime]) -> None:
        self._client = client
        self._now = now
        self._asked_at: datetime | None = None
        self._found: PochiError | None = None

    async def trouble(self) -> PochiError | None:
        """What came in place of a token; None when all is well."""
        at = self._now()
        if self._asked_at is None or at - self._asked_at > ASK_AGAIN:
            self._found = await self._ask()
            self._asked_at = at
        return self._found

    async def _ask(self) -> PochiError | None:
        try:
            async with asyncio.timeout(PATIENCE):
                await self._client.sign_in()
        except PochiError as error:
            return error
        except TimeoutError:
            return Unreachable(f"oauth: no answer from Daraja within {PATIENCE:g} s")
        return None
