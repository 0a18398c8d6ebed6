"""Lipa na Bonga: paying a paybill with loyalty points.

`calculate-points` says what points are worth; `redeem-paybill` asks the customer for the PIN, and
the payment arrives as an ordinary C2B payment. There is no callback of its own. The sandbox
answered a redemption with 404 and an empty body (seen in 2026); here it is served as documented.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, ClassVar

from darajasim.core.catalogue import Row, catalogue
from darajasim.core.clock import nairobi
from darajasim.core.namespace import Namespace
from darajasim.core.profile import Profile
from darajasim.core.rules import Plan
from darajasim.operations.bonga_course import FAILED, REDEEM, PointsBook, Redemption, begin
from darajasim.operations.business import BusinessOperation, Request
from darajasim.operations.call import Answer, Refusal
from darajasim.operations.fields import (
    Check,
    Field,
    FieldProblem,
    limited,
    msisdn,
    scalar,
    shape,
    shortcode,
    shown,
)
from darajasim.operations.refusals import NONE, filled

RATE = Decimal("0.2")
"""Shillings for one point (documented)."""
OK = "bonga-ok"
INCOMPLETE = "bonga-missing-fields"
CUSTOMER_MESSAGE = "Operation Successfull"
"""Misspelt so by the products with this envelope (documented)."""

_NUMBER = r"\d{1,9}(?:\.\d{1,2})?"


def _positive(value: Any, _profile: Profile) -> str:
    found = scalar(value)
    if found is None or not re.fullmatch(_NUMBER, found, re.ASCII) or not Decimal(found):
        wanted = "a number above 0 with at most 2 decimals"
        raise FieldProblem(f"expected {wanted}, found {shown(value)}")
    return found


def _rate(value: Any, profile: Profile) -> str:
    found = _positive(value, profile)
    if Decimal(found) != RATE:
        raise FieldProblem(f"expected {RATE}, found {shown(value)}")
    return found


_POSITIVE = {"type": ["string", "number"], "pattern": f"^{_NUMBER}$", "exclusiveMinimum": 0}
_POINTS = shape(r"[1-9]\d{0,8}", "whole points of at least 1")
_STRING = {"type": "string"}


def _exactly(properties: Mapping[str, Any]) -> Mapping[str, Any]:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def _answered(body: Mapping[str, Any]) -> Mapping[str, Any]:
    names = ("requestRefId", "responseCode", "responseMessage", "customerMessage", "timestamp")
    header = {**dict.fromkeys(names, _STRING), "responseCode": {"const": 200}}
    return _exactly({"header": _exactly(header), "body": body})


def _redeem_field(name: str, check: Check, alias: str, example: Any, about: str = "") -> Field:
    return Field(name, INCOMPLETE, check, alias, example, about)


class BongaOperation(BusinessOperation):
    """What both share: the refusal of tokens, and the envelope with a header and a body."""

    token_refusal: ClassVar[str] = "unauthorized-access-token"  # noqa: S105  # a catalogue key

    def refused(
        self, namespace: Namespace, row: Row, hint: str = "", values: Mapping[str, str] = NONE
    ) -> Answer:
        """Its own codes stand in the header, as numbers."""
        if row.surface != "inline":
            return super().refused(namespace, row, hint, values)
        return _headed(namespace, row, None, hint=hint, values=values)


class BongaCalculate(BongaOperation):
    """Everything in the answer's body is text (documented)."""

    name = "bonga_calculate"
    path = "/v1/lipa/na/bonga/calculate-points"
    about = "What a number of Bonga points is worth in shillings."
    magic_field: ClassVar[str] = "points"
    fields = (Field("points", "invalid-payload", _POINTS, "points", "60", "whole points"),)
    answer_schema: ClassVar[Mapping[str, Any]] = _answered(
        _exactly(dict.fromkeys(("amount", "points", "rate"), _STRING))
    )

    def accept(self, namespace: Namespace, request: Request, plan: Plan) -> Answer:
        """Multiply."""
        points = request["points"]
        body = {"amount": _plain(worth(int(points))), "points": points, "rate": str(RATE)}
        return _headed(namespace, catalogue().by_key(OK), body)


class BongaRedeem(BongaOperation):
    """Accepted at once, with nothing in the body; then the customer is asked for the PIN."""

    name = REDEEM
    path = "/v1/lipa/na/bonga/redeem-paybill"
    about = "A payment to a paybill with a customer's Bonga points."
    magic_field: ClassVar[str] = "accountNumber"
    fields = (
        _redeem_field("msisdn", msisdn, "phone", "254722000000"),
        _redeem_field("amount", Check(_positive, _POSITIVE), "amount", 12, "what the points buy"),
        _redeem_field("bongaPoints", _POINTS, "points", 60),
        _redeem_field("conversionRate", Check(_rate, _POSITIVE), "rate", 0.2, "shillings a point"),
        _redeem_field("shortCode", shortcode, "shortcode", "174379"),
        _redeem_field("accountNumber", limited(64), "reference", "INV-1"),
    )
    answer_schema: ClassVar[Mapping[str, Any]] = _answered({"type": "null"})

    def accept(self, namespace: Namespace, request: Request, plan: Plan) -> Answer:
        """Acknowledge, and ask the customer. What does not add up fails with 6001 (guessed)."""
        cents = self._check(namespace, request)
        answer = _headed(namespace, catalogue().by_key(OK), None)
        begin(
            namespace,
            Redemption(
                subject=answer.subject or "",
                msisdn=request["msisdn"],
                shortcode=request["shortCode"],
                reference=request["accountNumber"],
                points=int(request["bongaPoints"]),
                cents=cents,
                accepted_at=namespace.clock.time(),
                plan=plan,
            ),
        )
        return answer

    def _check(self, namespace: Namespace, request: Request) -> int:
        """The amount in cents."""
        points, shortcode = int(request["bongaPoints"]), request["shortCode"]
        failed = catalogue().coded("inline", FAILED, REDEEM).key
        if Decimal(request["amount"]) != worth(points):
            wanted = f"{_plain(worth(points))} for {points} points"
            raise Refusal(failed, f"amount: expected {wanted}, found {request['amount']}")
        left = namespace.book(PointsBook).left(request["msisdn"])
        if left < points:
            raise Refusal(failed, f"{request['msisdn']} has {left} points, not {points}")
        organisation = namespace.world.organisation(shortcode)
        if organisation is None or not organisation.active:
            known = ", ".join(namespace.world.organisations)
            raise Refusal(failed, f"no active shortcode {shortcode} in this world; it has {known}")
        return int(worth(points) * 100)


def worth(points: int) -> Decimal:
    """What points are worth, in shillings."""
    return points * RATE


def _plain(amount: Decimal) -> str:
    """`12` and `12.2`, never `1.2E+1`."""
    return f"{amount.normalize():f}"


def _headed(
    namespace: Namespace,
    row: Row,
    body: Mapping[str, str] | None,
    *,
    hint: str = "",
    values: Mapping[str, str] = NONE,
) -> Answer:
    """The code is a number; the time is Nairobi's, to the nanosecond, without a zone."""
    text, now = filled(row.text_in(namespace.profile.texts), values), namespace.clock.time()
    reference = namespace.ids.request_id()
    header = {
        "requestRefId": reference,
        "responseCode": int(row.code),
        "responseMessage": text,
        "customerMessage": CUSTOMER_MESSAGE if row.key == OK else text,
        "timestamp": f"{nairobi(now):%Y-%m-%dT%H:%M:%S.%f}000",
    }
    content = {"header": header, "body": body}
    return Answer(
        row.http_status,
        content,
        code=row.code,
        message=text,
        hint=hint or None,
        subject=reference if row.key == OK else None,
    )


OPERATIONS = (BongaCalculate(), BongaRedeem())
