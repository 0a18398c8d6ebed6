from compat.driving import driven
from compat.expected import ACKNOWLEDGED, CONFIRMED, REGISTERED, check

PUSHED = {"customer_message": "Success. Request accepted for processing"}
READ = {"paid": True, "result_code": "0", "phone": "254722000000"}
OPERATIONS = {
    "stk_push": PUSHED,
    "stk_query": {"is_paid": True, "result_code": "0"},
    "c2b_register_urls": REGISTERED,
    "b2c": {"response_description": ACKNOWLEDGED["ResponseDescription"], "raw": ACKNOWLEDGED},
    "account_balance": ACKNOWLEDGED,
}
CALLBACKS = {
    "express": (0,),
    "validation": CONFIRMED,
    "confirmation": CONFIRMED,
    "b2c": (0,),
    "balance": (0,),
}


def test_daraja_v3(tmp_path):
    operations = {
        **OPERATIONS,
        **{f"async {name}": answer for name, answer in OPERATIONS.items()},
        "async aclose": None,
    }
    models = {"parse_stk_callback": READ, "async parse_stk_callback": READ}
    paths = {f"/{number}/{name}": codes for number in (1, 2) for name, codes in CALLBACKS.items()}
    check(driven("daraja-v3", tmp_path), operations, models, paths)
