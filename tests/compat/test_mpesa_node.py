from compat.driving import driven
from compat.expected import ACKNOWLEDGED, CONFIRMED, PAID_FOR, PUSHED, REGISTERED, check

COMMANDS = ("c2bSimulate", "b2c", "b2b", "b2b BusinessPayBill")
QUESTIONS = ("accountBalance", "transactionStatus", "reversal")
OPERATIONS = {
    "oAuth": {"expires_in": "3599"},
    "lipaNaMpesaOnline": PUSHED,
    "lipaNaMpesaQuery": PAID_FOR,
    "c2bRegister": REGISTERED,
    **dict.fromkeys((*COMMANDS, *QUESTIONS), ACKNOWLEDGED),
}
RESULTS = ("express", "b2c", "b2b-default", "b2b", "balance", "status", "reversal")
CALLBACKS = {
    "/validation": CONFIRMED,
    "/confirmation": CONFIRMED,
    **{f"/{name}": (0,) for name in RESULTS},
}


def test_mpesa_node(tmp_path):
    check(driven("mpesa-node", tmp_path), OPERATIONS, {}, CALLBACKS)
