"""M-PESA Express: pushes, queries, and waiting for what becomes of a push."""

import logging
from decimal import Decimal
from math import isfinite

from mpesa_pochi import answers
from mpesa_pochi.answers import Operation
from mpesa_pochi.conversation import ask, call
from mpesa_pochi.desk import Desk
from mpesa_pochi.errors import InvalidRequest, PochiError, Unreachable
from mpesa_pochi.outcome import PaymentOutcome, PushStatus
from mpesa_pochi.polling import Watch
from mpesa_pochi.push import Push, PushAccepted, checkout_id
from mpesa_pochi.redaction import mask_id, mask_numbers, mask_phone
from mpesa_pochi.request import Repeat, Request, sealed
from mpesa_pochi.secret import Secret
from mpesa_pochi.steps import Steps, limited, pause, stopwatch

PUSH_PATH = "/mpesa/stkpush/v1/processrequest"
QUERY_PATH = "/mpesa/stkpushquery/v1/query"

SHORTEST_QUERY = 1.0
"""Seconds that a query begun just before the end of waiting may still take."""

SHORTEST_PAUSE = 0.001
"""Seconds between queries even if none is asked for, so that time passes on every kind of loop."""

logger = logging.getLogger("mpesa_pochi")


def stk_push(
    desk: Desk,
    *,
    phone: str | int,
    amount: int | Decimal,
    reference: str,
    description: str = "Payment",
    callback_url: str | None = None,
    transaction_type: str = "CustomerPayBillOnline",
    party_b: str | None = None,
) -> Steps[PushAccepted]:
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
    settings = desk.settings
    push = Push.checked(
        phone=phone,
        amount=amount,
        reference=reference,
        description=description,
        callback_url=settings.callback_url if callback_url is None else callback_url,
        transaction_type=transaction_type,
        party_b=settings.shortcode if party_b is None else party_b,
        https_only=desk.https_only,
    )
    return _push(desk, push)


def _push(desk: Desk, push: Push) -> Steps[PushAccepted]:
    signature, moment = desk.signature()
    shortcode = desk.settings.shortcode
    request = Request(
        operation=Operation.PUSH,
        path=PUSH_PATH,
        body=sealed(push.body(shortcode=shortcode, password=signature, timestamp=moment)),
        inside=(signature, Secret(push.callback_url)),
        parse=answers.parse_acknowledgement,
        repeat=Repeat.MOVES_MONEY,
        shown=f"stk_push {mask_phone(push.phone)} KES {push.amount}",
        told=lambda accepted: f"accepted as {mask_id(accepted.checkout_request_id)}",
    )
    return call(desk, request)


def stk_query(desk: Desk, checkout_request_id: str) -> Steps[PushStatus]:
    """Asks once how a payment stands. Server faults and lost answers are asked again, twice.

    Raises:
        InvalidRequest: not an id that can be asked about.
        Unreachable: no answer; the payment is as it was.
        DarajaError: an answer that says nothing about the payment, such as TransactionNotFound.
    """
    return call(desk, _query(desk, checkout_id(checkout_request_id)))


def _query(desk: Desk, asked: str) -> Request[PushStatus]:
    signature, moment = desk.signature()
    return Request(
        operation=Operation.QUERY,
        path=QUERY_PATH,
        body=sealed(
            {
                "BusinessShortCode": desk.settings.shortcode,
                "Password": signature.reveal(),
                "Timestamp": moment,
                "CheckoutRequestID": asked,
            }
        ),
        inside=(signature,),
        parse=lambda answer, redact: answers.parse_status(answer, asked, redact),
        repeat=Repeat.THROUGH_TROUBLE,
        shown=f"stk_query {mask_id(asked)}",
        told=lambda status: f"{status.state.value} {status.code}",
    )


def wait_for_payment(
    desk: Desk, checkout_request_id: str, *, every: float = 3.0, within: float = 120.0
) -> Steps[PaymentOutcome]:
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
    return _watch(desk, asked, every, within)


def _watch(desk: Desk, asked: str, every: float, within: float) -> Steps[PaymentOutcome]:
    started = yield from stopwatch()
    deadline = started + within
    watch = Watch(checkout_request_id=asked, every=every, started=started)
    while True:
        outcome = yield from _look(desk, watch, deadline)
        left = deadline - (yield from stopwatch())
        if outcome is None and left <= 0:
            outcome = watch.time_is_up()
        if outcome is not None:
            break
        yield from pause(min(max(watch.pause, SHORTEST_PAUSE), left))
    logger.info("payment %s: %s %s", mask_id(asked), outcome.state.value, outcome.code)
    return outcome


def _look(desk: Desk, watch: Watch, deadline: float) -> Steps[PaymentOutcome | None]:
    """One query, which may outlast the deadline by a second."""
    asked = watch.checkout_request_id
    now = yield from stopwatch()
    try:
        query = ask(desk, _query(desk, asked))
        status = yield from limited(query, max(deadline, now + SHORTEST_QUERY))
    except TimeoutError:
        trouble: PochiError = Unreachable(
            "the time was up first", operation=Operation.QUERY.value, sent=True
        )
    except PochiError as error:
        logger.info("stk_query %s: %s", mask_id(asked), mask_numbers(str(error)))
        trouble = error
    else:
        return watch.answered(status)
    now = yield from stopwatch()
    return watch.failed(trouble, now)
