"""The Flask shop of examples/ with one thing wrong, by the variable SHOP_BUG."""

import os
import time

import shop as right
import store


class CarelessStore(store.Store):
    """Nothing in the database stands against a second credit."""

    tables = store.TABLES.replace("payment INTEGER PRIMARY KEY REF", "payment INTEGER REF")

    def credit(self, number, said):
        with self.transaction() as database:
            database.execute(
                "UPDATE payments SET status = 'paid', result_code = '0', receipt = ? WHERE id = ?",
                (said["receipt"], number),
            )
            database.execute(
                "INSERT INTO credits SELECT id, amount FROM payments WHERE id = ?", (number,)
            )


class CreditsTwice(right.Shop):
    def believe(self, payment, said):
        if said["code"] == "0" and payment["checkout_request_id"] == said["id"]:
            self.store.credit(payment["id"], said)

    def callback(self, number, body):
        self.store.keep(number, body)
        self.believe(self.store.payment(number), right.read(body))


class TwiceAtOnce(right.Shop):
    def callback(self, number, body):
        self.store.keep(number, body)
        payment, said = self.store.payment(number), right.read(body)
        if payment["status"] == "pending" and said["code"] == "0":
            time.sleep(0.3)  # whatever else a shop does before it writes
            self.store.credit(number, said)


class NoResponseIsSuccess(right.Shop):
    def settle(self, payment, code, receipt, checkout_request_id=None):
        super().settle(payment, "0" if code == "1037" else code, receipt, checkout_request_id)


class AnyAmount(right.Shop):
    def believe(self, payment, said):
        super().believe(payment, said | {"amount": payment["amount"]})


class LosesTheEarly(right.Shop):
    def callback(self, number, body):
        if self.store.payment(number)["checkout_request_id"] is not None:
            super().callback(number, body)


class ChargesAgain(right.Shop):
    def unknown(self, number):
        self.store.settle(number, paid=False, code=None)

    def ask(self, payment):
        """What failed is tried again when somebody looks at it."""
        if payment["status"] == "failed" and payment["result_code"] is None:
            order = {name: payment[name] for name in ("phone", "amount", "reference")}
            accepted = self.push(payment["id"], payment["token"], **order, description="again")
            with self.store.transaction() as database:
                database.execute(
                    "UPDATE payments SET status = 'pending', pushed = 'accepted',"
                    " checkout_request_id = ? WHERE id = ?",
                    (accepted.checkout_request_id, payment["id"]),
                )


class Forgets(right.Shop):
    def callback(self, number, body):
        raise RuntimeError("the database was away")


class TrustsAnyId(right.Shop):
    def believe(self, payment, said):
        super().believe(payment | {"checkout_request_id": said["id"]}, said)


BUGS = {
    "credits-twice-on-a-duplicate": CreditsTwice,
    "credits-twice-at-once": TwiceAtOnce,
    "1037-is-success": NoResponseIsSuccess,
    "any-amount": AnyAmount,
    "loses-the-early-callback": LosesTheEarly,
    "charges-again": ChargesAgain,
    "forgets": Forgets,
    "trusts-any-id": TrustsAnyId,
}

if __name__ == "__main__":
    right.Store = CarelessStore
    careless = right.from_environment(BUGS[os.environ["SHOP_BUG"]])
    right.create_app(careless).run(port=int(os.environ["PORT"]), threaded=True)
