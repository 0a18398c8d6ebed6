"""C2B simulate: POST /mpesa/c2b/v1/simulate and v2, where the sandbox plays the paying customer."""

from __future__ import annotations

from typing import ClassVar

from darajasim.core.namespace import Namespace
from darajasim.core.organisation import OrganisationKind
from darajasim.core.rules import Plan
from darajasim.operations import c2b_course
from darajasim.operations.business import Request
from darajasim.operations.c2b_book import PhonePayment
from darajasim.operations.c2b_register import EXAMPLE_SHORTCODE, C2BOperation, hiccup
from darajasim.operations.c2b_rules import enabled, fits
from darajasim.operations.call import Answer, Refusal
from darajasim.operations.fields import (
    Field,
    limited,
    msisdn,
    one_of,
    optional,
    shillings,
    shortcode,
)

KINDS = {
    "CustomerPayBillOnline": OrganisationKind.PAYBILL,
    "CustomerBuyGoodsOnline": OrganisationKind.TILL,
}
ACCEPTED = "Accept the service request successfully."
REFERENCE_CHARACTERS = 20


class C2BSimulate(C2BOperation):
    """Accepted, whether or not URLs are registered; without any, nobody is told (guessed)."""

    name = "c2b_simulate"
    magic_field: ClassVar[str] = "BillRefNumber"
    fields = (
        Field(
            "ShortCode",
            "c2b-invalid-shortcode",
            shortcode,
            "shortcode",
            EXAMPLE_SHORTCODE,
            "a C2B test shortcode; 174379 is none",
        ),
        Field(
            "CommandID",
            "c2b-invalid-command-id",
            one_of(*KINDS),
            "command",
            "CustomerPayBillOnline",
        ),
        Field("Amount", "c2b-invalid-amount", shillings, "amount", 10),
        Field("Msisdn", "c2b-invalid-msisdn", msisdn, "phone", "254708374149"),
        Field(
            "BillRefNumber",
            "c2b-invalid-bill-ref-number",
            optional(limited(REFERENCE_CHARACTERS)),
            "reference",
            "INV-1",
            "the account number; null for a till",
        ),
    )

    def __init__(self, version: int) -> None:
        super().__init__(version)
        self.path = f"/mpesa/c2b/v{version}/simulate"
        self.about = "Has a test customer pay a paybill or till; the sandbox alone has it."

    def accept(self, namespace: Namespace, request: Request, plan: Plan) -> Answer:
        """Have the customer pay as if from the phone."""
        kind = KINDS[request["CommandID"]]
        if kind is OrganisationKind.PAYBILL and not request["BillRefNumber"]:
            raise Refusal(
                "c2b-invalid-bill-ref-number",
                "BillRefNumber: a paybill needs the account number that is paid into",
            )
        organisation = enabled(namespace, request["ShortCode"], self.name, request.app)
        if not fits(organisation, kind):
            raise Refusal(
                "c2b-invalid-command-id",
                f"CommandID: {organisation.shortcode} is a till: use CustomerBuyGoodsOnline",
            )
        hiccup(namespace)
        now = namespace.clock.time()
        payment = PhonePayment(
            subject=namespace.ids.request_id(),
            operation=self.name,
            msisdn=request["Msisdn"],
            shortcode=organisation.shortcode,
            cents=int(request["Amount"]) * 100,
            reference=request["BillRefNumber"],
            kind=kind,
            begun_at=now,
            plan=plan.callback,
        )
        c2b_course.begin(namespace, payment)
        conversation_id = namespace.ids.conversation_id(now)
        return self.acknowledged(namespace, payment.subject, conversation_id, ACCEPTED)


OPERATIONS = (C2BSimulate(1), C2BSimulate(2))
