import base64

import pytest

from compat.driving import driven
from compat.expected import (
    ACKNOWLEDGED,
    CONFIRMED,
    PAID_FOR,
    REGISTERED,
    Refused,
    check,
)

ARRAY = Refused(
    ("HTTP_400", "Invalid Request Payload"),
    "it sends an object with `invoices`; the portal documents an array",
)
BARE_LIST = Refused(
    ("Input should be a valid list", "ResultParameter"),
    "it wants ResultParameters to be a list; Safaricom sends and documents an object around it",
)
NO_VALUE = Refused(
    ("Value Field required",),
    "it wants a Value always; Safaricom leaves out the key when there is none",
)
ONE_OBJECT = Refused(
    ("Input should be a valid list", "BOCompletedTime"),
    "it wants a list always; where there is one parameter the portal prints an object",
)
NUMBERS = Refused(
    ("ResultCode Input should be a valid string",),
    "it wants codes as texts; Safaricom sends numbers",
)
ONE_REFERENCE = Refused(
    ("ReferenceItem Input should be a valid list",),
    "it wants a list, or no ReferenceData; nobody has seen a queue time-out, and the one here is a "
    "guess with one reference",
)
CAMEL_CASE = Refused(
    ("ResponseHeader Field required",),
    "it knows the keys of a failed order; those of a created one are in camelCase",
)

COMMANDS = (
    "b2c.send_payment",
    "b2b.paybill",
    "b2b.buygoods",
    "b2c.account_topup",
    "tax.remittance",
    "balance.query",
    "transactions.query_status",
    "reversal.reverse",
)
OPERATIONS = {
    "express.push": {"ResponseCode": 0},
    "express.query": PAID_FOR,
    "c2b.register_url": REGISTERED,
    **dict.fromkeys(COMMANDS, ACKNOWLEDGED),
    "b2b.express_checkout": {"code": "0", "status": "USSD Initiated Successfully"},
    "balance.query shipped certificate": ACKNOWLEDGED,
    "balance.query simulator certificate": ACKNOWLEDGED,
    "dynamic_qr.generate": {},
    "ratiba.create_standing_order": {"ResponseHeader": {"responseCode": "200"}},
    "bill.opt_in": {"rescode": "200"},
    "bill.update_opt_in": {"rescode": "200"},
    "bill.send_single_invoice": {"rescode": "200"},
    "bill.send_bulk_invoice": ARRAY,
    "bill.cancel_single_invoice": {"rescode": "200"},
    "bill.cancel_bulk_invoice": ARRAY,
}
SUCCESS = {"Result": {"ResultDesc": "The service request is processed successfully."}}
FAILURE = {"Result": {"ResultDesc": "The initiator information is invalid."}}
TIMEOUT = {"Result": {"ResultType": 0}}
MODELS = {
    "process_stk_callback": {"Body": {"stkCallback": {"ResultCode": 0}}},
    "process_stk_query_callback": PAID_FOR,
    "C2BValidationRequest /validation": {"BusinessShortCode": 600997},
    "C2BValidationRequest /confirmation": {"BusinessShortCode": 600997},
    "process_b2b_callback": {"resultCode": "0", "status": "SUCCESS"},
    "process_bill_manager_callback": {"paidAmount": 1500, "accountReference": "PLOT-9"},
    "process_dynamic_qr_code_callback": {},
    "process_ratiba_service_callback": CAMEL_CASE,
    "process_b2c_callback": BARE_LIST,
    "process_transactions_callback": BARE_LIST,
    "process_account_balance_callback": SUCCESS,
    "process_reversal_callback": NUMBERS,
    "process_b2c_callback-failed": FAILURE,
    "process_transactions_callback-failed": FAILURE,
    "process_account_balance_callback-failed": FAILURE,
    "process_reversal_callback-failed": NUMBERS,
    "B2CTimeoutCallback": TIMEOUT,
    "TransactionStatusTimeoutCallback": TIMEOUT,
    "process_account_balance_timeout": TIMEOUT,
    "ReversalTimeoutCallback": NUMBERS,
    "BusinessBuyGoodsTimeoutCallback": TIMEOUT,
    "BusinessPayBillTimeoutCallback": ONE_REFERENCE,
    "TaxRemittanceTimeoutCallback": ONE_REFERENCE,
}
MODELS_BY_PROFILE = {
    "observed": {
        "BusinessPayBillResultCallback": NO_VALUE,
        "BusinessBuyGoodsResultCallback": NO_VALUE,
        "B2CAccountTopUpCallback": NO_VALUE,
        "process_tax_remittance_callback": NO_VALUE,
        "BusinessPayBillResultCallback-failed": NO_VALUE,
        "BusinessBuyGoodsResultCallback-failed": NO_VALUE,
        "B2CAccountTopUpCallback-failed": FAILURE,
        "process_tax_remittance_callback-failed": NO_VALUE,
        "B2CAccountTopUpTimeoutCallback": NUMBERS,
    },
    "documented": {
        "BusinessPayBillResultCallback": SUCCESS,
        "BusinessBuyGoodsResultCallback": SUCCESS,
        "B2CAccountTopUpCallback": SUCCESS,
        "process_tax_remittance_callback": SUCCESS,
        "BusinessPayBillResultCallback-failed": ONE_OBJECT,
        "BusinessBuyGoodsResultCallback-failed": FAILURE,
        "B2CAccountTopUpCallback-failed": ONE_OBJECT,
        "process_tax_remittance_callback-failed": ONE_OBJECT,
        "B2CAccountTopUpTimeoutCallback": TIMEOUT,
    },
}
PRINTED = ("b2b.paybill", "b2b.buygoods", "b2c.account_topup", "tax.remittance", "balance.query")
"""The results whose codes the portal prints as texts."""


def callbacks(profile: str, suffix: str) -> dict:
    found = {
        f"/express{suffix}": (0,),
        f"/validation{suffix}": CONFIRMED,
        f"/confirmation{suffix}": CONFIRMED,
        f"/bill{suffix}": CONFIRMED,
        f"/checkout{suffix}": ("0",),
        f"/ratiba{suffix}": ("0",),
    }
    code = str if profile == "documented" else int
    # The first is opaque, so taken by its form; in the second a time follows the password.
    found[f"/credential-shipped{suffix}"] = (code(0),)
    found[f"/credential-simulator{suffix}"] = (code(2001),)
    for name in COMMANDS:
        typed = code if name in PRINTED else int
        found[f"/{name}{suffix}"] = (typed(0),)
        found[f"/{name}-failed{suffix}"] = (typed(2001),)
        found[f"/{name}-timed-out{suffix}/queue"] = (typed(26),)
    return found


@pytest.mark.parametrize("profile", MODELS_BY_PROFILE)
def test_mpesakit(tmp_path, profile):
    """Its models follow the portal's samples, and read most of what the portal prints."""
    run = driven("mpesakit", tmp_path, "--profile", profile)
    operations = OPERATIONS | {
        f"{name}{kind}": ACKNOWLEDGED for name in COMMANDS for kind in ("-failed", "-timed-out")
    }
    models = MODELS | MODELS_BY_PROFILE[profile]
    check(
        run,
        operations | {f"async {name}": answer for name, answer in operations.items()},
        models | {f"async {name}": answer for name, answer in models.items()},
        callbacks(profile, "") | callbacks(profile, "/async"),
    )
    made = run.models["process_dynamic_qr_code_callback"]
    assert made == run.operations["dynamic_qr.generate"]
    assert base64.b64decode(made["QRCode"]).startswith(b"\x89PNG")
