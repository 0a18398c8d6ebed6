"""Everything that daraja-sdk-py does: its client that waits, its services, its async client.

It keeps the answer to a request for a day and gives it again instead of sending the request again;
so no two requests here are the same. Its async client makes no credential of a password and names
no initiator in some requests, so it is given both.
"""

import asyncio
import json

from bodies import OUTSIDE, WHO, Bodies
from channel import (
    INITIATOR,
    KEY,
    PASSKEY,
    PASSWORD,
    SECRET,
    call,
    callback,
    customer_pays,
    public_methods,
    reads,
    surface,
)
from daraja import AsyncMpesa, Mpesa
from daraja.models import C2BValidationRequest, MpesaResult, RatibaCallbackResponse
from daraja.services import AccountBalanceService, B2BExpressService
from daraja.webhooks import WebhookManager

CONFIG = {
    "consumer_key": KEY,
    "consumer_secret": SECRET,
    "passkey": PASSKEY,
    "initiator_name": INITIATOR,
    "initiator_password": PASSWORD,
    "max_retries": 0,
    "circuit_breaker_config": {"failure_threshold": 1000},
}
HOUSEKEEPING = {"close", "rotate_credentials", "check_token"}

SERVICES = {
    "stk_push_service": {"initiate": "stk_push", "query": "stk_query"},
    "c2b_service": {"register_url": "c2b_register_url", "simulate": "c2b_simulate"},
    "b2c_service": {"send": "b2c"},
    "b2pochi_service": {"send": "b2pochi"},
    "b2b_service": {"top_up": "b2c_account_top_up"},
    "b2c_account_top_up_service": {"top_up": "top_up_again"},
    "business_goods_service": {"buy_goods": "business_buy_goods", "pay_bill": "business_pay_bill"},
    "tax_remittance_service": {"remit": "tax_remittance"},
    "account_balance_service": {"query": "account_balance"},
    "transaction_status_service": {"query": "transaction_status"},
    "reversal_service": {"reverse": "reversal"},
    "dynamic_qr_service": {"generate": "dynamic_qr"},
    "b2b_express_service": {"send": "b2b_express"},
    "ratiba_service": {"create_standing_order": "ratiba"},
    "pull_transactions_service": {
        "register": "pull_transactions_register",
        "query": "pull_transactions_query",
    },
    "imsi_service": {"query": "imsi_query"},
    "swap_service": {"query": "swap"},
    "query_org_info_service": {"query": "query_org_info"},
    "lipa_na_bonga_service": {
        "calculate": "lipa_na_bonga_calculate",
        "redeem": "lipa_na_bonga_redeem",
    },
    "bill_manager_service": {
        "opt_in": "opt_in",
        "change_opt_in": "opt_in",
        "send_single_invoice": "invoice",
        "send_bulk_invoice": "invoices",
        "cancel_single_invoice": "cancel",
        "cancel_bulk_invoices": "cancel_many",
        "reconciliation": "reconciliation",
    },
    "iot_service": {
        "get_all_sims": "sims",
        "query_life_cycle_status": "sim",
        "query_customer_info": "sim",
        "activate_sim": "sim",
        "get_activation_trends": "trends",
        "rename_asset": "asset",
        "suspend_unsuspend": "suspension",
        "search_messages": "search",
        "filter_messages": "filter",
        "get_all_messages": "messages",
        "send_single_message": "message",
        "delete_message": "message_id",
        "delete_message_thread": "sim",
        "manage": "iot_manage",
    },
    "mobile_center_service": {
        "fetch_offers": "mobile_center_fetch_offers",
        "purchase": "mobile_center_purchase",
        "check_status": "mobile_center_status",
    },
    "age_on_network_service": {"query": "age_on_network"},
    "mobile_number_validation_service": {"validate": "mobile_number_validation"},
    "b2c_hakikisha_service": {"validate": "b2c_hakikisha"},
}
"""The services and their methods, each with the name of the request that it is given."""
READERS = {"parse_balance_string", "parse_callback"}


FOLLOWED = {
    name: name
    for name in (
        "stk_push",
        "b2c",
        "b2pochi",
        "business_pay_bill",
        "business_buy_goods",
        "b2c_account_top_up",
        "top_up_again",
        "tax_remittance",
        "account_balance",
        "transaction_status",
        "reversal",
        "b2b_express",
        "ratiba",
    )
} | {"c2b_simulate": "confirmation", "lipa_na_bonga_redeem": "confirmation"}
"""The requests that a callback follows, and where it comes to."""
ORDER = (
    "stk_push",
    "stk_query",
    "c2b_register_url",
    "c2b_simulate",
    "b2c",
    "b2pochi",
    "business_pay_bill",
    "business_buy_goods",
    "b2c_account_top_up",
    "tax_remittance",
    "account_balance",
    "transaction_status",
    "reversal",
    "dynamic_qr",
    "b2b_express",
    "ratiba",
    "pull_transactions_register",
    "pull_transactions_query",
    "imsi_query",
    "swap",
    "query_org_info",
    "lipa_na_bonga_calculate",
    "lipa_na_bonga_redeem",
    *OUTSIDE,
)


class Pass:
    """One way of making every request.

    Attributes:
        label: put before the names of operations.
        ask: gives the answer to a request of a name.
        heard: the bodies of callbacks by the names of requests.
    """

    def __init__(self, number, label, ask):
        self.bodies = Bodies(number)
        self.label = label
        self.ask = ask
        self.heard = {}

    def do(self, operation, name):
        body = self.bodies.request(name)
        answer = call(self.label + operation, lambda: self.ask(operation, body))
        if answer is None or name not in FOLLOWED:
            return
        heard = self.heard[name] = json.loads(callback(self.bodies.path(FOLLOWED[name])))
        if name == "stk_push":
            items = heard["Body"]["stkCallback"]["CallbackMetadata"]["Item"]
            self.bodies.checkout = answer.CheckoutRequestID
            self.bodies.receipt = items[1]["Value"]


def read(heard, bodies):
    """Have every reader that it ships read what it is for."""
    reads("parse_stk_callback", WebhookManager().parse_stk_callback, heard["stk_push"])
    reads("AccountBalanceService.parse_callback", parse_balance, heard["account_balance"])
    parse = B2BExpressService.parse_callback
    reads("B2BExpressService.parse_callback", parse, heard["b2b_express"])
    reads("RatibaCallbackResponse", RatibaCallbackResponse.model_validate, heard["ratiba"])
    asked = json.loads(callback(bodies.path("validation")))
    for name, body in (("validation", asked), ("confirmation", heard["c2b_simulate"])):
        reads(f"C2BValidationRequest {name}", C2BValidationRequest.model_validate, body)
    for name in sorted(heard):
        if "Result" in heard[name]:
            reads(f"MpesaResult {name}", MpesaResult.model_validate, heard[name])


def parse_balance(body):
    found = AccountBalanceService.parse_callback(body)
    return {**found, "balances": found["balances"].model_dump(mode="json")}


def main():
    client = Mpesa(dict(CONFIG))
    methods = public_methods(Mpesa) - HOUSEKEEPING
    services = {
        f"{name}.{method}"
        for name in dir(client)
        if name.endswith("_service")
        for method in public_methods(type(getattr(client, name))) - READERS
    }
    surface(methods | services | {f"async {name}" for name in methods})

    call("get_access_token", client.get_access_token)
    first = Pass(1, "", lambda name, body: getattr(client, name)(body))
    for name in ORDER:
        first.do(name, name)
    second = Pass(2, "", lambda name, body: served(client, name)(body))
    for service, names in SERVICES.items():
        for method, name in names.items():
            second.do(f"{service}.{method}", name)
    customer_pays(second.bodies.biller, 1500, "PLOT-9")
    callback(second.bodies.path("bill"))
    read(first.heard, first.bodies)
    with asyncio.Runner() as runner:
        other = runner.run(opened())
        third = Pass(
            3, "async ", lambda name, body: runner.run(getattr(other, name)({**body, **WHO}))
        )
        call("async get_access_token", lambda: runner.run(other.get_access_token()))
        for name in ORDER:
            third.do(name, name)
        runner.run(other.close())


async def opened():
    return AsyncMpesa(dict(CONFIG))


def served(client, name):
    service, method = name.split(".")
    return getattr(getattr(client, service), method)


main()
