"""`MpesaPochi` and `MpesaPochiSync`: every call of Daraja, awaited or blocking.

A call is described once, in `express.py`, `payouts.py`, `inquiries.py`, `c2b.py` and `qr.py`; its
signature, its documentation and its errors are those of the methods here.
"""

from collections.abc import Callable, Coroutine
from datetime import datetime
from functools import wraps
from types import TracebackType
from typing import Any, Concatenate, ParamSpec, Self, TypeVar

import httpx

from mpesa_pochi import access, c2b, clock, express, inquiries, originator, payouts, qr
from mpesa_pochi.desk import Desk
from mpesa_pochi.line import BlockingLine, Line
from mpesa_pochi.settings import Settings
from mpesa_pochi.steps import Steps

__all__ = ["MpesaPochi", "MpesaPochiSync"]

P = ParamSpec("P")
T = TypeVar("T")


def _awaited(
    described: Callable[Concatenate[Desk, P], Steps[T]],
) -> Callable[Concatenate["MpesaPochi", P], Coroutine[Any, Any, T]]:
    @wraps(described)
    async def method(self: "MpesaPochi", /, *args: P.args, **kwargs: P.kwargs) -> T:
        steps = described(self._desk, *args, **kwargs)
        del args, kwargs  # a URL may hold a token, and tracebacks can show local variables
        return await self._line.perform(steps)

    return method


def _blocking(
    described: Callable[Concatenate[Desk, P], Steps[T]],
) -> Callable[Concatenate["MpesaPochiSync", P], T]:
    @wraps(described)
    def method(self: "MpesaPochiSync", /, *args: P.args, **kwargs: P.kwargs) -> T:
        steps = described(self._desk, *args, **kwargs)
        del args, kwargs
        return self._line.perform(steps)

    return method


class MpesaPochi:
    """A merchant's line to Daraja. Use it as an async context manager, or call `aclose()`.

    Args:
        settings: who the merchant is and where Daraja is.
        transport: an httpx transport to use instead of the network.
        now: the wall clock; only the Timestamp field is read from it.
        timeout: seconds for one whole exchange, from connecting to the last byte.
        new_id: makes the OriginatorConversationID of a payout that is given none.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        transport: httpx.AsyncBaseTransport | None = None,
        now: Callable[[], datetime] = clock.now,
        timeout: float = 30.0,
        new_id: Callable[[], str] = originator.new_id,
    ) -> None:
        self.settings = settings
        self.new_id = new_id
        self._desk = Desk(settings, now=now, new_id=new_id)
        self._line = Line(self._desk, transport=transport, timeout=timeout)

    sign_in = _awaited(access.sign_in)
    stk_push = _awaited(express.stk_push)
    stk_query = _awaited(express.stk_query)
    wait_for_payment = _awaited(express.wait_for_payment)
    b2c = _awaited(payouts.b2c)
    b2pochi = _awaited(payouts.b2pochi)
    account_balance = _awaited(inquiries.account_balance)
    transaction_status = _awaited(inquiries.transaction_status)
    reverse = _awaited(inquiries.reverse)
    c2b_register = _awaited(c2b.c2b_register)
    c2b_simulate = _awaited(c2b.c2b_simulate)
    dynamic_qr = _awaited(qr.dynamic_qr)

    async def aclose(self) -> None:
        """Closes the connections. Calling it twice does no harm."""
        await self._line.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.aclose()

    def __repr__(self) -> str:
        return _shown(self, self.settings)


class MpesaPochiSync:
    """The same, blocking, for programs without an event loop: any number of threads may share it.
    Use it as a context manager, or call `close()`.

    Args:
        settings: who the merchant is and where Daraja is.
        transport: an httpx transport to use instead of the network.
        now: the wall clock; only the Timestamp field is read from it.
        timeout: seconds for one whole exchange; one that trickles can take up to twice as long.
        new_id: makes the OriginatorConversationID of a payout that is given none.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        transport: httpx.BaseTransport | None = None,
        now: Callable[[], datetime] = clock.now,
        timeout: float = 30.0,
        new_id: Callable[[], str] = originator.new_id,
    ) -> None:
        self.settings = settings
        self.new_id = new_id
        self._desk = Desk(settings, now=now, new_id=new_id)
        self._line = BlockingLine(self._desk, transport=transport, timeout=timeout)

    sign_in = _blocking(access.sign_in)
    stk_push = _blocking(express.stk_push)
    stk_query = _blocking(express.stk_query)
    wait_for_payment = _blocking(express.wait_for_payment)
    b2c = _blocking(payouts.b2c)
    b2pochi = _blocking(payouts.b2pochi)
    account_balance = _blocking(inquiries.account_balance)
    transaction_status = _blocking(inquiries.transaction_status)
    reverse = _blocking(inquiries.reverse)
    c2b_register = _blocking(c2b.c2b_register)
    c2b_simulate = _blocking(c2b.c2b_simulate)
    dynamic_qr = _blocking(qr.dynamic_qr)

    def close(self) -> None:
        """Closes the connections. Calling it twice does no harm."""
        self._line.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return _shown(self, self.settings)


def _shown(client: object, settings: Settings) -> str:
    name = type(client).__name__
    return f"<{name} {settings.environment} {settings.shortcode} {settings.base_url}>"
