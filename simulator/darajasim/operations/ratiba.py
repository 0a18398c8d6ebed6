"""M-Pesa Ratiba: POST /standingorder/v1/createStandingOrderExternal, standing orders."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, ClassVar

from darajasim.core.catalogue import Row
from darajasim.core.clock import iso
from darajasim.core.namespace import Namespace
from darajasim.core.profile import Profile
from darajasim.core.rules import Plan
from darajasim.operations import ratiba_course
from darajasim.operations.business import BusinessOperation, Request
from darajasim.operations.call import Answer, Refusal
from darajasim.operations.fields import (
    CALLBACK,
    Check,
    Field,
    FieldProblem,
    amount,
    callback_url,
    limited,
    msisdn,
    one_number_of,
    one_of,
    optional,
    scalar,
    shortcode,
    shown,
)
from darajasim.operations.ratiba_calendar import FREQUENCIES, Schedule, parsed
from darajasim.operations.ratiba_callback import SCHEMA
from darajasim.operations.ratiba_order import Order
from darajasim.operations.refusals import NONE, filled

PAY_BILL = "Standing Order Pay Bill External Third Party"
TO_PAYBILLS = (
    PAY_BILL,
    "Standing Order Pay Bill Ext-Third Party",
    "Standing Order Customer Pay Bill",
)
TO_TILLS = (
    "Standing Order Pay Merchant External Third Party",
    "Standing Order Customer Pay Marchant",
)
"""Every spelling of either edition, misspellings included (documented)."""
ACCEPTED = "Request accepted for processing"
PROCESSED = "The service request is processed successfully."

INVALID = "ratiba-invalid-field"
NOT_ISSUED = "ratiba-shortcode-not-issued"
MAX_REFERENCE = 12
"""Characters of AccountReference (documented)."""
MAX_NAME = 182
"""Characters of StandingOrderName: what an AccountReference may have elsewhere (guessed)."""

_EIGHT_DIGITS = re.compile(r"\d{8}", re.ASCII)
_DATE_SCHEMA = {"type": ["string", "integer"], "pattern": r"^\d{8}$"}


def _date(value: Any, _profile: Profile) -> str:
    found = scalar(value)
    if found is None or not _EIGHT_DIGITS.fullmatch(found) or parsed(found) is None:
        raise FieldProblem(f"expected a date as yyyymmdd, found {shown(value)}")
    return found


def _frequency(value: Any, profile: Profile) -> str:
    known = FREQUENCIES[profile.ratiba_edition]
    found = scalar(value)
    if found is None or found not in known:
        raise FieldProblem(
            f"expected {min(known)} to {max(known)} (edition {profile.ratiba_edition}), "
            f"found {shown(value)}"
        )
    return found


def _description(value: Any, profile: Profile) -> str:
    """Documented: at most 13 characters; the portal's own sample has more."""
    return limited(profile.description_limit)(value, profile)


def _field(name: str, check: Check, alias: str, example: Any, about: str = "") -> Field:
    return Field(name, INVALID, check, alias, example, about)


_PARTNER_ID = optional(limited(64))
_FIELDS = (
    _field(
        "StandingOrderName",
        limited(MAX_NAME),
        "order_name",
        "Solar kit plan",
        "one order of a name per customer; a second one fails with 1050",
    ),
    _field(
        "StartDate", Check(_date, _DATE_SCHEMA), "start_date", "20270105", "yyyymmdd, in Nairobi"
    ),
    _field(
        "EndDate",
        Check(_date, _DATE_SCHEMA),
        "end_date",
        "20291231",
        "the last day on which it may be carried out",
    ),
    _field("BusinessShortCode", shortcode, "shortcode", "174379"),
    _field("TransactionType", one_of(*TO_PAYBILLS, *TO_TILLS), "transaction_type", PAY_BILL),
    _field(
        "ReceiverPartyIdentifierType",
        one_number_of("4", "2"),
        "receiver_type",
        "4",
        "4 for a paybill, 2 for a till",
    ),
    _field("Amount", amount, "amount", "450", "whole shillings of each payment"),
    _field("PartyA", msisdn, "phone", "254722000000"),
    _field("CallBackURL", callback_url, "callback_url", CALLBACK),
    _field("AccountReference", limited(MAX_REFERENCE), "reference", "KIT-0042"),
    _field(
        "TransactionDesc",
        Check(_description, {"type": ["string", "number"], "minLength": 1}),
        "description",
        "Solar kit",
    ),
    _field(
        "Frequency",
        Check(_frequency, {"enum": [*FREQUENCIES["2026"], *map(int, FREQUENCIES["2026"])]}),
        "frequency",
        "5",
        "1 one off, 2 daily, 3 weekly; from 4 on the knob ratiba_edition decides",
    ),
    _field("CustomStoId", _PARTNER_ID, "partner_id", ..., "the caller's own id of the order"),
    _field("CustomstdoId", _PARTNER_ID, "partner_id_misspelt", ..., "the same, misspelt"),
)
_STRING = {"type": "string"}


def _exactly(**properties: Any) -> Mapping[str, Any]:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


class StandingOrder(BusinessOperation):
    """Accepted at once; the customer is asked on the phone, and the callback tells the end."""

    name = "standing_order"
    path = "/standingorder/v1/createStandingOrderExternal"
    about = "A standing order by which a customer pays a shortcode again and again."
    magic_field: ClassVar[str] = "AccountReference"
    token_refusal: ClassVar[str] = "unauthorized-access-token"  # noqa: S105  # a catalogue key
    result_surface: ClassVar[str] = "notice"
    callbacks: ClassVar[Mapping[str, str]] = {"ratiba": "CallBackURL"}
    callback_schemas: ClassVar[Mapping[str, Mapping[str, Any]]] = {"ratiba": SCHEMA}
    fields = _FIELDS
    answer_schema: ClassVar[Mapping[str, Any]] = _exactly(
        ResponseHeader=_exactly(
            responseRefID=_STRING,
            responseCode={"const": "200"},
            responseDescription=_STRING,
            ResultDesc=_STRING,
        ),
        ResponseBody=_exactly(responseDescription=_STRING, responseCode={"const": "200"}),
    )

    def accept(self, namespace: Namespace, request: Request, plan: Plan) -> Answer:
        """Acknowledge the order and ask the customer."""
        self._check_shortcode(namespace, request)
        reference = namespace.ids.uuid()
        order = Order(
            subject=reference,
            partner_id=request["CustomStoId"] or request["CustomstdoId"] or reference,
            name=request["StandingOrderName"],
            msisdn=request["PartyA"],
            shortcode=request["BusinessShortCode"],
            to_till=request["TransactionType"] in TO_TILLS,
            says_till=request["ReceiverPartyIdentifierType"] == "2",
            cents=int(request["Amount"]) * 100,
            reference=request["AccountReference"],
            callback_url=request["CallBackURL"],
            schedule=_schedule(namespace.profile, request),
            accepted_at=namespace.clock.time(),
            plan=plan,
        )
        ratiba_course.begin(namespace, order)
        return _headed(200, "200", ACCEPTED, PROCESSED, reference)

    def _check_shortcode(self, namespace: Namespace, request: Request) -> None:
        shortcode, app = request["BusinessShortCode"], request.app
        if app is not None and app.shortcodes is not None and shortcode not in app.shortcodes:
            issued = ", ".join(sorted(app.shortcodes)) or "none"
            raise Refusal(NOT_ISSUED, f"issued to the app {app.consumer_key}: {issued}")
        organisation = namespace.world.organisation(shortcode)
        if organisation is None:
            known = ", ".join(namespace.world.organisations)
            raise Refusal(NOT_ISSUED, f"no shortcode {shortcode} in this world; there are {known}")
        if not organisation.takes_part_in(self.name):
            raise Refusal(NOT_ISSUED, f"{shortcode} does not take part in {self.name}")

    def refused(
        self, namespace: Namespace, row: Row, hint: str = "", values: Mapping[str, str] = NONE
    ) -> Answer:
        """A flat envelope with a number (seen); a system failure has the acknowledgement's
        (documented).
        """
        if row.surface != "inline":
            return super().refused(namespace, row, hint, values)
        text = filled(row.text_in(namespace.profile.texts), values)
        if row.json_type != "integer":
            return _headed(row.http_status, row.code, text, text, namespace.ids.uuid(), hint=hint)
        body = {
            "requestRefId": namespace.ids.request_id(),
            "responseMessage": text,
            "responseCode": int(row.code),
            "timestamp": f"{iso(namespace.clock.time())[:19]}Z",
        }
        return Answer(row.http_status, body, code=row.code, message=text, hint=hint or None)


def _headed(
    status: int, code: str, text: str, result: str, reference: str, *, hint: str = ""
) -> Answer:
    """Outer keys in PascalCase, inner ones in camelCase but for ResultDesc (documented)."""
    body = {
        "ResponseHeader": {
            "responseRefID": reference,
            "responseCode": code,
            "responseDescription": text,
            "ResultDesc": result,
        },
        "ResponseBody": {"responseDescription": text, "responseCode": code},
    }
    return Answer(status, body, code=code, message=text, hint=hint or None, subject=reference)


def _schedule(profile: Profile, request: Request) -> Schedule:
    start, end = parsed(request["StartDate"]), parsed(request["EndDate"])
    if start is None or end is None:
        raise AssertionError("the fields have been checked")
    return Schedule(start, end, FREQUENCIES[profile.ratiba_edition][request["Frequency"]])


OPERATIONS = (StandingOrder(),)
