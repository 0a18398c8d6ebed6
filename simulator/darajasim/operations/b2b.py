"""B2B: payments between organisations, top-ups, moves of one's own funds, tax remittance."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from darajasim.core.clock import compact
from darajasim.core.command import Command, Refused
from darajasim.core.ledger import CHARGES
from darajasim.core.namespace import Namespace
from darajasim.core.organisation import KRA_SHORTCODE, Organisation, Purse
from darajasim.core.rules import Plan
from darajasim.core.transactions import Transaction
from darajasim.operations.balances import account, java_map
from darajasim.operations.business import Request
from darajasim.operations.call import Answer, Refusal
from darajasim.operations.command_operation import (
    INITIATOR,
    REMARKS,
    RESULT_URL,
    SECURITY_CREDENTIAL,
    TIMEOUT_URL,
    CommandOperation,
    command_id,
)
from darajasim.operations.command_result import Pair, money, whole
from darajasim.operations.fields import (
    Field,
    limited,
    msisdn,
    one_number_of,
    one_of,
    optional,
    shape,
    shillings,
    shortcode,
)
from darajasim.operations.money import completed, fill, move, organisation_party
from darajasim.operations.tariffs import b2b_charge

CHARGE_NAME = "Business Pay Bill Charge"
FREE_MOVE = (
    "Disbursement of Funds Charge|KES|0.00&Disbursement of Funds Charge by Receiver|KES|0.00"
)
"""DebitPartyCharges of a move between one's own accounts (seen: PH 2021)."""


@dataclass(frozen=True, slots=True)
class Route:
    """Which account a command debits and which it credits.

    Attributes:
        reason: the ReasonType of Transaction Status (guessed).
        own: both accounts are of one organisation; otherwise the two must differ.
        bill: whether AccountReference must be there and comes back as BillReferenceNumber.
    """

    debit: Purse
    credit: Purse
    reason: str
    own: bool = False
    bill: bool = False


ROUTES = {
    "BusinessPayBill": Route(Purse.WORKING, Purse.UTILITY, "Business Pay Bill via API", bill=True),
    "BusinessBuyGoods": Route(Purse.WORKING, Purse.MERCHANT, "Business Buy Goods via API"),
    "BusinessPayToBulk": Route(Purse.WORKING, Purse.UTILITY, "Business Pay to Bulk via API"),
    "BusinessTransferFromMMFToUtility": Route(
        Purse.WORKING, Purse.UTILITY, "Business Transfer from MMF to Utility via API", own=True
    ),
    "OrgRevenueSettlement": Route(
        Purse.UTILITY, Purse.WORKING, "Organization Revenue Settlement via API", own=True
    ),
    "DisburseFundsToBusiness": Route(
        Purse.WORKING, Purse.UTILITY, "Disburse Funds to Business via API"
    ),
    "BusinessToBusinessTransfer": Route(
        Purse.WORKING, Purse.WORKING, "Business to Business Transfer via API"
    ),
    "MerchantToMerchantTransfer": Route(
        Purse.MERCHANT, Purse.MERCHANT, "Merchant to Merchant Transfer via API"
    ),
    "MerchantTransferFromMerchantToWorking": Route(
        Purse.MERCHANT, Purse.WORKING, "Merchant Transfer to Working via API", own=True
    ),
    "MerchantServicesMMFAccountTransfer": Route(
        Purse.WORKING, Purse.MERCHANT, "Merchant Services MMF Account Transfer via API", own=True
    ),
    "AgencyFloatAdvance": Route(Purse.WORKING, Purse.WORKING, "Agency Float Advance via API"),
}
"""The first four are documented today or seen, the fifth is seen, the rest are of 2017-2018."""
TAX_COMMAND = "PayTaxToKRA"
TAX_ROUTE = Route(Purse.WORKING, Purse.UTILITY, "Pay Tax to KRA via API", bill=True)

_ENDS = (
    Field("Remarks", REMARKS.refusal, limited(100), REMARKS.alias, "ok"),
    TIMEOUT_URL,
    RESULT_URL,
)


def _fields(command: Field, receiver: Field, *rest: Field) -> tuple[Field, ...]:
    """In the order of the portal's table, which is taken for the order of the checks (guessed)."""
    return (
        INITIATOR,
        SECURITY_CREDENTIAL,
        command,
        Field(
            "SenderIdentifierType",
            "invalid-sender-identifier-type",
            one_number_of("4"),
            "sender_type",
            "4",
        ),
        Field(
            "RecieverIdentifierType",
            "invalid-reciever-identifier-type",
            one_number_of("4", "2"),
            "receiver_type",
            "4",
            "spelt like this on the wire; 2 for a till (seen: EL), 4 for everything (documented)",
        ),
        Field("Amount", "invalid-amount", shillings, "amount", 239),
        Field("PartyA", "invalid-party-a", shortcode, "shortcode", "600979"),
        receiver,
        Field(
            "AccountReference",
            "invalid-account-reference",
            optional(limited(13)),
            "reference",
            "353353",
        ),
        *rest,
    )


class BusinessPayment(CommandOperation):
    """Money from one organisation to another, or between two accounts of one."""

    submits_to: ClassVar[str] = "b2bresults"
    documented_strings: ClassVar[bool] = True

    def __init__(self, name: str, path: str, about: str, fields: tuple[Field, ...]) -> None:
        self.name = name
        self.path = path
        self.about = about
        self.fields = fields

    def accept(self, namespace: Namespace, request: Request, plan: Plan) -> Answer:
        """Acknowledge, when a bill has the reference that it needs."""
        if _route(request["CommandID"]).bill and not request["AccountReference"]:
            raise Refusal(
                "invalid-account-reference",
                f"AccountReference: expected one for {request['CommandID']}, found none",
            )
        return super().accept(namespace, request, plan)

    def judge(self, namespace: Namespace, command: Command) -> Refused | None:
        """Parties, products, state, balance, in this order (guessed, from section 1.14)."""
        route, request = _route(command.request["CommandID"]), command.request
        sender = namespace.world.organisation(request["PartyA"])
        receiver = namespace.world.organisation(request["PartyB"])
        if sender is None:
            return Refused("2001")
        if receiver is None:
            return Refused("SFC_IC0003")
        if (sender is receiver) is not route.own:
            return Refused("2028")
        if not (sender.takes_part_in(self.name) and receiver.takes_part_in(self.name)):
            return Refused("2028")
        if not sender.active:
            return Refused("11")
        if not receiver.active:
            return Refused("14")
        cents = _cents(command)
        needed = cents + b2b_charge(namespace, cents)
        short = namespace.ledger.available(sender.purse(route.debit)) < needed
        return Refused("1") if short else None

    def carry_out(
        self, namespace: Namespace, command: Command, receipt: str, *, assured: bool
    ) -> Sequence[Pair]:
        """Move amount and charge; the parameters in the order of the captures."""
        route, world = _route(command.request["CommandID"]), namespace.world
        sender = world.organisation(command.request["PartyA"])
        receiver = world.organisation(command.request["PartyB"])
        cents = _cents(command)
        charge = 0 if route.own else b2b_charge(namespace, cents)
        if sender is None or receiver is None:
            return ()
        debit, credit = sender.purse(route.debit), receiver.purse(route.credit)
        if debit == credit:
            return ()
        if assured:
            fill(namespace, debit, cents + charge)
        move(namespace, debit, credit, cents, receipt)
        if charge:
            move(namespace, debit, CHARGES, charge, receipt)
        self._record(namespace, command, receipt, sender, receiver)
        if route.own:
            return _own(namespace, sender, route)
        if command.request["CommandID"] == "BusinessBuyGoods" and _sparse(namespace):
            return _sparse_till(namespace, debit)
        return self._parameters(namespace, command, sender, receiver)

    def _parameters(
        self, namespace: Namespace, command: Command, sender: Organisation, receiver: Organisation
    ) -> Sequence[Pair]:
        route, cents = _route(command.request["CommandID"]), _cents(command)
        charge = b2b_charge(namespace, cents)
        balance = java_map(namespace.ledger.balance(sender.purse(route.debit)))
        documented = namespace.profile.result_envelope == "documented"
        current = "DebitAccountBalance" if documented else "DebitAccountCurrentBalance"
        return (
            ("Currency", "KES"),
            ("ReceiverPartyPublicName", receiver.public_name),
            ("DebitPartyCharges", f"{CHARGE_NAME}|KES|{money(charge)}" if charge else None),
            ("TransCompletedTime", compact(namespace.clock.time())),
            ("DebitPartyAffectedAccountBalance", account(namespace, sender, route.debit)),
            ("Amount", money(cents) if documented else whole(cents)),
            (current, balance),
            ("InitiatorAccountCurrentBalance", balance),
        )

    def on_failure(
        self, namespace: Namespace, command: Command, receipt: str, code: str
    ) -> Sequence[Pair]:
        """None (seen, four times); the portal shows the time alone."""
        if namespace.profile.result_envelope == "documented":
            return (("BOCompletedTime", compact(namespace.clock.time())),)
        return ()

    def references(self, namespace: Namespace, command: Command, code: str) -> Sequence[Pair]:
        """Always a list; the bill's reference for pay bill and tax only (seen: NM 2026)."""
        request = command.request
        bill: Sequence[Pair] = ()
        if _route(request["CommandID"]).bill:
            bill = (("BillReferenceNumber", request["AccountReference"]),)
        return (
            *bill,
            ("QueueTimeoutURL", self.internal_url),
            ("Occassion", request.get("Occassion")),
        )

    def _record(
        self,
        namespace: Namespace,
        command: Command,
        receipt: str,
        sender: Organisation,
        receiver: Organisation,
    ) -> None:
        route, cents = _route(command.request["CommandID"]), _cents(command)
        completed(
            namespace,
            Transaction(
                receipt=receipt,
                operation=self.name,
                reason=route.reason,
                debit=organisation_party(sender, route.debit),
                credit=organisation_party(receiver, route.credit),
                cents=cents,
                initiated_at=command.accepted_at,
                finalised_at=namespace.clock.time(),
                originator_conversation_id=command.originator_conversation_id,
                conversation_id=command.conversation_id,
                reference=command.request["AccountReference"],
                charge_cents=0 if route.own else b2b_charge(namespace, cents),
                charge_name=CHARGE_NAME,
            ),
        )


def _own(namespace: Namespace, organisation: Organisation, route: Route) -> Sequence[Pair]:
    """The result of a move between one's own accounts (seen: PH 2021, production)."""
    debited = namespace.ledger.balance(organisation.purse(route.debit))
    return (
        ("DebitPartyCharges", FREE_MOVE),
        ("CreditAccountBalance", account(namespace, organisation, route.credit)),
        ("CreditPartyPublicName", organisation.public_name),
        ("DebitAccountCurrentBalance", java_map(debited)),
        ("DebitPartyPublicName", organisation.public_name),
        ("TransCompletedTime", compact(namespace.clock.time())),
    )


def _sparse(namespace: Namespace) -> bool:
    return namespace.profile.b2b_till_result == "sparse"


def _sparse_till(namespace: Namespace, debit: str) -> Sequence[Pair]:
    """All that a production till payout listed in 2026 (seen: B26)."""
    balance = java_map(namespace.ledger.balance(debit))
    return (
        ("Currency", "KES"),
        ("DebitAccountCurrentBalance", balance),
        ("InitiatorAccountCurrentBalance", balance),
    )


def _route(command: str) -> Route:
    return TAX_ROUTE if command == TAX_COMMAND else ROUTES[command]


def _cents(command: Command) -> int:
    return int(command.request["Amount"]) * 100


OPERATIONS = (
    BusinessPayment(
        "b2b_payment",
        "/mpesa/b2b/v1/paymentrequest",
        "Payment between organisations: pay bill, buy goods, top-up, moves of own funds.",
        _fields(
            command_id(one_of(*ROUTES), "BusinessPayBill"),
            Field("PartyB", "invalid-party-b", shortcode, "party_b", "600000"),
            Field("Requester", "invalid-requester", optional(msisdn), "requester"),
            *_ENDS,
            Field("Occassion", "invalid-occassion", optional(limited(100)), "occasion"),
        ),
    ),
    BusinessPayment(
        "tax_remittance",
        "/mpesa/b2b/v1/remittax",
        "Remittance of tax to the Kenya Revenue Authority.",
        _fields(
            command_id(one_of(TAX_COMMAND), TAX_COMMAND),
            Field(
                "PartyB",
                "invalid-party-b",
                shape(KRA_SHORTCODE, f"{KRA_SHORTCODE}, the tax receiver"),
                "party_b",
                KRA_SHORTCODE,
            ),
            *_ENDS,
        ),
    ),
)
