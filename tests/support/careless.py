"""A merchant application in memory that does everything right, or one thing wrong."""

import asyncio
from dataclasses import dataclass, field
from types import SimpleNamespace

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from darajasim.harness.laws.books import BookedPayment, Books
from mpesa_pochi import CallbackRefused, PochiError, UnknownOutcome
from mpesa_pochi.callback import ExpectedPayment, check_callback, parse_callback
from support.histories import Bug

PREFIX = "/api/pochi"


@dataclass
class Row:
    """One payment, with what was given for it."""

    payment_id: int
    phone: str
    amount: int
    reference: str
    status: str = "pending"
    result_code: str | None = None
    receipt: str | None = None
    checkout_id: str | None = None
    credits: list[int] = field(default_factory=list)

    @property
    def final(self):
        return self.status != "pending"


class Shop:
    """The application, its rows and the callbacks that it stored."""

    def __init__(self, client, bug=None):
        self.client, self.bug = client, bug
        self.rows, self.stored, self.kept = {}, [], {}
        self.app = Starlette(
            routes=[
                Route(f"{PREFIX}/stk-push", self.pay, methods=["POST"]),
                Route(f"{PREFIX}/query-stk", self.query, methods=["POST"]),
                Route(f"{PREFIX}/callback/{{number:int}}", self.callback, methods=["POST"]),
            ]
        )
        self.app.state.payments = SimpleNamespace(get=self.get)

    async def get(self, number):
        return self.rows[number]

    def books(self):
        payments = tuple(
            BookedPayment(
                str(row.payment_id),
                row.phone,
                row.amount * 100,
                row.reference,
                row.status,
                row.checkout_id,
                tuple(row.credits),
            )
            for row in self.rows.values()
        )
        return Books(payments, [body.decode() for body in self.stored])

    async def pay(self, request: Request):
        asked = await request.json()
        row = Row(len(self.rows) + 1, asked["phone"], asked["amount"], asked["reference"])
        self.rows[row.payment_id] = row
        try:
            await self.push(row)
        except UnknownOutcome as error:
            if self.bug is Bug.CHARGES_AGAIN:
                await self.push_again(row)
            elif error.checkout_request_id:
                self.tie(row, error.checkout_request_id)
        except PochiError:
            row.status = "failed"
        return JSONResponse({"payment_id": row.payment_id, "status": row.status})

    async def push_again(self, row):
        """As a job does that repeats what failed, when M-PESA's two minutes are over."""
        await asyncio.sleep(150)
        try:
            await self.push(row)
        except PochiError:
            row.status = "failed"

    async def push(self, row):
        accepted = await self.client.stk_push(
            phone=row.phone,
            amount=row.amount,
            reference=row.reference,
            description="Payment",
            callback_url=f"http://merchant.test{PREFIX}/callback/{row.payment_id}",
        )
        self.tie(row, accepted.checkout_request_id)

    def tie(self, row, checkout_id):
        row.checkout_id = checkout_id
        for ended in self.kept.pop(checkout_id, []):
            self.settle(row, ended)

    async def query(self, request: Request):
        row = self.rows[(await request.json())["payment_id"]]
        try:
            answer = await self.client.stk_query(row.checkout_id or "")
        except PochiError as error:
            return JSONResponse({"error": error.message}, 502)
        if answer.state.final:
            self.settle(row, answer)
        return JSONResponse({"status": row.status})

    async def callback(self, request: Request):
        body = await request.body()
        if self.bug is Bug.FORGETS:
            return JSONResponse({}, 500)
        row = self.rows[request.path_params["number"]]
        ended = parse_callback(body)
        if row.checkout_id is None and self.bug is Bug.LOSES_THE_EARLY:
            return JSONResponse({"ResultCode": 0})
        self.stored.append(body)
        if self.bug is Bug.TWICE_AT_ONCE:
            open_ = not row.final
            await asyncio.sleep(0.1)
            if open_ and ended.paid:
                row.status = "success"
                row.credits.append(row.amount * 100)
        elif self.believes(row, ended):
            if row.checkout_id is None:  # the address is the payment's own
                row.checkout_id = ended.checkout_request_id
            self.settle(row, ended)
        return JSONResponse({"ResultCode": 0})

    def believes(self, row, ended):
        """Whether a callback speaks of this payment, and says what was asked for."""
        expected = ExpectedPayment(amount=row.amount, phone=row.phone)
        known = row.checkout_id == ended.checkout_request_id
        if row.checkout_id is None:
            known = self.bug is not Bug.CHARGES_AGAIN
        try:
            check_callback(ended, expected)
        except CallbackRefused:
            return known and self.bug is Bug.ANY_AMOUNT
        return known or self.bug is Bug.TRUSTS_ANY_ID

    def settle(self, row, ended):
        paid = ended.code == "0" or (
            ended.code == "1037" and self.bug is Bug.NO_RESPONSE_IS_SUCCESS
        )
        if row.final and not (paid and self.bug is Bug.TWICE_ON_A_DUPLICATE):
            return
        row.status = "success" if paid else "failed"
        row.result_code = ended.code
        row.receipt = getattr(ended, "receipt", None)
        if paid:
            row.credits.append(row.amount * 100)
