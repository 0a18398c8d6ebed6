"""A shop: asks for money through the client that it is given, and takes callbacks as WSGI."""

import base64
import json


class Shop:
    def __init__(self, http):
        self.http, self.told = http, []

    def charge(self, phone, amount, callback_url):
        host = "https://sandbox.safaricom.co.ke"
        token = self.http.get(
            f"{host}/oauth/v1/generate?grant_type=client_credentials", auth=("key", "secret")
        ).json()["access_token"]
        passkey = "bfb279f9aa9bdbcf158e97dd71a467cd2e0c893059b10f78e6b72ada1ed2c919"
        stamp = "20260302090000"
        password = base64.b64encode(f"174379{passkey}{stamp}".encode()).decode()
        order = {
            "BusinessShortCode": "174379",
            "Password": password,
            "Timestamp": stamp,
            "TransactionType": "CustomerPayBillOnline",
            "Amount": amount,
            "PartyA": f"254{phone[1:]}",
            "PartyB": "174379",
            "PhoneNumber": f"254{phone[1:]}",
            "CallBackURL": callback_url,
            "AccountReference": "INV-1",
            "TransactionDesc": "Shoes",
        }
        answer = self.http.post(
            f"{host}/mpesa/stkpush/v1/processrequest",
            json=order,
            headers={"Authorization": f"Bearer {token}"},
        )
        answer.raise_for_status()

    def __call__(self, environ, start_response):
        self.told.append(json.load(environ["wsgi.input"]))
        start_response("200 OK", [("Content-Type", "application/json")])
        return [b'{"ResultCode": 0, "ResultDesc": "Accepted"}']


def create_app(http):
    return Shop(http)
