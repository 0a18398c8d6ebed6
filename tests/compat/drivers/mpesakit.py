"""Everything that mpesakit does, with its client that waits and with its client that does not."""

import asyncio
import json
import re

from channel import (
    CERTIFICATE,
    COLLECTOR,
    CREDENTIAL,
    INITIATOR,
    KEY,
    PASSKEY,
    PASSWORD,
    PAYBILL,
    PAYER,
    PHONE,
    RECEIVER,
    SECRET,
    TILL,
    call,
    callback,
    customer_pays,
    public_methods,
    reads,
    surface,
    url,
)
from mpesakit import AsyncMpesaClient, MpesaClient
from mpesakit.b2c import B2CCommandIDType, B2CTimeoutCallback
from mpesakit.b2c_account_top_up import B2CAccountTopUpCallback, B2CAccountTopUpTimeoutCallback
from mpesakit.bill_manager import BillManagerSingleInvoiceRequest
from mpesakit.business_buy_goods import (
    BusinessBuyGoodsResultCallback,
    BusinessBuyGoodsTimeoutCallback,
)
from mpesakit.business_paybill import BusinessPayBillResultCallback, BusinessPayBillTimeoutCallback
from mpesakit.c2b import C2BValidationRequest
from mpesakit.mpesa_ratiba import (
    FrequencyEnum,
    ReceiverPartyIdentifierTypeEnum,
    TransactionTypeEnum,
)
from mpesakit.reversal import ReversalTimeoutCallback
from mpesakit.security import generate_security_credential
from mpesakit.services import AsyncBillService, BillService
from mpesakit.tax_remittance import TaxRemittanceTimeoutCallback
from mpesakit.transaction_status import TransactionStatusTimeoutCallback

CUSTOMER = "254722000000"
SERVICES = ("express", "c2b", "b2c", "b2b", "transactions", "tax", "balance", "reversal")
SERVICES += ("bill", "dynamic_qr", "ratiba")
FAILED, TIMED_OUT = "RES-2001", "RES-TIMEOUT"
"""Remarks that bring a failure, and a queue time-out, here."""
READERS = {
    "b2c.send_payment": ("process_b2c_callback", B2CTimeoutCallback),
    "b2b.paybill": (BusinessPayBillResultCallback, BusinessPayBillTimeoutCallback),
    "b2b.buygoods": (BusinessBuyGoodsResultCallback, BusinessBuyGoodsTimeoutCallback),
    "b2c.account_topup": (B2CAccountTopUpCallback, B2CAccountTopUpTimeoutCallback),
    "tax.remittance": ("process_tax_remittance_callback", TaxRemittanceTimeoutCallback),
    "balance.query": ("process_account_balance_callback", "process_account_balance_timeout"),
    "transactions.query_status": (
        "process_transactions_callback",
        TransactionStatusTimeoutCallback,
    ),
    "reversal.reverse": ("process_reversal_callback", ReversalTimeoutCallback),
}
"""Who reads the result of a command, and who reads that it waited too long."""


class Driver:
    """One of the two clients.

    Attributes:
        label: put before the names of operations.
        wait: gives the answer of what a method returned.
        shillings: added to every amount, so that no payment looks like a repeated one.
    """

    def __init__(self, client, label, wait, shillings):
        self.client = client
        self.label = label
        self.wait = wait
        self.shillings = shillings

    def do(self, name, method, **fields):
        return call(self.label + name, lambda: self.wait(method(**fields)))

    def heard(self, name, read, path):
        """Wait for a callback and have the SDK read it; its body."""
        body = json.loads(callback(path))
        reads(self.label + name, read, body)
        return body

    def path(self, path):
        return path + ("/async" if self.label else "")

    def express(self):
        service = self.client.express
        pushed = self.do(
            "express.push",
            service.push,
            business_short_code=PAYBILL,
            transaction_type="CustomerPayBillOnline",
            amount=100 + self.shillings,
            party_a=CUSTOMER,
            party_b=str(PAYBILL),
            phone_number=CUSTOMER,
            callback_url=url(self.path("/express")),
            account_reference="INV-1",
            transaction_desc="Shoes",
            passkey=PASSKEY,
        )
        read = self.client.process_stk_callback
        paid = self.heard("process_stk_callback", read, self.path("/express"))
        answer = self.do(
            "express.query",
            service.query,
            business_short_code=PAYBILL,
            checkout_request_id=pushed.CheckoutRequestID,
            passkey=PASSKEY,
        )
        reads(
            self.label + "process_stk_query_callback",
            self.client.process_stk_query_callback,
            answer.model_dump(),
        )
        items = paid["Body"]["stkCallback"]["CallbackMetadata"]["Item"]
        return next(item["Value"] for item in items if item["Name"] == "MpesaReceiptNumber")

    def c2b(self):
        self.do(
            "c2b.register_url",
            self.client.c2b.register_url,
            short_code=COLLECTOR,
            response_type="Completed",
            confirmation_url=url(self.path("/confirmation")),
            validation_url=url(self.path("/validation")),
        )
        customer_pays(COLLECTOR, 10 + self.shillings, "INV-2")
        for path in ("/validation", "/confirmation"):
            self.heard(
                f"C2BValidationRequest {path}", C2BValidationRequest.model_validate, self.path(path)
            )

    def commands(self, receipt):
        """Every command: its name, its method, its own fields, and who reads what follows."""
        client, who = self.client, {"initiator": INITIATOR, "security_credential": CREDENTIAL}
        payout = {
            "initiator_name": INITIATOR,
            "security_credential": CREDENTIAL,
            "command_id": B2CCommandIDType.BusinessPayment,
            "amount": 10 + self.shillings,
            "party_a": str(PAYER),
            "party_b": str(PHONE),
            "occasion": "June",
        }
        payment = who | {"amount": 20 + self.shillings, "party_a": PAYER}
        payment |= {"account_reference": "353353"}
        to_shop = {"party_b": RECEIVER, "requester": CUSTOMER}
        balance = {"command_id": "AccountBalance", "party_a": PAYER, "identifier_type": 4}
        status = {"transaction_id": receipt, "party_a": PAYBILL, "identifier_type": 4}
        undo = {"amount": 100 + self.shillings, "receiver_party": PAYBILL}
        undo |= {"transaction_id": receipt}
        return (
            ("b2c.send_payment", client.b2c.send_payment, payout),
            ("b2b.paybill", client.b2b.paybill, payment | to_shop),
            ("b2b.buygoods", client.b2b.buygoods, payment | to_shop | {"party_b": TILL}),
            ("b2c.account_topup", client.b2c.account_topup, payment | to_shop),
            ("tax.remittance", client.tax.remittance, payment),
            ("balance.query", client.balance.query, who | balance),
            ("transactions.query_status", client.transactions.query_status, who | status),
            ("reversal.reverse", client.reversal.reverse, who | undo),
        )

    def everything_commanded(self, receipt, kind="", remarks="OK"):
        """Give every command with these remarks, then read what comes of each."""
        timed_out = remarks == TIMED_OUT
        for name, method, fields in self.commands(receipt):
            where = self.path(f"/{name}{kind}")
            own = {"result_url": url(where), "queue_timeout_url": url(f"{where}/queue")}
            if name == "b2c.send_payment":
                own["originator_conversation_id"] = f"mpesakit-{self.shillings}{kind}"
            self.do(name + kind, method, remarks=remarks, **own, **fields)
        for name, readers in READERS.items():
            reader = readers[timed_out]
            where = self.path(f"/{name}{kind}") + ("/queue" if timed_out else "")
            end = "" if timed_out else kind
            if isinstance(reader, str):
                self.heard(reader + end, getattr(self.client, reader), where)
            else:
                self.heard(reader.__name__ + end, reader.model_validate, where)

    def credentials(self):
        """Ask with what it makes of a password: with the certificate it ships, and with ours."""
        for name, certificate in (("shipped", None), ("simulator", CERTIFICATE)):
            where = self.path(f"/credential-{name}")
            self.do(
                f"balance.query {name} certificate",
                self.client.balance.query,
                initiator=INITIATOR,
                security_credential=generate_security_credential(PASSWORD, certificate),
                command_id="AccountBalance",
                party_a=PAYER,
                identifier_type=4,
                remarks="OK",
                result_url=url(where),
                queue_timeout_url=url(where),
            )
            callback(where)

    def checkout(self):
        self.do(
            "b2b.express_checkout",
            self.client.b2b.express_checkout,
            primary_short_code=TILL,
            receiver_short_code=RECEIVER,
            amount=5 + self.shillings,
            payment_ref="PO-55",
            callback_url=url(self.path("/checkout")),
            partner_name="Vendor",
            request_ref_id=f"checkout-{self.shillings}",
        )
        self.heard("process_b2b_callback", self.client.process_b2b_callback, self.path("/checkout"))

    def qr(self):
        answer = self.do(
            "dynamic_qr.generate",
            self.client.dynamic_qr.generate,
            merchant_name="Duka",
            ref_no="INV-1",
            amount=250,
            trx_code="PB",
            cpi=str(PAYBILL),
            size="300",
        )
        read = self.client.process_dynamic_qr_code_callback
        reads(self.label + "process_dynamic_qr_code_callback", read, answer.model_dump())

    def ratiba(self):
        self.do(
            "ratiba.create_standing_order",
            self.client.ratiba.create_standing_order,
            standing_order_name=f"Solar kit {self.shillings}",
            start_date="20970105",
            end_date="20971231",
            business_short_code=str(PAYBILL),
            transaction_type=TransactionTypeEnum.STANDING_ORDER_CUSTOMER_PAY_BILL,
            receiver_party_identifier_type=ReceiverPartyIdentifierTypeEnum.BUSINESS_SHORT_CODE,
            amount="450",
            party_a=CUSTOMER,
            callback_url=url(self.path("/ratiba")),
            account_reference="KIT-0042",
            transaction_desc="Solar kit",
            frequency=FrequencyEnum.MONTHLY,
        )
        read = self.client.process_ratiba_service_callback
        self.heard("process_ratiba_service_callback", read, self.path("/ratiba"))

    def bills(self, kind):
        shortcode = 600990 + self.shillings
        details = {
            "shortcode": shortcode,
            "email": "bills@duka.co.ke",
            "official_contact": "0722000000",
            "send_reminders": 1,
            "logo": None,
            "callback_url": url(self.path("/bill")),
        }
        opted = self.do("bill.opt_in", self.client.bill.opt_in, **details)
        service = kind(
            self.client.http_client, self.client.token_manager, app_key=opted and opted.app_key
        )
        self.do("bill.update_opt_in", service.update_opt_in, **details)
        first, *others = (invoice(f"INV-{self.shillings}-{number}") for number in range(3))
        self.do("bill.send_single_invoice", service.send_single_invoice, **spoken(first))
        bulk = [BillManagerSingleInvoiceRequest(**other) for other in others]
        self.do("bill.send_bulk_invoice", service.send_bulk_invoice, invoices=bulk)
        cancelled = first["externalReference"]
        cancel = service.cancel_single_invoice
        self.do("bill.cancel_single_invoice", cancel, external_reference=cancelled)
        cancel = service.cancel_bulk_invoice
        names = [other["externalReference"] for other in others]
        self.do("bill.cancel_bulk_invoice", cancel, external_references=names)
        customer_pays(shortcode, 1500, first["accountReference"])
        read = self.client.process_bill_manager_callback
        self.heard("process_bill_manager_callback", read, self.path("/bill"))


def invoice(reference):
    return {
        "externalReference": reference,
        "billedFullName": "Achieng O.",
        "billedPhoneNumber": "0722000000",
        "billedPeriod": "January 2097",
        "invoiceName": "water",
        "dueDate": "2097-01-31",
        "accountReference": "PLOT-9",
        "amount": 1500,
    }


def spoken(fields):
    """The fields under the names that the SDK's methods give them."""
    return {re.sub("([A-Z])", r"_\1", name).lower(): value for name, value in fields.items()}


def drive(driver, kind):
    driver.bills(kind)
    driver.c2b()
    receipt = driver.express()
    driver.everything_commanded(receipt)
    driver.everything_commanded(receipt, "-failed", FAILED)
    driver.everything_commanded(receipt, "-timed-out", TIMED_OUT)
    driver.credentials()
    driver.checkout()
    driver.qr()
    driver.ratiba()


def main():
    client = MpesaClient(KEY, SECRET)
    methods = {name: public_methods(type(getattr(client, name))) for name in SERVICES}
    readers = {name for name in public_methods(MpesaClient) if name.startswith("process_")}
    surface(readers | {f"{name}.{method}" for name, found in methods.items() for method in found})
    drive(Driver(client, "", lambda answer: answer, 1), BillService)
    with asyncio.Runner() as runner:
        other = Driver(AsyncMpesaClient(KEY, SECRET), "async ", runner.run, 2)
        drive(other, AsyncBillService)
        runner.run(other.client.aclose())


main()
