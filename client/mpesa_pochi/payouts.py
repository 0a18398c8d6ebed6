"""Money to customers: B2C, and Business to Pochi."""

from dataclasses import dataclass
from decimal import Decimal

from mpesa_pochi import arguments
from mpesa_pochi.accepted import CommandAccepted
from mpesa_pochi.answers import Operation
from mpesa_pochi.command import Authority, issue
from mpesa_pochi.desk import Desk
from mpesa_pochi.phone import normalise
from mpesa_pochi.push import whole_shillings
from mpesa_pochi.redaction import mask_phone
from mpesa_pochi.request import Repeat
from mpesa_pochi.steps import Steps

B2C_PATH = "/mpesa/b2c/v3/paymentrequest"
B2POCHI_PATH = "/mpesa/b2pochi/v1/paymentrequest"

B2C_COMMANDS = ("BusinessPayment", "SalaryPayment", "PromotionPayment")
B2POCHI_COMMAND = "BusinessPayToPochi"


def b2c(
    desk: Desk,
    *,
    phone: str | int,
    amount: int | Decimal,
    remarks: str,
    command: str = "BusinessPayment",
    occasion: str = "",
    originator_conversation_id: str | None = None,
    result_url: str | None = None,
    timeout_url: str | None = None,
    shortcode: str | None = None,
) -> Steps[CommandAccepted]:
    """Pays a customer. The answer says only that M-PESA will try; the outcome comes as a result.

    A payout is sent once, again only if the first never left or was refused for its token. Daraja
    refuses a second payout under one `originator_conversation_id` (`DuplicateRequest`). So write
    down an id of your own before you call, and give it: then no crash, cancelled call or lost
    answer leaves you without the means to ask (`transaction_status`) instead of paying again.

    Args:
        phone: of the customer, written in any way.
        amount: whole shillings; M-PESA pays 10 to 250 000 (documented), and judges it later.
        remarks: 2 to 100 characters.
        command: `BusinessPayment`, `SalaryPayment` or `PromotionPayment`.
        occasion: at most 100 characters.
        originator_conversation_id: unique for ever; made here if it is not given.
        result_url: instead of MPESA_RESULT_URL.
        timeout_url: instead of MPESA_TIMEOUT_URL.
        shortcode: what pays, instead of MPESA_PAYOUT_SHORTCODE.

    Raises:
        InvalidRequest: an argument is wrong (`PhoneNumberError`: the phone); nothing was sent.
        SettingsError: a setting that it needs is missing; nothing was sent.
        Unreachable: no connection; nothing was sent.
        DuplicateRequest: there was a payout under this id before; this one was not made.
        DarajaError: refused; nothing is paid.
        UnknownOutcome: sent, fate unknown; its `originator_conversation_id` is what to ask about.
    """
    payout = _Payout(
        originator_conversation_id=_id(desk, originator_conversation_id),
        command=arguments.one_of("command", command, B2C_COMMANDS),
        shortcode=_payer(desk, "b2c", shortcode),
        phone=normalise(phone),
        amount=whole_shillings(amount),
        remarks=arguments.remarks(remarks),
        occasion=arguments.occasion(occasion),
    )
    authority = Authority.of(desk, "b2c", result_url, timeout_url)
    return payout.sent(desk, Operation.B2C, B2C_PATH, authority)


def b2pochi(
    desk: Desk,
    *,
    phone: str | int,
    amount: int | Decimal,
    remarks: str,
    occasion: str = "",
    originator_conversation_id: str | None = None,
    result_url: str | None = None,
    timeout_url: str | None = None,
    shortcode: str | None = None,
) -> Steps[CommandAccepted]:
    """Pays into a trader's Pochi la Biashara wallet. Arguments, rules and errors are those of
    `b2c`.

    An app without this product is refused as if its token were wrong (seen).
    """
    payout = _Payout(
        originator_conversation_id=_id(desk, originator_conversation_id),
        command=B2POCHI_COMMAND,
        shortcode=_payer(desk, "b2pochi", shortcode),
        phone=normalise(phone),
        amount=whole_shillings(amount),
        remarks=arguments.remarks(remarks),
        occasion=arguments.occasion(occasion),
    )
    authority = Authority.of(desk, "b2pochi", result_url, timeout_url)
    return payout.sent(desk, Operation.B2POCHI, B2POCHI_PATH, authority)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Payout:
    """A payout, checked. Every value is text on the wire, which Daraja takes as numbers (seen)."""

    originator_conversation_id: str
    command: str
    shortcode: str
    phone: str
    amount: int
    remarks: str
    occasion: str

    def sent(
        self, desk: Desk, operation: Operation, path: str, authority: Authority
    ) -> Steps[CommandAccepted]:
        fields = {
            "OriginatorConversationID": self.originator_conversation_id,
            "CommandID": self.command,
            "Amount": str(self.amount),
            "PartyA": self.shortcode,
            "PartyB": self.phone,
            "Remarks": self.remarks,
            "Occassion": self.occasion,  # spelt so (seen)
        }
        return issue(
            desk,
            operation,
            path,
            body=authority.signs(fields, initiator_field="InitiatorName"),
            authority=authority,
            shown=f"{mask_phone(self.phone)} KES {self.amount}",
            repeat=Repeat.MOVES_MONEY,
            originator_conversation_id=self.originator_conversation_id,
        )


def _id(desk: Desk, given: str | None) -> str:
    own = desk.new_id() if given is None else given
    return arguments.identifier("originator_conversation_id", own)


def _payer(desk: Desk, call_name: str, given: str | None) -> str:
    payer = desk.setting(call_name, "payout_shortcode", given, "shortcode")
    return arguments.organisation("shortcode", payer)
