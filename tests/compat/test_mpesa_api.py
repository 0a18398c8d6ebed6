from compat.driving import driven
from compat.expected import ACKNOWLEDGED, CONFIRMED, PAID_FOR, PUSHED, REGISTERED, Refused, check

COMMANDS = ("c2bSimulate", "b2c", "accountBalance", "transactionStatus", "reversal")
OPERATIONS = {
    "lipaNaMpesaOnline by default": Refused(
        ("400", "400.002.02", "Invalid TransactionType"),
        "its default is 'CustomerPayBillOnline ', with a blank at the end",
    ),
    "lipaNaMpesaOnline": PUSHED,
    "lipaNaMpesaQuery": PAID_FOR,
    "c2bRegister": REGISTERED,
    **dict.fromkeys(COMMANDS, ACKNOWLEDGED),
}
CALLBACKS = {
    "/validation": CONFIRMED,
    "/confirmation": CONFIRMED,
    **{f"/{name}": (0,) for name in ("express", "b2c", "balance", "status", "reversal")},
}


def test_mpesa_api(tmp_path):
    check(driven("mpesa-api", tmp_path), OPERATIONS, {}, CALLBACKS)
