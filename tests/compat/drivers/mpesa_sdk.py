"""Everything that mpesa-sdk's client does."""

import json

import mpesa_sdk
from channel import (
    COLLECTOR,
    CREDENTIAL,
    INITIATOR,
    KEY,
    PASSKEY,
    PAYBILL,
    PAYER,
    PHONE,
    RECEIVER,
    SECRET,
    call,
    callback,
    public_methods,
    surface,
    url,
)

CUSTOMER = 254722000000


def express(client):
    """Push, ask, and push and ask under the older names; the receipt of the first payment."""
    receipts = []
    for shillings, (push, query) in enumerate(
        (
            ("mpesa_express_payment", "mpesa_express_query"),
            ("lipa_na_mpesa_online_payment", "lipa_na_mpesa_online_query"),
        ),
        start=100,
    ):
        timestamp = mpesa_sdk.generate_timestamp()
        who = {
            "BusinessShortCode": PAYBILL,
            "Password": mpesa_sdk.generate_mpesa_express_password(PAYBILL, PASSKEY, timestamp),
            "Timestamp": timestamp,
        }
        payment = {
            "Amount": shillings,
            "PartyA": CUSTOMER,
            "PartyB": PAYBILL,
            "PhoneNumber": CUSTOMER,
            "CallBackURL": url(f"/{push}"),
            "AccountReference": "INV-1",
            "TransactionDesc": "Shoes",
        }
        (answer, _status) = call(push, getattr(client, push), who | payment)
        items = json.loads(callback(f"/{push}"))["Body"]["stkCallback"]["CallbackMetadata"]["Item"]
        receipts += [item["Value"] for item in items if item["Name"] == "MpesaReceiptNumber"]
        asked = who | {"CheckoutRequestID": answer["CheckoutRequestID"]}
        call(query, getattr(client, query), asked)
    return receipts[0]


def c2b(client):
    urls = {"ConfirmationURL": url("/confirmation"), "ValidationURL": url("/validation")}
    register = {"ShortCode": COLLECTOR, "ResponseType": "Completed"} | urls
    call("c2b_register_url", client.c2b_register_url, register)
    payment = {"ShortCode": COLLECTOR, "Amount": 10, "Msisdn": PHONE, "BillRefNumber": "INV-2"}
    call("c2b_simulate_transaction", client.c2b_simulate_transaction, payment)
    callback("/confirmation")


def urls(path):
    return {"ResultURL": url(path), "QueueTimeOutURL": url("/timeout"), "Remarks": "OK"}


def commands(client, receipt):
    who = {"Initiator": INITIATOR, "SecurityCredential": CREDENTIAL}
    b2c = {
        "OriginatorConversationID": "mpesa-sdk-1",
        "InitiatorName": INITIATOR,
        "SecurityCredential": CREDENTIAL,
        "CommandID": "BusinessPayment",
        "Amount": 10,
        "PartyA": PAYER,
        "PartyB": PHONE,
        "Occasion": "June",
    }
    call("b2c_payment_request", client.b2c_payment_request, b2c | urls("/b2c"))
    callback("/b2c")
    b2b = {
        "CommandID": "BusinessPayBill",
        "SenderIdentifierType": "4",
        "RecieverIdentifierType": "4",
        "Amount": 20,
        "PartyA": PAYER,
        "PartyB": RECEIVER,
        "AccountReference": "353353",
    }
    call("b2b_payment_request", client.b2b_payment_request, who | b2b | urls("/b2b"))
    callback("/b2b")
    balance = {"PartyA": PAYER}
    call(
        "account_balance_request", client.account_balance_request, who | balance | urls("/balance")
    )
    callback("/balance")
    raw = who | balance | urls("/raw") | {"CommandID": "AccountBalance", "IdentifierType": "4"}
    place = mpesa_sdk.urls.get_account_balance_url()
    call("make_request", lambda: client.make_request(place, raw, "POST").json())
    callback("/raw")
    status = {"PartyA": PAYBILL, "TransactionID": receipt}
    for name in ("transaction_status_request", "transation_status_request"):
        call(name, getattr(client, name), who | status | urls(f"/{name}"))
        callback(f"/{name}")
    reversal = {
        "TransactionID": receipt,
        "Amount": 100,
        "ReceiverParty": PAYBILL,
        "Occasion": "Returned",
    }
    call("reversal_request", client.reversal_request, who | reversal | urls("/reversal"))
    callback("/reversal")


def main():
    (token, _status) = call("oauth_generate_token", mpesa_sdk.oauth_generate_token, KEY, SECRET)
    client = mpesa_sdk.Mpesa(token["access_token"])
    surface(public_methods(mpesa_sdk.Mpesa) | {"oauth_generate_token"})
    receipt = express(client)
    c2b(client)
    commands(client, receipt)


main()
