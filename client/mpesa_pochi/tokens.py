"""The access token: fetched once, shared by every call, renewed before it ends."""

import asyncio
from collections.abc import Awaitable, Callable
from concurrent.futures import CancelledError, Future
from threading import Lock

from mpesa_pochi import clock
from mpesa_pochi.answers import IssuedToken
from mpesa_pochi.errors import PochiError, Unreachable
from mpesa_pochi.secret import Secret

MARGIN = 60.0
"""Seconds before its end at which a token is renewed; a tenth of its life, if that is less."""


class HeldToken:
    """The token that is held, if any, and until when. All times are seconds on any one clock."""

    def __init__(self) -> None:
        self._token: Secret | None = None
        self._renew_at = 0.0
        self._ends_at = 0.0

    def fresh(self, now: float) -> Secret | None:
        """The token, if its end is not near."""
        return self._token if now < self._renew_at else None

    def alive(self, now: float) -> Secret | None:
        """The token, if it has not ended: good enough while no other can be had."""
        return self._token if now < self._ends_at else None

    def other_than(self, refused: Secret) -> Secret | None:
        """The token, unless it is the one that Daraja has just refused: that is forgotten."""
        if self._token is refused:
            self._token = None
        return self._token

    def keep(self, issued: IssuedToken, asked_at: float) -> Secret:
        self._token = issued.token
        self._ends_at = asked_at + issued.lifetime
        self._renew_at = self._ends_at - min(MARGIN, issued.lifetime / 10)
        return issued.token


class TokenCache:
    """One token, at most one request for it in flight.

    However many calls need a token at one moment, the first starts the request and the others wait
    for the same one: its token, or its error, is everyone's. A caller that is cancelled leaves it
    running for the rest. All times are the event loop's.
    """

    def __init__(self, fetch: Callable[[], Awaitable[IssuedToken]]) -> None:
        self._fetch = fetch
        self._held = HeldToken()
        self._flight: asyncio.Task[Secret] | None = None

    async def get(self) -> Secret:
        """The token, renewed if its end is near.

        Raises:
            PochiError: there is none and none can be had.
        """
        held = self._held.fresh(asyncio.get_running_loop().time())
        if held is not None:
            return held
        try:
            return await self._join()
        except PochiError:
            held = self._held.alive(asyncio.get_running_loop().time())
            if held is not None:
                return held
            raise

    async def replace(self, refused: Secret) -> Secret:
        """Another token than the one that Daraja has just refused.

        Of many calls refused with one token, the first renews it and the others use the result.
        """
        return self._held.other_than(refused) or await self._join()

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
        return self._held.keep(await self._fetch(), asked_at)

    def _landed(self, flight: asyncio.Task[Secret]) -> None:
        self._flight = None
        if not flight.cancelled():
            flight.exception()  # seen here, in case every caller has left


class BlockingTokenCache:
    """The same for threads: the first that needs a token fetches it, the others wait for that one.

    One that runs out of time on the way leaves the fetching to the next. `until` is a moment of
    `clock.monotonic`, or None.
    """

    def __init__(self, fetch: Callable[[float | None], IssuedToken]) -> None:
        self._fetch = fetch
        self._held = HeldToken()
        self._lock = Lock()
        self._flight: Future[Secret] | None = None

    def get(self, until: float | None = None) -> Secret:
        """The token, renewed if its end is near.

        Raises:
            PochiError: there is none and none can be had.
            TimeoutError: there was none at `until`.
        """
        try:
            return self._join(lambda: self._held.fresh(clock.monotonic()), until)
        except PochiError:
            with self._lock:
                held = self._held.alive(clock.monotonic())
            if held is not None:
                return held
            raise

    def replace(self, refused: Secret, until: float | None = None) -> Secret:
        """Another token than the one that Daraja has just refused."""
        return self._join(lambda: self._held.other_than(refused), until)

    def _join(self, held: Callable[[], Secret | None], until: float | None) -> Secret:
        while True:
            with self._lock:
                token = held()
                if token is not None:
                    return token
                flight, first = self._flight, self._flight is None
                if flight is None:
                    flight = self._flight = Future()
            if first:
                return self._renew(flight, until)
            left = None if until is None else max(0.0, until - clock.monotonic())
            try:
                return flight.result(left)
            except CancelledError:
                continue  # whoever was fetching gave up

    def _renew(self, flight: Future[Secret], until: float | None) -> Secret:
        asked_at = clock.monotonic()
        issued: IssuedToken | None = None
        failure: PochiError | None = None
        try:
            issued = self._fetch(until)
        except PochiError as error:
            failure = error
            raise
        finally:
            self._land(flight, issued, failure, asked_at)
        return issued.token

    def _land(
        self,
        flight: Future[Secret],
        issued: IssuedToken | None,
        failure: PochiError | None,
        asked_at: float,
    ) -> None:
        with self._lock:
            self._flight = None
            if issued is not None:
                self._held.keep(issued, asked_at)
        if issued is not None:
            flight.set_result(issued.token)
        elif failure is not None:
            flight.set_exception(failure)
        else:
            flight.cancel()  # out of time, or interrupted


def _is_cancelled() -> bool:
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0
