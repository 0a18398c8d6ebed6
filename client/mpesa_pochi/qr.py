"""Dynamic QR: a code that M-PESA's app scans to pay."""

from decimal import Decimal

from mpesa_pochi import accepted, arguments
from mpesa_pochi.accepted import QrCode
from mpesa_pochi.answers import Operation
from mpesa_pochi.conversation import call
from mpesa_pochi.desk import Desk
from mpesa_pochi.errors import InvalidRequest
from mpesa_pochi.phone import normalise
from mpesa_pochi.push import whole_shillings
from mpesa_pochi.request import Repeat, Request, sealed
from mpesa_pochi.steps import Steps

PATH = "/mpesa/qrcode/v1/generate"

ORGANISATIONS = ("BG", "WA", "PB")
PHONES = ("SM", "SB")

LARGEST = 10_000
"""Pixels. Daraja states no limit."""


def dynamic_qr(
    desk: Desk,
    *,
    amount: int | Decimal,
    reference: str,
    merchant_name: str | None = None,
    trx_code: str = "PB",
    cpi: str | int | None = None,
    size: int = 300,
) -> Steps[QrCode]:
    """Makes a QR code for one payment; a payment by scanning comes as any other (guessed).

    It changes nothing, so server faults and lost answers are asked again, twice.

    Args:
        amount: whole shillings, at least 1.
        reference: what the payment is for.
        merchant_name: shown to the customer, instead of MPESA_POCHI_NAME.
        trx_code: `PB` paybill, `BG` till, `WA` withdrawal at an agent's till, `SM` send money to a
            phone, `SB` to a business's phone.
        cpi: who is paid: paybill, till or agent, MPESA_NUMBER if it is not given; for `SM` and
            `SB` a phone.
        size: pixels of each side.

    Raises:
        InvalidRequest: an argument is wrong; nothing was sent.
        Unreachable: no answer.
        DarajaError: refused.
    """
    name = desk.settings.name if merchant_name is None else merchant_name
    code = arguments.one_of("trx_code", trx_code, (*ORGANISATIONS, *PHONES))
    shillings = whole_shillings(amount)
    body: dict[str, str | int | None] = {
        "MerchantName": arguments.line("merchant_name", name, shortest=1, longest=100),
        "RefNo": arguments.line("reference", reference, shortest=1, longest=100),
        "Amount": shillings,
        "TrxCode": code,
        "CPI": _credited(desk, code, cpi),
        "Size": str(_pixels(size)),
    }
    request = Request(
        operation=Operation.QR,
        path=PATH,
        body=sealed(body),
        parse=accepted.parse_qr,
        repeat=Repeat.THROUGH_TROUBLE,
        shown=f"dynamic_qr {code} KES {shillings}",
        told=lambda made: f"{len(made.png)} bytes of PNG",
    )
    return call(desk, request)


def _credited(desk: Desk, code: str, cpi: str | int | None) -> str:
    if code in PHONES:
        if cpi is None:
            raise InvalidRequest(f"trx_code {code} pays a phone: give it as cpi")
        return normalise(cpi)
    return arguments.organisation("cpi", desk.settings.shortcode if cpi is None else str(cpi))


def _pixels(size: object) -> int:
    if isinstance(size, bool) or not isinstance(size, int) or not 1 <= size <= LARGEST:
        raise InvalidRequest(f"size is 1 to {LARGEST} pixels as an int, not {str(size)[:20]!a}")
    return size
