"""Performs conversations (`steps.py`): the only I/O of the clients, awaited or blocking."""

import asyncio
from typing import TypeVar

import httpx

from mpesa_pochi import clock, conversation
from mpesa_pochi.answers import IssuedToken
from mpesa_pochi.desk import Desk
from mpesa_pochi.errors import InvalidRequest
from mpesa_pochi.steps import Attempt, Limit, Pause, ReadStopwatch, Step, Steps, TakeToken
from mpesa_pochi.tokens import BlockingTokenCache, TokenCache
from mpesa_pochi.wire import BlockingWire, Wire

T = TypeVar("T")


class Line:
    """A connection pool and a token, on an event loop. Its stopwatch is the loop's."""

    def __init__(
        self, desk: Desk, *, transport: httpx.AsyncBaseTransport | None, timeout: float
    ) -> None:
        self._desk = desk
        self._wire = Wire(desk.settings.base_url, transport=transport, timeout=timeout)
        self._tokens = TokenCache(self._fetch)

    async def perform(self, steps: Steps[T]) -> T:
        """Has the conversation, and returns or raises what it does.

        Raises:
            InvalidRequest: the line was closed.
        """
        try:
            _check_open(closed=self._wire.closed)
            step = next(steps)
            while True:
                try:
                    given = await self._do(step)
                except Exception as error:  # noqa: BLE001  # the conversation judges it
                    step = steps.throw(error)
                else:
                    step = steps.send(given)
        except StopIteration as done:
            result: T = done.value
            return result
        finally:
            steps.close()

    async def aclose(self) -> None:
        await self._tokens.aclose()
        await self._wire.aclose()

    async def _do(self, step: Step) -> object:
        match step:
            case Attempt():
                _check_open(closed=self._wire.closed)
                return await self._wire.attempt(step)
            case Pause(seconds):
                await asyncio.sleep(seconds)
                return None
            case TakeToken(refused):
                token = self._tokens.get() if refused is None else self._tokens.replace(refused)
                return await token
            case ReadStopwatch():
                return asyncio.get_running_loop().time()
            case Limit(steps, until):
                async with asyncio.timeout_at(until):
                    return await self.perform(steps)

    async def _fetch(self) -> IssuedToken:
        return await self.perform(conversation.fetch_token(self._desk))


class BlockingLine:
    """The same for threads, any number of them at once. Its stopwatch is `clock.monotonic`."""

    def __init__(
        self, desk: Desk, *, transport: httpx.BaseTransport | None, timeout: float
    ) -> None:
        self._desk = desk
        self._wire = BlockingWire(desk.settings.base_url, transport=transport, timeout=timeout)
        self._tokens = BlockingTokenCache(self._fetch)

    def perform(self, steps: Steps[T], until: float | None = None) -> T:
        """Has the conversation, and returns or raises what it does.

        Raises:
            InvalidRequest: the line was closed.
            TimeoutError: it was not over at `until`.
        """
        try:
            _check_open(closed=self._wire.closed)
            step = next(steps)
            while True:
                try:
                    given = self._do(step, until)
                except Exception as error:  # noqa: BLE001  # the conversation judges it
                    step = steps.throw(error)
                else:
                    step = steps.send(given)
        except StopIteration as done:
            result: T = done.value
            return result
        finally:
            steps.close()

    def close(self) -> None:
        self._wire.close()

    def _do(self, step: Step, until: float | None) -> object:
        match step:
            case Attempt():
                _check_open(closed=self._wire.closed)
                return self._wire.attempt(step, _left(until))
            case Pause(seconds):
                _sleep(seconds, _left(until))
                return None
            case TakeToken(refused):
                if refused is None:
                    return self._tokens.get(until)
                return self._tokens.replace(refused, until)
            case ReadStopwatch():
                return clock.monotonic()
            case Limit(steps, sooner):
                return self.perform(steps, sooner if until is None else min(until, sooner))

    def _fetch(self, until: float | None) -> IssuedToken:
        return self.perform(conversation.fetch_token(self._desk), until)


def _check_open(*, closed: bool) -> None:
    if closed:
        raise InvalidRequest("this MpesaPochi was closed; make a new one")


def _left(until: float | None) -> float | None:
    """Seconds until then; raises TimeoutError when there are none."""
    if until is None:
        return None
    left = until - clock.monotonic()
    if left <= 0:
        raise TimeoutError
    return left


def _sleep(seconds: float, left: float | None) -> None:
    if left is not None and left < seconds:
        clock.sleep(left)
        raise TimeoutError
    clock.sleep(seconds)
