"""Payments that customers begin: where they are reported, and simulating one in the sandbox."""

from collections.abc import Iterable
from decimal import Decimal
from urllib.parse import urlsplit

from mpesa_pochi import accepted, arguments
from mpesa_pochi.accepted import C2BAccepted, C2BRegistered
from mpesa_pochi.answers import Operation
from mpesa_pochi.conversation import call
from mpesa_pochi.desk import Desk
from mpesa_pochi.errors import InvalidRequest
from mpesa_pochi.phone import normalise
from mpesa_pochi.push import whole_shillings
from mpesa_pochi.redaction import mask_phone
from mpesa_pochi.request import Repeat, Request, sealed
from mpesa_pochi.secret import Secret
from mpesa_pochi.settings import Environment
from mpesa_pochi.steps import Steps

RESPONSE_TYPES = ("Completed", "Cancelled")
COMMANDS = ("CustomerPayBillOnline", "CustomerBuyGoodsOnline")


def c2b_register(
    desk: Desk,
    *,
    confirmation_url: str,
    validation_url: str,
    response_type: str = "Completed",
    version: int = 2,
    shortcode: str | None = None,
) -> Steps[C2BRegistered]:
    """Tells Daraja where to report payments that customers make by themselves.

    Production takes it once for a shortcode (documented), so it is sent once. After a lost answer
    register again: `DuplicateRequest` then means that the first arrived.

    Args:
        confirmation_url: gets every payment, once the money has moved.
        validation_url: is asked before, if Safaricom has enabled that for the shortcode. Daraja
            refuses addresses that hold the word mpesa (seen).
        response_type: what happens when the validation does not answer: `Completed`, the payment
            goes on; `Cancelled`, it does not.
        version: 2, payments come with masked phones; 1, with hashed ones (documented).
        shortcode: instead of MPESA_NUMBER.

    Raises:
        InvalidRequest: an argument is wrong; nothing was sent.
        Unreachable: no answer; if `sent` is true the URLs may be registered.
        DuplicateRequest: the shortcode has URLs.
        DarajaError: refused.
    """
    own = desk.settings.shortcode if shortcode is None else shortcode
    urls = {
        "ConfirmationURL": _url(desk, "confirmation_url", confirmation_url),
        "ValidationURL": _url(desk, "validation_url", validation_url),
    }
    body = {
        "ShortCode": arguments.organisation("shortcode", own),
        "ResponseType": arguments.one_of("response_type", response_type, RESPONSE_TYPES),
        **urls,
    }
    request = Request(
        operation=Operation.C2B_REGISTER,
        path=f"/mpesa/c2b/v{_version(version)}/registerurl",
        body=sealed(body),
        inside=tuple(Secret(url) for url in urls.values()),
        parse=accepted.parse_registered,
        repeat=Repeat.NEVER,
        shown=f"c2b_register {own} at {_hosts(urls.values())}",
        told=lambda _: "registered",
    )
    return call(desk, request)


def c2b_simulate(
    desk: Desk,
    *,
    phone: str | int,
    amount: int | Decimal,
    reference: str | None,
    command: str = "CustomerPayBillOnline",
    version: int = 2,
    shortcode: str | None = None,
) -> Steps[C2BAccepted]:
    """Has a test customer pay a paybill or till; sandbox only (documented).

    Args:
        phone: of the customer, written in any way.
        amount: whole shillings, at least 1.
        reference: the account number, at most 20 characters (documented); None for a till.
        command: or `CustomerBuyGoodsOnline`, for a till.
        version: of the path.
        shortcode: a C2B test shortcode, instead of MPESA_NUMBER; 174379 is none (documented).

    Raises:
        InvalidRequest: an argument is wrong, or this is production; nothing was sent.
        Unreachable: no connection; nothing was sent.
        DarajaError: refused; nothing is paid.
        UnknownOutcome: sent, fate unknown.
    """
    if desk.settings.environment is Environment.PRODUCTION:
        raise InvalidRequest("c2b_simulate exists in the sandbox only, and MPESA_ENV is production")
    payer, shillings = normalise(phone), whole_shillings(amount)
    command_id = arguments.one_of("command", command, COMMANDS)
    if reference is None and command_id == COMMANDS[0]:
        raise InvalidRequest("a paybill needs a reference, the account number that is paid into")
    own = desk.settings.shortcode if shortcode is None else shortcode
    body = {
        "ShortCode": arguments.organisation("shortcode", own),
        "CommandID": command_id,
        "Amount": str(shillings),
        "Msisdn": payer,
        "BillRefNumber": None if reference is None else _reference(reference),
    }
    request = Request(
        operation=Operation.C2B_SIMULATE,
        path=f"/mpesa/c2b/v{_version(version)}/simulate",
        body=sealed(body),
        parse=accepted.parse_simulated,
        repeat=Repeat.MOVES_MONEY,
        shown=f"c2b_simulate {mask_phone(payer)} KES {shillings}",
        told=lambda _: "accepted",
    )
    return call(desk, request)


def _url(desk: Desk, name: str, url: str) -> str:
    return arguments.url(name, url, https_only=desk.https_only)


def _hosts(urls: Iterable[str]) -> str:
    """All that a log may say of the addresses: their paths may hold a token."""
    return ", ".join(sorted({urlsplit(url).hostname or "" for url in urls}))


def _reference(reference: str) -> str:
    return arguments.line("reference", reference, shortest=1, longest=100)


def _version(version: int) -> int:
    if version not in {1, 2}:
        raise InvalidRequest(f"version is 1 or 2, not {str(version)[:20]!a}")
    return int(version)
