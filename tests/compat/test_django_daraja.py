from compat.driving import driven
from compat.expected import ACKNOWLEDGED, PUSHED, Refused, check

PAYMENTS = ("business_payment", "salary_payment", "promotion_payment", "b2c_payment")
KEPT = {"response_code": "0", "error_message": ""}


def test_django_daraja(tmp_path):
    run = driven("django-daraja", tmp_path)
    assert len(run.operations.pop("access_token")) == 28
    run.surface -= {"access_token"}
    operations = {
        "stk_push": {"status": 200, "kept": KEPT, **PUSHED},
        "stk_push refused": Refused(
            ("400.002.02", "'error_message': 'Bad Request - Invalid CallBackURL'"),
            "the callback URL is none; its answer object keeps code and message",
        ),
        **{name: {"status": 200, "kept": KEPT, **ACKNOWLEDGED} for name in PAYMENTS},
    }
    models = {"parse_stk_result": {"ResultCode": 0, "Amount": 1, "PhoneNumber": 254722000000}}
    callbacks = {"/express": (0,), **{f"/{name}": (0,) for name in PAYMENTS}}
    check(run, operations, models, callbacks)
