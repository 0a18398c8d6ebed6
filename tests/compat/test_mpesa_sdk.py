from compat.driving import driven
from compat.expected import ACKNOWLEDGED, CONFIRMED, PAID_FOR, PUSHED, REGISTERED, check

PUSHES = ("mpesa_express_payment", "lipa_na_mpesa_online_payment")
STATUSES = ("transaction_status_request", "transation_status_request")
COMMANDS = (
    "c2b_simulate_transaction",
    "b2c_payment_request",
    "b2b_payment_request",
    "account_balance_request",
    *STATUSES,
    "reversal_request",
)
OPERATIONS = {
    "oauth_generate_token": [{"expires_in": "3599"}, 200],
    **{name: [PUSHED, 200] for name in PUSHES},
    "mpesa_express_query": [PAID_FOR, 200],
    "lipa_na_mpesa_online_query": [PAID_FOR, 200],
    "c2b_register_url": [REGISTERED, 200],
    **{name: [ACKNOWLEDGED, 200] for name in COMMANDS},
    "make_request": ACKNOWLEDGED,
}
CALLBACKS = {
    **{f"/{name}": (0,) for name in (*PUSHES, *STATUSES)},
    "/validation": CONFIRMED,
    "/confirmation": CONFIRMED,
    "/b2c": (0,),
    "/b2b": (0,),
    "/balance": (0,),
    "/raw": (0,),
    "/reversal": (0,),
}


def test_mpesa_sdk(tmp_path):
    check(driven("mpesa-sdk", tmp_path), OPERATIONS, {}, CALLBACKS)
