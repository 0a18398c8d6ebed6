"""A small shop that is paid by M-Pesa Express, with Flask and the public SDK daraja-v3.

What it takes care of, and why, stands at each place. Run it: python shop.py
"""

import json
import os
import re
import secrets

from flask import Flask, abort, jsonify, request
from mpesa import MpesaClient, MpesaError
from mpesa.exceptions import AuthenticationError, ValidationError
from store import Store

ACCEPTED = {"ResultCode": 0, "ResultDesc": "Accepted"}
INVALID_TOKEN = "404.001.03"
DARAJAS_OWN = re.compile(r"\d{3}\.\d{3}\.\d{2,4}")
"""What an errorCode of Daraja's looks like: an answer with one is a no for certain."""
LONGEST_REFERENCE = 12
"""The SDK would cut a longer one, and the customer's statement would name another order."""
ENDED = {"0", "1", "17", "1001", "1019", "1025", "1032", "1037", "2001", "8006", "9999"}
"""Result codes of a query that are an end; the others may still change."""


class Shop:
    """Payments from the order to the credit."""

    def __init__(self, store, *, url, settings):
        self.store = store
        self.url = url
        self.settings = settings
        self.client = MpesaClient(**settings)
        for number in store.open_payments():  # what came before we were stopped
            if store.payment(number)["pushed"] == "asking":
                store.pushed(number, "unknown")
            self.look_at_callbacks(number)

    def daraja(self, ask):
        """Ask Daraja; again with a new token when it does not know ours, or when none came: either
        way nothing was taken.
        """
        for _ in range(2):
            client = self.client
            try:
                return ask(client)
            except MpesaError as error:
                if error.code != INVALID_TOKEN and not isinstance(error, AuthenticationError):
                    raise
            if self.client is client:
                self.client = MpesaClient(**self.settings)
        return ask(self.client)

    def pay(self, *, phone, amount, reference, description):
        """Ask a customer for money. The payment is written down first: its callback may overtake
        Daraja's answer, and the answer may never come.
        """
        token = secrets.token_urlsafe(16)
        number = self.store.order(token=token, phone=phone, amount=amount, reference=reference)
        try:
            accepted = self.push(
                number,
                token,
                phone=phone,
                amount=amount,
                reference=reference,
                description=description,
            )
        except (ValidationError, AuthenticationError):  # nothing was sent
            self.store.settle(number, paid=False, code=None)
        except (MpesaError, ValueError) as error:
            if self.is_refusal(error):
                self.store.settle(number, paid=False, code=None)
            else:
                self.unknown(number)
        else:
            if accepted.checkout_request_id:
                self.store.pushed(number, "accepted", accepted.checkout_request_id)
            else:
                self.unknown(number)
        self.look_at_callbacks(number)
        return number

    def push(self, number, token, *, phone, amount, reference, description):
        """One push. The callback URL is the payment's own, and nobody can guess it."""
        return self.daraja(
            lambda client: client.stk_push(
                phone=phone,
                amount=amount,
                reference=reference,
                description=description,
                callback_url=f"{self.url}/callbacks/{number}/{token}",
            )
        )

    def unknown(self, number):
        """No answer: the customer may be typing the PIN. Never push again; a callback will tell."""
        self.store.pushed(number, "unknown")

    @staticmethod
    def is_refusal(error):
        """Whether Daraja said no. A broken connection or a page of some proxy's is no answer."""
        said = str(getattr(error, "code", "") or "")
        return bool(DARAJAS_OWN.fullmatch(said)) or said.startswith("4")

    def callback(self, number, body):
        """Take a callback: stored before it is answered, whatever it says."""
        self.store.keep(number, body)
        self.look_at_callbacks(number)

    def look_at_callbacks(self, number):
        """Let the callbacks that came for a payment end it."""
        payment = self.store.payment(number)
        if payment["pushed"] == "asking":
            return  # it overtook Daraja's answer: it is looked at when the answer has come
        for body in self.store.kept(number):
            said = read(body)
            if said is not None:
                self.believe(self.store.payment(number), said)

    def believe(self, payment, said):
        """End the payment if this callback is about it; ask Daraja where it alone does not do."""
        known = payment["checkout_request_id"]
        if payment["status"] == "paid" and known == said["id"] and said["code"] == "0":
            # A query has settled it, and queries tell no receipt.
            self.store.add_receipt(payment["id"], said["receipt"])
        if payment["status"] != "pending" or known not in (None, said["id"]):
            return
        agrees = said["code"] != "0" or (
            said["amount"] == payment["amount"] and said["phone"] in (None, payment["phone"])
        )
        if known is not None and agrees:
            self.settle(payment, said["code"], said["receipt"])
        else:
            self.confirm(payment, said["id"], said["receipt"] if agrees else None)

    def ask(self, payment):
        """Somebody wants to know how a payment stands: ask Daraja, if there is an id to ask for."""
        if payment["status"] == "pending" and payment["checkout_request_id"]:
            self.confirm(payment, payment["checkout_request_id"])

    def confirm(self, payment, checkout_request_id, receipt=None, *, left=2):
        """Ask Daraja how a push ended, and believe that."""
        try:
            answer = self.daraja(lambda client: client.stk_query(checkout_request_id))
        except (MpesaError, ValueError) as error:
            if self.is_refusal(error) or not left:
                return  # not known yet
            # A question is harmless: ask again.
            self.confirm(payment, checkout_request_id, receipt, left=left - 1)
            return
        if answer.result_code in ENDED:
            self.settle(payment, answer.result_code, receipt, checkout_request_id)

    def settle(self, payment, code, receipt, checkout_request_id=None):
        """Daraja has said how it ended."""
        paid = code == "0"
        self.store.settle(
            payment["id"],
            paid=paid,
            code=code,
            receipt=receipt if paid else None,
            checkout_request_id=checkout_request_id,
        )


def read(body):
    """What a callback says; None when it is none."""
    try:
        stk = json.loads(body)["Body"]["stkCallback"]
        items = stk.get("CallbackMetadata", {}).get("Item", [])
        values = {item["Name"]: item.get("Value") for item in items}
        amount, phone = values.get("Amount"), values.get("PhoneNumber")
        return {
            "id": str(stk["CheckoutRequestID"]),
            "code": str(stk["ResultCode"]),
            "amount": amount,
            "phone": None if phone is None else str(phone),
            "receipt": values.get("MpesaReceiptNumber"),
        }
    except (ValueError, KeyError, TypeError, AttributeError):
        return None


def create_app(shop):
    """The shop's pages."""
    app = Flask(__name__)

    @app.get("/health")
    def health():
        return {"status": "ok"}

    @app.post("/payments")
    def pay():
        order = request.get_json()
        names = ("phone", "amount", "reference", "description")
        if len(order["reference"]) > LONGEST_REFERENCE:
            return {"error": f"a reference has at most {LONGEST_REFERENCE} characters"}, 400
        return shown(shop.pay(**{name: order[name] for name in names})), 201

    @app.get("/payments/<int:number>")
    def payment(number):
        return shown(number)

    @app.post("/payments/<int:number>/query")
    def query(number):
        found = shop.store.payment(number) or abort(404)
        shop.ask(found)
        return shown(number)

    @app.post("/callbacks/<int:number>/<token>")
    def callback(number, token):
        found = shop.store.payment(number)
        if found is None or not secrets.compare_digest(found["token"], token):
            abort(404)
        shop.callback(number, request.get_data(as_text=True))
        return ACCEPTED

    @app.get("/callbacks")
    def callbacks():  # in a shop of yours, for the bookkeeper only
        return jsonify(shop.store.kept())

    def shown(number):
        found = shop.store.payment(number) or abort(404)
        return {name: value for name, value in found.items() if name not in ("token", "pushed")}

    return app


def from_environment(kind=Shop):
    """The shop as the environment describes it."""
    timeout = int(os.environ.get("MPESA_TIMEOUT", "30"))
    settings = {
        "consumer_key": os.environ["MPESA_CONSUMER_KEY"],
        "consumer_secret": os.environ["MPESA_CONSUMER_SECRET"],
        "shortcode": os.environ["MPESA_SHORTCODE"],
        "passkey": os.environ["MPESA_PASSKEY"],
        "base_url": os.environ.get("MPESA_BASE_URL"),
        "timeout": timeout,
    }
    store = Store(os.environ.get("SHOP_DATABASE", "shop.db"))
    return kind(store, url=os.environ["SHOP_URL"], settings=settings)


if __name__ == "__main__":
    create_app(from_environment()).run(port=int(os.environ.get("PORT", "5000")), threaded=True)
