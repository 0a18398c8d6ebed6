"""What an organisation asks about itself: its balances, a transaction's status, a reversal."""

from decimal import Decimal

from mpesa_pochi import arguments
from mpesa_pochi.accepted import CommandAccepted
from mpesa_pochi.answers import Operation
from mpesa_pochi.command import Authority, issue
from mpesa_pochi.desk import Desk
from mpesa_pochi.errors import InvalidRequest
from mpesa_pochi.phone import normalise
from mpesa_pochi.request import Repeat
from mpesa_pochi.steps import Steps

BALANCE_PATH = "/mpesa/accountbalance/v1/query"
STATUS_PATH = "/mpesa/transactionstatus/v1/query"
REVERSAL_PATH = "/mpesa/reversal/v1/request"

MSISDN, TILL, SHORTCODE = "1", "2", "4"
"""Identifier types (documented)."""

REVERSED_ORGANISATION = "11"
"""The identifier type of a reversal (documented; a tutorial of 2018 has 4)."""


def account_balance(
    desk: Desk,
    *,
    remarks: str = "Balance",
    shortcode: str | None = None,
    identifier_type: str = "4",
    result_url: str | None = None,
    timeout_url: str | None = None,
) -> Steps[CommandAccepted]:
    """Asks for the balances of an own shortcode. They come as a result: `CommandResult.balances`.

    It changes nothing, so server faults and lost answers are asked again, twice; then two results
    may come.

    Args:
        remarks: 2 to 100 characters.
        shortcode: instead of MPESA_PAYOUT_SHORTCODE, or MPESA_NUMBER without that.
        identifier_type: `4` for a shortcode, `2` for a till (seen).
        result_url: instead of MPESA_RESULT_URL.
        timeout_url: instead of MPESA_TIMEOUT_URL.

    Raises:
        InvalidRequest: an argument is wrong; nothing was sent.
        SettingsError: a setting that it needs is missing; nothing was sent.
        Unreachable: no answer.
        DarajaError: refused.
    """
    kind = arguments.one_of("identifier_type", identifier_type, (SHORTCODE, TILL))
    asked = arguments.organisation("shortcode", _own(desk, shortcode))
    fields = {
        "CommandID": "AccountBalance",
        "PartyA": asked,
        "IdentifierType": kind,
        "Remarks": arguments.remarks(remarks),
    }
    authority = Authority.of(desk, "account_balance", result_url, timeout_url)
    return issue(
        desk,
        Operation.BALANCE,
        BALANCE_PATH,
        body=authority.signs(fields),
        authority=authority,
        shown=asked,
        repeat=Repeat.THROUGH_TROUBLE,
    )


def transaction_status(
    desk: Desk,
    *,
    receipt: str | None = None,
    original_conversation_id: str | None = None,
    remarks: str = "Status",
    occasion: str = "",
    identifier_type: str = "4",
    party: str | None = None,
    result_url: str | None = None,
    timeout_url: str | None = None,
) -> Steps[CommandAccepted]:
    """Asks what became of a transaction. It comes as a result: `CommandResult.status`.

    This is what to do after an `UnknownOutcome`: with the `originator_conversation_id` of the
    payout. It changes nothing, and is asked again, twice, through server faults and lost answers.

    Args:
        receipt: of the transaction; this or `original_conversation_id`, or both.
        original_conversation_id: the payout's `originator_conversation_id`.
        remarks: 2 to 100 characters.
        occasion: at most 100 characters; the result has it again.
        identifier_type: of `party`: `4` a shortcode, `2` a till, `1` a phone.
        party: instead of MPESA_PAYOUT_SHORTCODE, or MPESA_NUMBER without that.
        result_url: instead of MPESA_RESULT_URL.
        timeout_url: instead of MPESA_TIMEOUT_URL.

    Raises:
        InvalidRequest: an argument is wrong, or there is no id; nothing was sent.
        SettingsError: a setting that it needs is missing; nothing was sent.
        Unreachable: no answer.
        DarajaError: refused.
    """
    ids = {"TransactionID": receipt, "OriginalConversationID": original_conversation_id}
    given = {name: arguments.identifier(name, value) for name, value in ids.items() if value}
    if not given:
        raise InvalidRequest("transaction_status needs receipt or original_conversation_id")
    kind = arguments.one_of("identifier_type", identifier_type, (SHORTCODE, TILL, MSISDN))
    fields = {
        "CommandID": "TransactionStatusQuery",
        "TransactionID": "",  # may be empty when the other is given (seen)
        **given,
        "PartyA": _party(desk, kind, party),
        "IdentifierType": kind,
        "Remarks": arguments.remarks(remarks),
        "Occasion": arguments.occasion(occasion),
    }
    authority = Authority.of(desk, "transaction_status", result_url, timeout_url)
    return issue(
        desk,
        Operation.STATUS,
        STATUS_PATH,
        body=authority.signs(fields),
        authority=authority,
        shown=" ".join(given.values()),
        repeat=Repeat.THROUGH_TROUBLE,
    )


def reverse(
    desk: Desk,
    *,
    receipt: str,
    amount: int | Decimal,
    remarks: str,
    occasion: str = "",
    shortcode: str | None = None,
    result_url: str | None = None,
    timeout_url: str | None = None,
) -> Steps[CommandAccepted]:
    """Gives a customer's payment back. The outcome comes as a result: `CommandResult.reversal`.

    Only money that customers paid in can be reversed, while the account still holds it; payouts
    cannot (documented). It may wait hours for Safaricom's approval. A reversal is sent once.

    Args:
        receipt: of the payment.
        amount: of the payment, in shillings, to the cent; whether less is taken is not known.
        remarks: 2 to 100 characters.
        occasion: at most 100 characters.
        shortcode: what received the payment, instead of MPESA_NUMBER.
        result_url: instead of MPESA_RESULT_URL.
        timeout_url: instead of MPESA_TIMEOUT_URL.

    Raises:
        InvalidRequest: an argument is wrong; nothing was sent.
        SettingsError: a setting that it needs is missing; nothing was sent.
        Unreachable: no connection; nothing was sent.
        DarajaError: refused; nothing is reversed.
        UnknownOutcome: sent, fate unknown. M-PESA refuses to reverse one receipt twice
            (`R000001`, documented).
    """
    reversed_receipt = arguments.identifier("receipt", receipt)
    shillings = arguments.cents(amount)
    fields = {
        "CommandID": "TransactionReversal",
        "TransactionID": reversed_receipt,
        "Amount": shillings,
        "ReceiverParty": arguments.organisation(
            "shortcode", desk.settings.shortcode if shortcode is None else shortcode
        ),
        "RecieverIdentifierType": REVERSED_ORGANISATION,  # spelt so (seen)
        "Remarks": arguments.remarks(remarks),
        "Occasion": arguments.occasion(occasion),
    }
    authority = Authority.of(desk, "reverse", result_url, timeout_url)
    return issue(
        desk,
        Operation.REVERSAL,
        REVERSAL_PATH,
        body=authority.signs(fields),
        authority=authority,
        shown=f"{reversed_receipt} KES {shillings}",
        repeat=Repeat.MOVES_MONEY,
    )


def _own(desk: Desk, given: str | None) -> str:
    """The shortcode that the initiator belongs to."""
    return given or desk.settings.payout_shortcode or desk.settings.shortcode


def _party(desk: Desk, kind: str, party: str | None) -> str:
    if kind != MSISDN:
        return arguments.organisation("party", _own(desk, party))
    if party is None:
        raise InvalidRequest("identifier_type 1 is a phone: give it as party")
    return normalise(party)
