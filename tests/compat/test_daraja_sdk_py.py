from compat.driving import driven
from compat.expected import (
    ACKNOWLEDGED,
    CONFIRMED,
    PAID_FOR,
    PUSHED,
    REGISTERED,
    Refused,
    check,
)

UNKNOWN = Refused(
    ("404",), "no public document tells what this API answers; the simulator has not got it"
)
INVENTED = Refused(("404",), "Daraja has no such path")
NO_VALUE = Refused(
    ("Value Field required", "PartyCharges"),
    "it wants a Value always; Safaricom leaves out the key when there is none",
)

COMMANDS = (
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
)
OPERATIONS = {
    "stk_push": PUSHED,
    "stk_query": PAID_FOR,
    "c2b_register_url": REGISTERED,
    **dict.fromkeys(COMMANDS, ACKNOWLEDGED),
    "dynamic_qr": {"ResponseCode": "00"},
    "b2b_express": {"code": "0"},
    "ratiba": {"ResponseHeader": {"responseCode": "200"}},
    "pull_transactions_register": {"ResponseStatus": "1001"},
    "pull_transactions_query": {"ResponseCode": "1000"},
    "imsi_query": {"responseCode": "200", "customerNumber": "254708374149"},
    "swap": {"responseCode": "200"},
    "query_org_info": {"ResponseCode": "4000", "OrganizationShortCode": "600000"},
    "lipa_na_bonga_calculate": {"body": {"amount": "12", "points": "60"}},
    "lipa_na_bonga_redeem": {"header": {"responseCode": 200}, "body": None},
    "bill_manager": INVENTED,
    "iot_manage": INVENTED,
    "mobile_center_fetch_offers": UNKNOWN,
    "mobile_center_purchase": UNKNOWN,
    "mobile_center_status": UNKNOWN,
    "age_on_network": UNKNOWN,
    "mobile_number_validation": UNKNOWN,
    "b2c_hakikisha": UNKNOWN,
}
"""Of both clients."""
SERVICES = {
    "stk_push_service": {"initiate": "stk_push", "query": "stk_query"},
    "c2b_service": {"register_url": "c2b_register_url", "simulate": "c2b_simulate"},
    "b2c_service": {"send": "b2c"},
    "b2pochi_service": {"send": "b2pochi"},
    "b2b_service": {"top_up": "b2c_account_top_up"},
    "b2c_account_top_up_service": {"top_up": "b2c_account_top_up"},
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
    "mobile_center_service": {
        "fetch_offers": "mobile_center_fetch_offers",
        "purchase": "mobile_center_purchase",
        "check_status": "mobile_center_status",
    },
    "age_on_network_service": {"query": "age_on_network"},
    "mobile_number_validation_service": {"validate": "mobile_number_validation"},
    "b2c_hakikisha_service": {"validate": "b2c_hakikisha"},
}
BILLS = (
    "opt_in",
    "change_opt_in",
    "send_single_invoice",
    "send_bulk_invoice",
    "cancel_single_invoice",
    "cancel_bulk_invoices",
    "reconciliation",
)
SIMS = (
    "get_all_sims",
    "query_life_cycle_status",
    "query_customer_info",
    "activate_sim",
    "get_activation_trends",
    "rename_asset",
    "suspend_unsuspend",
    "search_messages",
    "filter_messages",
    "get_all_messages",
    "send_single_message",
    "delete_message",
    "delete_message_thread",
)
"""Of its services alone."""

READ = {"Result": {"ResultCode": 0}}
MODELS = {
    "parse_stk_callback": {"success": True, "amount": "101.0", "phone_number": "254722000000"},
    "AccountBalanceService.parse_callback": {
        "success": True,
        "balances": {"workingAccount": {"currency": "KES"}},
    },
    "B2BExpressService.parse_callback": {"success": True, "status": "SUCCESS"},
    "RatibaCallbackResponse": {"responseHeader": {"responseCode": "0"}},
    "C2BValidationRequest validation": {"BusinessShortCode": "600997", "TransAmount": "201.00"},
    "C2BValidationRequest confirmation": {"BusinessShortCode": "600997", "TransAmount": "201.00"},
    "MpesaResult account_balance": READ,
    "MpesaResult b2c": READ,
    "MpesaResult b2pochi": READ,
    "MpesaResult reversal": READ,
    "MpesaResult b2c_account_top_up": NO_VALUE,
    "MpesaResult business_buy_goods": NO_VALUE,
    "MpesaResult business_pay_bill": NO_VALUE,
    "MpesaResult tax_remittance": NO_VALUE,
    "MpesaResult transaction_status": NO_VALUE,
}
CALLBACKS = {
    **{name: (0,) for name in ("stk_push", *COMMANDS) if name != "c2b_simulate"},
    "validation": CONFIRMED,
    "confirmation": CONFIRMED * 2,  # the second is of a payment with Bonga points
    "b2b_express": ("0",),
    "ratiba": ("0",),
}


def test_daraja_sdk_py(tmp_path):
    run = driven("daraja-sdk-py", tmp_path)
    for name in ("get_access_token", "async get_access_token"):
        assert len(run.operations.pop(name)) == 28
        run.surface.discard(name)
    services = {
        f"{service}.{method}": OPERATIONS[name]
        for service, names in SERVICES.items()
        for method, name in names.items()
    }
    services |= {f"bill_manager_service.{name}": {"rescode": "200"} for name in BILLS}
    services |= {f"iot_service.{name}": {"header": {"responseCode": 200}} for name in SIMS}
    services["iot_service.manage"] = INVENTED
    again = {f"async {name}": answer for name, answer in OPERATIONS.items()}
    heard = {
        f"/{number}/{name}": codes for number in (1, 2, 3) for name, codes in CALLBACKS.items()
    }
    heard |= {"/2/top_up_again": (0,), "/2/bill": CONFIRMED}
    check(run, OPERATIONS | services | again, MODELS, heard)
