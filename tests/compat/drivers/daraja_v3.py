"""Everything that daraja-v3 does, with its client that waits and with its client that does not."""

import asyncio
import json
import time

from channel import (
    COLLECTOR,
    CREDENTIAL,
    INITIATOR,
    KEY,
    PASSKEY,
    PAYBILL,
    PAYER,
    PHONE,
    SECRET,
    SIMULATOR,
    call,
    callback,
    customer_pays,
    public_methods,
    reads,
    surface,
    url,
)
from mpesa import MpesaAsyncClient, MpesaClient

CUSTOMER = "0722000000"


def drive(kind, label, wait, shillings):
    """Do everything with one of the two clients.

    Args:
        label: put before the names of operations.
        wait: gives the answer of what a method returned.
        shillings: added to every amount, so that no payment looks like a repeated one.
    """
    path = f"/{shillings}"
    shop, payer, collector = (
        kind(KEY, SECRET, shortcode, PASSKEY, base_url=SIMULATOR)
        for shortcode in (PAYBILL, PAYER, COLLECTOR)
    )

    def do(name, method, *args, **fields):
        return call(label + name, lambda: wait(method(*args, **fields)))

    pushed = do(
        "stk_push",
        shop.stk_push,
        CUSTOMER,
        100 + shillings,
        "INV-1",
        "Shoes",
        url(f"{path}/express"),
    )
    paid = json.loads(callback(f"{path}/express"))
    reads(f"{label}parse_stk_callback", kind.parse_stk_callback, paid)
    do("stk_query", shop.stk_query, pushed.checkout_request_id)
    urls = url(f"{path}/validation"), url(f"{path}/confirmation")
    do("c2b_register_urls", collector.c2b_register_urls, *urls)
    customer_pays(COLLECTOR, 10 + shillings, "INV-2")
    callback(f"{path}/confirmation")
    who = {
        "initiator_name": INITIATOR,
        "security_credential": CREDENTIAL,
        "queue_timeout_url": url("/timeout"),
    }
    there = url(f"{path}/b2c")
    wait_for_another_second()
    do("b2c", payer.b2c, str(PHONE), 10 + shillings, "Wages", callback_url=there, **who)
    callback(f"{path}/b2c")
    do("account_balance", payer.account_balance, callback_url=url(f"{path}/balance"), **who)
    callback(f"{path}/balance")
    if label:
        for client in (shop, payer, collector):
            do("aclose", client.aclose)


def wait_for_another_second():
    """Its payouts are told apart by the second alone; two in one are refused as duplicates."""
    began = int(time.time())
    while int(time.time()) == began:
        time.sleep(0.01)


def main():
    own = {f"async {name}" for name in public_methods(MpesaAsyncClient)}
    surface(public_methods(MpesaClient) | own)
    drive(MpesaClient, "", lambda answer: answer, 1)
    with asyncio.Runner() as runner:
        drive(MpesaAsyncClient, "async ", runner.run, 2)


main()
