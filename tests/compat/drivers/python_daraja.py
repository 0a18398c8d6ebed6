"""The four functions of python-daraja, which is told its settings through module variables."""

from channel import KEY, PASSKEY, PAYBILL, SECRET, call, surface, url
from python_daraja import payment

payment.CONSUMER_KEY = KEY
payment.CONSUMER_SECRET = SECRET
payment.PASSKEY = PASSKEY
payment.SHORT_CODE = str(PAYBILL)
payment.ACCOUNT_TYPE = "PAYBILL"

surface(
    name
    for name, found in vars(payment).items()
    if callable(found) and getattr(found, "__module__", "") == payment.__name__
)
call("_get_access_token", payment._get_access_token)
call("_get_password", payment._get_password)
call("_get_trans_type", payment._get_trans_type)
call(
    "trigger_stk_push",
    payment.trigger_stk_push,
    phone_number=254722000000,
    amount=1,
    callback_url=url("/express"),
    account_ref="INV-1",
    description="Shoes",
)
call("query_stk_push", payment.query_stk_push, "ws_CO_231120260220055722000000")
call("register_urls", payment.register_urls, url("/confirmation"), url("/validation"), "Completed")
call("c2b_transaction", payment.c2b_transaction, amount=10, customer_phone_number="254708374149")
