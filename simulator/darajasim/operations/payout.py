"""B2C: payouts to customers' wallets, and what those to a Pochi la Biashara share with them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from darajasim.core.catalogue import catalogue
from darajasim.core.clock import written
from darajasim.core.command import Command, Refused
from darajasim.core.customer import Customer, CustomerState, Paid, cents_today
from darajasim.core.ledger import CHARGES
from darajasim.core.namespace import Namespace
from darajasim.core.organisation import Organisation, Purse
from darajasim.core.profile import Profile
from darajasim.core.transactions import Transaction
from darajasim.operations.command_operation import (
    INITIATOR_NAME,
    REMARKS,
    RESULT_URL,
    SECURITY_CREDENTIAL,
    TIMEOUT_URL,
    CommandOperation,
    command_id,
)
from darajasim.operations.command_result import Pair, money, whole
from darajasim.operations.fields import (
    Check,
    Field,
    limited,
    msisdn,
    one_of,
    optional,
    shape,
    shillings,
    shortcode,
    text,
)
from darajasim.operations.money import completed, customer_party, fill, move, organisation_party
from darajasim.operations.tariffs import b2c_charge

COMMANDS = ("BusinessPayment", "SalaryPayment", "PromotionPayment")
REASONS = {
    "BusinessPayment": "Business Payment to Customer via API",
    "SalaryPayment": "Salary Payment via API",
    "PromotionPayment": "Promotion Payment via API",
}
"""ReasonType in Transaction Status (seen: the first two, 2017-2018)."""
CHARGE_NAME = "Fee For B2C Payment"
MAGIC_PREFIX = "2547000"


def _originator(value: Any, profile: Profile) -> str:
    """Whether v3 refuses its absence is not known: the knob originator_required decides."""
    return text(value, profile) if profile.originator_required else optional(text)(value, profile)


def _originator_field(check: Check) -> Field:
    return Field(
        "OriginatorConversationID",
        "invalid-originator-conversation-id",
        check,
        "originator_conversation_id",
        ...,
        "the caller's own id, unique for ever; a repeat is refused",
    )


ORIGINATOR = _originator_field(Check(_originator, text.schema, optional=True))
OWN_ORIGINATOR = _originator_field(optional(text))


def _fields(*commands: str) -> tuple[Field, ...]:
    """In the order of the portal's table, which is taken for the order of the checks (guessed)."""
    return (
        INITIATOR_NAME,
        SECURITY_CREDENTIAL,
        command_id(one_of(*commands), commands[0]),
        Field("Amount", "invalid-amount", shillings, "amount", 10),
        Field("PartyA", "invalid-party-a", shortcode, "shortcode", "600998"),
        Field("PartyB", "invalid-party-b", msisdn, "phone", "254708374149"),
        Field(REMARKS.name, REMARKS.refusal, limited(100, 2), REMARKS.alias, "payout"),
        TIMEOUT_URL,
        RESULT_URL,
        Field("Occassion", "invalid-occassion", optional(limited(100)), "occasion"),
    )


class Payout(CommandOperation):
    """Money from an organisation's Utility account to a customer."""

    initiator_field: ClassVar[str] = "InitiatorName"
    conversation_first: ClassVar[bool] = True
    submits_to: ClassVar[str] = "b2cresults"
    pochi: ClassVar[bool] = False
    """Whether it goes to the Pochi la Biashara rather than to the wallet."""

    def __init__(self, name: str, path: str, about: str, fields: tuple[Field, ...]) -> None:
        self.name = name
        self.path = path
        self.about = about
        self.fields = fields

    def magic_code(self, command: Command) -> str | None:
        """`RES-<code>` in Remarks, or the phone number 2547000NNNNN."""
        phone = command.request["PartyB"]
        if phone.startswith(MAGIC_PREFIX):
            code = str(int(phone.removeprefix(MAGIC_PREFIX)))
            if catalogue().lookup(code, "result"):
                return code
        return super().magic_code(command)

    def resolve(self, namespace: Namespace, command: Command) -> Refused | None:
        """A receiver who cannot be paid at all: unregistered, or without a Pochi (guessed)."""
        customer = namespace.world.customer(command.request["PartyB"])
        unregistered = customer.state is CustomerState.UNREGISTERED
        missing = unregistered or (self.pochi and not customer.pochi)
        return Refused("2040", created=False) if missing else None

    def judge(self, namespace: Namespace, command: Command) -> Refused | None:
        """Product, parties, limits, balance, in this order (guessed, from section 1.14)."""
        organisation = namespace.world.organisation(command.request["PartyA"])
        if organisation is None:
            return Refused("2001")
        if not organisation.takes_part_in(self.name):
            return Refused("2028")
        if not organisation.active:
            return Refused("11")
        customer = namespace.world.customer(command.request["PartyB"])
        if customer.state is CustomerState.INACTIVE:
            return Refused("14")
        code = self._limits(namespace, command, customer)
        return Refused(code) if code else self._funds(namespace, command, organisation)

    def _limits(self, namespace: Namespace, command: Command, customer: Customer) -> str | None:
        profile, cents = namespace.profile, _cents(command)
        if cents < profile.payout_minimum * 100:
            return "2"
        if cents > profile.payout_maximum * 100:
            return "3"
        received = cents_today(customer.received, namespace.clock.time())
        if received + cents > customer.limits.daily:
            return "4"
        held = namespace.ledger.balance(self._wallet(customer))
        return "8" if held + cents > customer.limits.balance else None

    def _funds(
        self, namespace: Namespace, command: Command, organisation: Organisation
    ) -> Refused | None:
        cents, ledger = _cents(command), namespace.ledger
        charge, bearer = b2c_charge(namespace, cents)
        needed = cents + charge if bearer is Purse.UTILITY else cents
        short = ledger.available(organisation.purse(Purse.UTILITY)) < needed
        unpaid = charge and ledger.available(organisation.purse(bearer)) < charge
        return Refused("1") if short or unpaid else None

    def carry_out(
        self, namespace: Namespace, command: Command, receipt: str, *, assured: bool
    ) -> Sequence[Pair]:
        """Move amount and charge; the eight parameters in the order of all captures since 2018."""
        world, cents = namespace.world, _cents(command)
        customer = world.customer(command.request["PartyB"])
        organisation = world.organisation(command.request["PartyA"])
        if organisation is None:
            return ()
        if self.pochi:
            world.open_pochi(customer)
        charge, bearer = b2c_charge(namespace, cents)
        utility, debited = organisation.purse(Purse.UTILITY), organisation.purse(bearer)
        if assured:
            fill(namespace, utility, cents + charge)
        move(namespace, utility, self._wallet(customer), cents, receipt)
        if charge:
            move(namespace, debited, CHARGES, charge, receipt)
        self._record(namespace, command, receipt, organisation, customer)
        balance = namespace.ledger.balance
        return (
            ("TransactionAmount", whole(cents)),
            ("TransactionReceipt", receipt),
            ("ReceiverPartyPublicName", customer.public_name),
            (
                "TransactionCompletedDateTime",
                written(int(namespace.clock.time()), "%d.%m.%Y %H:%M:%S"),
            ),
            ("B2CUtilityAccountAvailableFunds", money(balance(utility))),
            (
                "B2CWorkingAccountAvailableFunds",
                money(balance(organisation.purse(Purse.WORKING))),
            ),
            ("B2CRecipientIsRegisteredCustomer", "Y"),
            (
                "B2CChargesPaidAccountAvailableFunds",
                money(balance(organisation.purse(Purse.CHARGES))),
            ),
        )

    def _wallet(self, customer: Customer) -> str:
        return customer.pochi_account if self.pochi else customer.account

    def _record(
        self,
        namespace: Namespace,
        command: Command,
        receipt: str,
        organisation: Organisation,
        customer: Customer,
    ) -> None:
        now, cents = namespace.clock.time(), _cents(command)
        customer.remember_received(Paid(now, organisation.purse(Purse.UTILITY), cents))
        charge, _bearer = b2c_charge(namespace, cents)
        reason = REASONS.get(command.request["CommandID"], "Business Pay to Pochi via API")
        completed(
            namespace,
            Transaction(
                receipt=receipt,
                operation=self.name,
                reason=reason,
                debit=organisation_party(organisation, Purse.UTILITY),
                credit=customer_party(customer, pochi=self.pochi),
                cents=cents,
                initiated_at=command.accepted_at,
                finalised_at=now,
                originator_conversation_id=command.originator_conversation_id,
                conversation_id=command.conversation_id,
                charge_cents=charge,
                charge_name=CHARGE_NAME,
            ),
        )


def _cents(command: Command) -> int:
    return int(command.request["Amount"]) * 100


class PochiPayout(Payout):
    """Money from an organisation to the business wallet on a customer's own number."""

    pochi: ClassVar[bool] = True

    def on_failure(
        self, namespace: Namespace, command: Command, receipt: str, code: str
    ) -> Sequence[Pair]:
        """The receiver's name, alone, even when it fails (seen: NM 2026, 8006)."""
        if code == "2040":
            return ()
        customer = namespace.world.customer(command.request["PartyB"])
        return (("CreditPartyName", customer.public_name),)

    def references(self, namespace: Namespace, command: Command, code: str) -> Sequence[Pair]:
        """The caller's own timeout URL (seen: NM 2026), where B2C has the gateway's."""
        if namespace.profile.texts == "documented":
            return super().references(namespace, command, code)
        return (("QueueTimeoutURL", command.request["QueueTimeOutURL"]),)


_ID_TYPE = shape("0?[1-5]", "an IDType from 01 to 05")
_IDENTITY = (
    Field("IDType", "invalid-id-type", _ID_TYPE, "id_type", "01"),
    Field("IDNumber", "invalid-id-number", text, "id_number", "12345678"),
)

OPERATIONS = (
    Payout(
        "b2c_payment",
        "/mpesa/b2c/v1/paymentrequest",
        "B2C payout, old version: the caller need not send an id.",
        (OWN_ORIGINATOR, *_fields(*COMMANDS)),
    ),
    Payout(
        "b2c_payment",
        "/mpesa/b2cvalidate/v2/paymentrequest",
        "B2C payout that also checks the receiver's identity document.",
        (OWN_ORIGINATOR, *_fields(*COMMANDS), *_IDENTITY),
    ),
    Payout(
        "b2c_payment",
        "/mpesa/b2c/v3/paymentrequest",
        "B2C payout: business, salary or promotion payment to a customer's wallet.",
        (ORIGINATOR, *_fields(*COMMANDS)),
    ),
    PochiPayout(
        "b2pochi_payment",
        "/mpesa/b2pochi/v1/paymentrequest",
        "Payout to the Pochi la Biashara on a customer's number.",
        (ORIGINATOR, *_fields("BusinessPayToPochi", *COMMANDS)),
    ),
)
