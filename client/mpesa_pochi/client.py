"""`MpesaPochi`: pushes, queries and waiting, over one connection pool and one access token."""

import asyncio
import json
import logging
from base64 import b64encode
from collections.abc import Awaitable, Callable
from datetime import datetime
from decimal import Decimal
from math import isfinite
from types import TracebackType
from typing import Self, TypeVar

import httpx

from mpesa_pochi import answers, clock
from mpesa_pochi.answers import IssuedToken, Operation, RawAnswer, Redact
from mpesa_pochi.errors import (
    InvalidRequest,
    PochiError,
    ServerFault,
    UnknownOutcome,
    Unreachable,
)
from mpesa_pochi.outcome import PaymentOutcome, PushStatus
from mpesa_pochi.password import password, timestamp
from mpesa_pochi.polling import Watch
from mpesa_pochi.push import Push, PushAccepted, checkout_id
from mpesa_pochi.redaction import Redactor, mask_id, mask_numbers, mask_phone
from mpesa_pochi.secret import Secret
from mpesa_pochi.settings import Environment, Settings
from mpesa_pochi.tokens import TokenCache
from mpesa_pochi.wire import Wire

TOKEN_PATH = "/oauth/v1/generate?grant_type=client_credentials"  # noqa: S105 - a path
PUSH_PATH = "/mpesa/stkpush/v1/processrequest"
QUERY_PATH = "/mpesa/stkpushquery/v1/query"

REPEAT_PAUSES = (0.5, 1.0)
"""Seconds before the second and third attempt at what moves no money: a token, a query."""

SHORTEST_QUERY = 1.0
"""Seconds that a query begun just before the end of waiting may still take."""

SHORTEST_PAUSE = 0.001
"""Seconds between queries even if none is asked for, so that time passes on every kind of loop."""

logger = logging.getLogger("mpesa_pochi")
logger.addHandler(logging.NullHandler())

T = TypeVar("T")


class MpesaPochi:
    """A merchant's line to Daraja. Use it as an async context manager, or call `aclose()`.

    Args:
        settings: who the merchant is and where Daraja is.
        transport: an httpx transport to use instead of the network.
        now: the wall clock; only the Timestamp field is read from it.
        timeout: seconds for one whole exchange, from connecting to the last byte.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        transport: httpx.AsyncBaseTransport | None = None,
        now: Callable[[], datetime] = clock.now,
        timeout: float = 30.0,
    ) -> None:
        self.settings = settings
        self._now = now
        self._wire = Wire(settings.base_url, transport=transport, timeout=timeout)
        self._tokens = TokenCache(self._fetch_token)

    async def stk_push(
        self,
        *,
        phone: str | int,
        amount: int | Decimal,
        reference: str,
        description: str = "Payment",
        callback_url: str | None = None,
        transaction_type: str = "CustomerPayBillOnline",
        party_b: str | None = None,
    ) -> PushAccepted:
        """Asks a customer to pay. The answer says only that the prompt is on its way.

        Daraja knows no idempotency: two calls are two payments. So a push is sent once, again only
        if the first never left or was refused for its token. Cancelling a call that is under way
        leaves its outcome as unknown as a lost answer does.

        Args:
            phone: of the customer, written in any way (`mpesa_pochi.phone.normalise`).
            amount: whole shillings, at least 1.
            reference: shown to the customer; Daraja documents 12 characters and takes 15.
            description: not empty, whatever Daraja's documentation says.
            callback_url: instead of the settings' own.
            transaction_type: or `CustomerBuyGoodsOnline`, for a till.
            party_b: the till, for a till; otherwise the shortcode itself.

        Raises:
            InvalidRequest: an argument is wrong (`PhoneNumberError`: the phone); nothing was sent.
            Unreachable: no connection; nothing was sent.
            DarajaError: refused; the customer is not prompted.
            UnknownOutcome: sent, fate unknown. Settle it by callback or query; never push again.
        """
        push = Push.checked(
            phone=phone,
            amount=amount,
            reference=reference,
            description=description,
            callback_url=self.settings.callback_url if callback_url is None else callback_url,
            transaction_type=transaction_type,
            party_b=self.settings.shortcode if party_b is None else party_b,
            https_only=self.settings.environment is Environment.PRODUCTION,
        )
        del callback_url  # it may hold a token, and tracebacks can show local variables
        who = f"stk_push {mask_phone(push.phone)} KES {push.amount}"
        try:
            accepted = await self._push(push)
        except UnknownOutcome as error:
            logger.warning("%s: outcome unknown: %s", who, mask_numbers(error.message))
            raise
        except PochiError as error:
            logger.warning("%s: not accepted: %s", who, mask_numbers(str(error)))
            raise
        logger.info("%s: accepted as %s", who, mask_id(accepted.checkout_request_id))
        return accepted

    async def stk_query(self, checkout_request_id: str) -> PushStatus:
        """Asks once how a payment stands. Server faults and lost answers are asked again, twice.

        Raises:
            InvalidRequest: not an id that can be asked about.
            Unreachable: no answer; the payment is as it was.
            DarajaError: an answer that says nothing about the payment, such as TransactionNotFound.
        """
        asked = checkout_id(checkout_request_id)
        status = await _repeated(lambda: self._query(asked), Operation.QUERY)
        logger.info("stk_query %s: %s %s", mask_id(asked), status.state.value, status.code)
        return status

    async def wait_for_payment(
        self, checkout_request_id: str, *, every: float = 3.0, within: float = 120.0
    ) -> PaymentOutcome:
        """Queries until the payment is final or the time is up.

        Server faults, throttling, lost answers and every in-flight answer are waited out. An answer
        that cannot improve (credentials refused, an id still unknown after ten seconds) ends the
        waiting early, as UNKNOWN.

        Args:
            checkout_request_id: from the acknowledgement.
            every: seconds between queries; longer while Daraja throttles.
            within: seconds in all. The last query may take one second more.

        Returns:
            The outcome: PAID or FAILED if Daraja said so, otherwise PENDING or UNKNOWN.

        Raises:
            InvalidRequest: an argument is wrong. Nothing else is raised.
        """
        asked = checkout_id(checkout_request_id)
        if not all(isfinite(seconds) and seconds >= 0 for seconds in (every, within)):
            raise InvalidRequest("every and within are seconds, finite and not negative")
        self._check_open()
        loop = asyncio.get_running_loop()
        watch = Watch(checkout_request_id=asked, every=every, started=loop.time())
        outcome = await self._watch(watch, loop.time() + within)
        logger.info("payment %s: %s %s", mask_id(asked), outcome.state.value, outcome.code)
        return outcome

    async def aclose(self) -> None:
        """Closes the connections. Calling it twice does no harm."""
        await self._tokens.aclose()
        await self._wire.aclose()

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
        settings = self.settings
        return f"<MpesaPochi {settings.environment} {settings.shortcode} {settings.base_url}>"

    async def _push(self, push: Push) -> PushAccepted:
        moment = timestamp(self._now())
        signature = password(self.settings.shortcode, self.settings.passkey, moment)
        body = _sealed(
            push.body(shortcode=self.settings.shortcode, password=signature, timestamp=moment)
        )
        inside = (signature, Secret(push.callback_url))
        try:
            answer, redact = await self._post(Operation.PUSH, PUSH_PATH, body, *inside)
        except Unreachable as error:
            if error.sent and error.operation == Operation.PUSH.value:
                raise UnknownOutcome(error.message) from error
            raise
        return answers.parse_acknowledgement(answer, redact)

    async def _query(self, checkout_request_id: str) -> PushStatus:
        moment = timestamp(self._now())
        signature = password(self.settings.shortcode, self.settings.passkey, moment)
        body = _sealed(
            {
                "BusinessShortCode": self.settings.shortcode,
                "Password": signature.reveal(),
                "Timestamp": moment,
                "CheckoutRequestID": checkout_request_id,
            }
        )
        answer, redact = await self._post(Operation.QUERY, QUERY_PATH, body, signature)
        return answers.parse_status(answer, checkout_request_id, redact)

    async def _post(
        self, operation: Operation, path: str, body: Secret, *inside: Secret
    ) -> tuple[RawAnswer, Redact]:
        """One call with the token; with a new token, once, if it is refused for the old one.

        `inside` are the secrets in the body; what is returned with the answer cuts them out of it.
        """
        token = await self._tokens.get()
        redact = self._redactor(token, *inside)
        answer = await self._send(operation, path, body, token, redact)
        if answers.refuses_token(answer):
            logger.info("%s: access token refused, authenticating again", operation.value)
            token = await self._tokens.replace(token)
            redact = self._redactor(token, *inside)
            answer = await self._send(operation, path, body, token, redact)
        return answer, redact

    async def _send(
        self, operation: Operation, path: str, body: Secret, token: Secret, redact: Redact
    ) -> RawAnswer:
        self._check_open()
        request = self._wire.request(
            "POST",
            path,
            authorization=f"Bearer {token.reveal()}",
            body=body.reveal().encode("utf-8", "replace"),
        )
        return await self._wire.send(request, operation, redact)

    async def _fetch_token(self) -> IssuedToken:
        self._check_open()
        settings = self.settings
        pair = f"{settings.consumer_key.reveal()}:{settings.consumer_secret.reveal()}"
        basic = Secret(b64encode(pair.encode()).decode("ascii"))
        del pair
        redact = self._redactor(basic)

        async def fetch() -> IssuedToken:
            request = self._wire.request("GET", TOKEN_PATH, authorization=f"Basic {basic.reveal()}")
            answer = await self._wire.send(request, Operation.OAUTH, redact)
            return answers.parse_token(answer, redact)

        return await _repeated(fetch, Operation.OAUTH)

    async def _watch(self, watch: Watch, deadline: float) -> PaymentOutcome:
        loop = asyncio.get_running_loop()
        while True:
            outcome = await self._look(watch, max(deadline, loop.time() + SHORTEST_QUERY))
            left = deadline - loop.time()
            if outcome is not None:
                return outcome
            if left <= 0:
                return watch.time_is_up()
            await asyncio.sleep(min(max(watch.pause, SHORTEST_PAUSE), left))

    async def _look(self, watch: Watch, until: float) -> PaymentOutcome | None:
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout_at(until):
                status = await self._query(watch.checkout_request_id)
        except TimeoutError:
            silence = Unreachable(
                "the time was up first", operation=Operation.QUERY.value, sent=True
            )
            return watch.failed(silence, loop.time())
        except PochiError as error:
            shown = mask_id(watch.checkout_request_id)
            logger.info("stk_query %s: %s", shown, mask_numbers(str(error)))
            return watch.failed(error, loop.time())
        return watch.answered(status)

    def _redactor(self, *more: Secret) -> Redactor:
        return Redactor((*self.settings.secrets, *more))

    def _check_open(self) -> None:
        if self._wire.closed:
            raise InvalidRequest("this MpesaPochi was closed; make a new one")


async def _repeated(attempt: Callable[[], Awaitable[T]], operation: Operation) -> T:
    """Up to three attempts at what moves no money, while Daraja fails or its answers are lost.

    Connections that were never established have been tried again already, by the wire.
    """
    for pause in REPEAT_PAUSES:
        try:
            return await attempt()
        except (ServerFault, Unreachable) as error:
            in_vain = isinstance(error, Unreachable) and not error.sent
            if in_vain or error.operation != operation.value:
                raise
            logger.info("%s, trying again in %s s", mask_numbers(str(error)), pause)
        await asyncio.sleep(pause)
    return await attempt()


def _sealed(fields: dict[str, str]) -> Secret:
    """A JSON body as a secret: it holds the password, and tracebacks can show local variables."""
    return Secret(json.dumps(fields))
