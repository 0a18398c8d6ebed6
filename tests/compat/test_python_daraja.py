from compat.driving import driven
from compat.expected import Refused, check

FORM = Refused(
    ("400.002.05", "Invalid Request Payload"),
    "it says Content-Type: application/json and sends a form, which is no JSON",
)


def test_python_daraja_gets_a_token_and_is_refused_for_what_it_posts(tmp_path):
    run = driven("python-daraja", tmp_path)
    assert len(run.operations.pop("_get_access_token")) == 28
    assert run.operations.pop("_get_password")
    run.surface -= {"_get_access_token", "_get_password"}
    posted = ("trigger_stk_push", "query_stk_push", "register_urls", "c2b_transaction")
    operations = {"_get_trans_type": "CustomerPayBillOnline", **dict.fromkeys(posted, FORM)}
    check(run, operations, {}, {})
