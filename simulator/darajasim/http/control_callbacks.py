"""`/_sim/callbacks/resend` and `/_sim/pay`: what Daraja or a customer does when told to."""

from __future__ import annotations

from starlette.requests import Request
from starlette.routing import Route

from darajasim.core.events import CallbackAttempted
from darajasim.core.msisdn import normalise
from darajasim.core.namespace import Namespace
from darajasim.core.simulator import Simulator
from darajasim.http.control_journal import EVENT, shown
from darajasim.http.control_page import (
    NOT_THERE,
    TOO_MANY,
    WRONG_BODY,
    WRONG_QUERY,
    Page,
    Verb,
    routes,
)
from darajasim.http.control_request import (
    ProblemError,
    body_object,
    made,
    used,
)
from darajasim.operations.resending import resend

MOST_AT_ONCE = 1_000
HIGHEST_AMOUNT = 999_999_999
USUAL_SHORTCODE = "174379"


_NUMBER = {"type": "integer", "minimum": 1, "description": "a number of the journal"}
RESEND = Verb(
    "sim_resend",
    "Send callbacks again, byte for byte: `number`, or `from` and perhaps `to`.",
    {
        "type": "object",
        "properties": {
            "resent": {"type": "integer"},
            "events": {"type": "array", "items": EVENT},
        },
        "required": ["resent", "events"],
    },
    body={"number": _NUMBER, "from": _NUMBER, "to": _NUMBER},
    example={"number": 12},
    problems=(WRONG_QUERY, NOT_THERE, WRONG_BODY),
)
PAY = Verb(
    "sim_pay",
    "A customer pays a paybill or till from the phone, unasked.",
    {
        "type": "object",
        "properties": {"subject": {"type": "string", "description": "what events about it name"}},
        "required": ["subject"],
    },
    body={
        "phone": {"type": ["string", "integer"], "description": "written in any Kenyan way"},
        "amount": {
            "type": "integer",
            "minimum": 1,
            "maximum": HIGHEST_AMOUNT,
            "description": "whole shillings",
        },
        "shortcode": {"type": ["string", "integer"], "default": USUAL_SHORTCODE},
        "reference": {"type": "string", "description": "the account number that is typed"},
    },
    example={"phone": "0722000000", "amount": 100, "shortcode": "600984", "reference": "A-1"},
    problems=(WRONG_QUERY, WRONG_BODY, TOO_MANY),
)
PAGES = (
    Page("/_sim/callbacks/resend", {"POST": RESEND}),
    Page("/_sim/pay", {"POST": PAY}),
)


def callback_routes(simulator: Simulator) -> list[Route]:
    """The pages that make something happen."""

    async def again(request: Request) -> object:
        asked = await body_object(request, RESEND.keys)
        namespace = used(simulator, request)
        events = _meant(namespace, asked)
        before = namespace.journal.dropped + len(namespace.journal)
        await resend(namespace, events)
        sent = {(event.subject, event.callback) for event in events}
        return {
            "resent": len(events),
            "events": [
                shown(number, event)
                for number, event in namespace.journal.numbered(before)
                if isinstance(event, CallbackAttempted) and (event.subject, event.callback) in sent
            ],
        }

    async def pay(request: Request) -> object:
        asked = await body_object(request, PAY.keys)
        return {"subject": _pay(made(simulator, request), asked)}

    return routes(PAGES, {"/_sim/callbacks/resend": again, "/_sim/pay": pay})


def _meant(namespace: Namespace, asked: dict[str, object]) -> list[CallbackAttempted]:
    """The callbacks of one journal number, or of a range of them, in their order.

    Raises:
        ProblemError: 422 or 404.
    """
    if set(asked) not in ({"number"}, {"from"}, {"from", "to"}):
        found = ", ".join(sorted(asked)) or "nothing"
        raise ProblemError(422, f"expected `number`, or `from` and perhaps `to`, found {found}")
    for key, value in asked.items():
        if not isinstance(value, int) or isinstance(value, bool) or value < 1:
            raise ProblemError(
                422, f"expected a number of the journal for `{key}`, found {repr(value)[:60]}"
            )
    newest = namespace.journal.dropped + len(namespace.journal)
    first = asked.get("number", asked.get("from"))
    last = asked.get("number", asked.get("to", newest))
    found_events = [
        event
        for number, event in namespace.journal.numbered(int(str(first)) - 1)
        if number <= int(str(last)) and isinstance(event, CallbackAttempted)
    ]
    if not found_events:
        raise ProblemError(
            404,
            f"expected a callback-attempted event among the numbers {first} to {last}, found none; "
            "GET /_sim/journal?kind=callback-attempted lists them",
        )
    if len(found_events) > MOST_AT_ONCE:
        raise ProblemError(
            422, f"expected at most {MOST_AT_ONCE} callbacks at once, found {len(found_events)}"
        )
    return found_events


def _pay(namespace: Namespace, asked: dict[str, object]) -> str:
    """Let a customer pay from the phone; the subject of what follows.

    Raises:
        ProblemError: 422.
    """
    from darajasim.operations.c2b_course import pay_from_phone  # noqa: PLC0415  # rarely used

    missing = [key for key in ("phone", "amount") if key not in asked]
    if missing:
        raise ProblemError(
            422, f"expected `phone` and `amount`, found no {' and no '.join(missing)}"
        )
    amount, shortcode = asked["amount"], str(asked.get("shortcode", USUAL_SHORTCODE))
    if not isinstance(amount, int) or isinstance(amount, bool) or amount > HIGHEST_AMOUNT:
        shown_amount = repr(amount)[:60]
        raise ProblemError(422, f"expected whole shillings for `amount`, found {shown_amount}")
    if not (shortcode.isascii() and shortcode.isdecimal() and 5 <= len(shortcode) <= 7):
        raise ProblemError(
            422, f"expected five to seven digits for `shortcode`, found {shortcode[:60]!r}"
        )
    phone, reference = str(asked["phone"]), str(asked.get("reference", ""))
    try:
        return pay_from_phone(
            namespace,
            msisdn=normalise(phone),
            shortcode=shortcode,
            amount=amount,
            reference=reference,
        )
    except ValueError as error:
        found = f"expected a phone such as 0722000000, found {phone[:60]!r}: {error}"
        told = str(error) if str(error).startswith("expected") else found
        raise ProblemError(422, told) from None
