"""The access token: fetched once, shared by every call, renewed before it ends."""

import asyncio
from collections.abc import Awaitable, Callable

from mpesa_pochi.answers import IssuedToken
from mpesa_pochi.errors import PochiError, Unreachable
from mpesa_pochi.secret import Secret

MARGIN = 60.0
"""Seconds before its end at which a token is renewed; a tenth of its life, if that is less."""


class TokenCache:
    """One token, at most one request for it in flight.

    However many calls need a token at one moment, the first starts the request and the others wait
    for the same one: its token, or its error, is everyone's. A caller that is cancelled leaves it
    running for the rest. All times are the event loop's.
    """

    def __init__(self, fetch: Callable[[], Awaitable[IssuedToken]]) -> None:
        self._fetch = fetch
        self._token: Secret | None = None
        self._renew_at = 0.0
        self._ends_at = 0.0
        self._flight: asyncio.Task[Secret] | None = None

    async def get(self) -> Secret:
        """The token, renewed if its end is near.

        Raises:
            PochiError: there is none and none can be had.
        """
        now = asyncio.get_running_loop().time()
        if self._token is not None and now < self._renew_at:
            return self._token
        try:
            return await self._join()
        except PochiError:
            if self._token is not None and asyncio.get_running_loop().time() < self._ends_at:
                return self._token
            raise

    async def replace(self, refused: Secret) -> Secret:
        """Another token than the one that Daraja has just refused.

        Of many calls refused with one token, the first renews it and the others use the result.
        """
        if self._token is refused:
            self._token = None
        if self._token is not None:
            return self._token
        return await self._join()

    async def aclose(self) -> None:
        """Abandons a request in flight."""
        if self._flight is not None:
            self._flight.cancel()
            await asyncio.wait([self._flight])

    async def _join(self) -> Secret:
        if self._flight is None:
            self._flight = asyncio.create_task(self._renew(), name="mpesa_pochi token")
            self._flight.add_done_callback(self._landed)
        flight = self._flight
        try:
            return await asyncio.shield(flight)
        except asyncio.CancelledError:
            if flight.cancelled() and not _is_cancelled():
                raise Unreachable("the client was closed", operation="oauth") from None
            raise

    async def _renew(self) -> Secret:
        asked_at = asyncio.get_running_loop().time()
        issued = await self._fetch()
        self._token = issued.token
        self._ends_at = asked_at + issued.lifetime
        self._renew_at = self._ends_at - min(MARGIN, issued.lifetime / 10)
        return issued.token

    def _landed(self, flight: asyncio.Task[Secret]) -> None:
        self._flight = None
        if not flight.cancelled():
            flight.exception()  # seen here, in case every caller has left


def _is_cancelled() -> bool:
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0
