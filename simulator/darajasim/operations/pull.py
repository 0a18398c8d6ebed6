"""Pull Transactions: the customers' payments to a shortcode, of the last 48 hours."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from typing import Any, ClassVar

from darajasim.core.catalogue import Row, catalogue
from darajasim.core.clock import NAIROBI, iso
from darajasim.core.namespace import Namespace
from darajasim.core.organisation import OrganisationKind, sandbox_organisation
from darajasim.core.profile import Profile
from darajasim.core.rules import Plan
from darajasim.core.transactions import Transaction
from darajasim.operations.business import BusinessOperation, Request
from darajasim.operations.call import Answer, Refusal
from darajasim.operations.fields import (
    CALLBACK,
    Check,
    Field,
    FieldProblem,
    callback_url,
    one_of,
    scalar,
    shape,
    shown,
)
from darajasim.operations.fields import shortcode as shortcode_check
from darajasim.operations.refusals import NONE

REACH_SECONDS = 48 * 3_600
"""How far back a query reaches (documented)."""
PAGE_ROWS = 100
"""Rows of one answer: the portal speaks of rows 101 to 200 at offset 100 (guessed)."""
REGISTERED, ALREADY_REGISTERED = "pull-registered", "pull-already-registered"
ROWS, NO_ROWS = "pull-rows", "pull-no-rows"
NOT_REGISTERED = "pull-invalid-shortcode"
INVALID = "invalid-payload"

_MOMENT = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})[ T](\d{1,2}):(\d{1,2})(?::(\d{1,3}))?", re.ASCII)


@dataclass(slots=True, eq=False)
class PullBook:
    """The nominated number of every registered shortcode."""

    nominated: dict[str, str] = field(default_factory=dict)


def nominated_number(namespace: Namespace, shortcode: str) -> str | None:
    """The number that was registered with a shortcode, or None."""
    return namespace.book(PullBook).nominated.get(shortcode)


def _registered(namespace: Namespace, shortcode: str) -> bool:
    """Somebody has long registered the shared shortcodes of the public sandbox (seen)."""
    known = shortcode in namespace.book(PullBook).nominated
    return known or sandbox_organisation(shortcode) is not None


def _moment(value: Any, _profile: Profile) -> str:
    """The portal's samples have hours of one digit and seconds of three; both are let through."""
    found = scalar(value)
    if found is None or _seconds(found) is None:
        wanted = "a Nairobi time as YYYY-MM-DD HH:mm:ss or YYYY-MM-DD HH:mm"
        raise FieldProblem(f"expected {wanted}, found {shown(value)}")
    return found


def _seconds(text: str) -> int | None:
    """A Nairobi time as whole seconds since the epoch; None when it is none."""
    found = _MOMENT.fullmatch(text)
    if found is None:
        return None
    year, month, day, hour, minute, second = (int(part or 0) for part in found.groups())
    try:
        return int(datetime(year, month, day, hour, minute, second, tzinfo=NAIROBI).timestamp())
    except ValueError:
        return None


moment_check = Check(_moment, {"type": "string", "pattern": f"^{_MOMENT.pattern}$"})
"""A Nairobi time, to the second or to the minute."""


_STRING = {"type": "string"}
_ROW_PROPERTIES: Mapping[str, Any] = {
    "transactionId": _STRING,
    "trxDate": {"type": "string", "format": "date-time"},
    "msisdn": {"type": "integer"},
    "sender": {"const": "MPESA"},
    "transactiontype": {"enum": ["c2b-pay-bill-debit", "c2b-buy-goods-debit"]},
    "billreference": _STRING,
    "amount": {"type": "string", "pattern": r"^\d+\.\d\d$"},
    "organizationname": _STRING,
}
_ROW_SCHEMA: Mapping[str, Any] = {
    "type": "object",
    "properties": _ROW_PROPERTIES,
    "required": list(_ROW_PROPERTIES),
    "additionalProperties": False,
}


def _shortcode_field(example: str) -> Field:
    return Field("ShortCode", NOT_REGISTERED, shortcode_check, "shortcode", example)


class PullOperation(BusinessOperation):
    """What both operations share: tokens, and shortcodes that are refused with 400.001."""

    token_refusal: ClassVar[str] = "pull-invalid-access-token"  # noqa: S105  # a catalogue key
    product_refusal: ClassVar[str] = "pull-no-product"

    def _known(self, namespace: Namespace, request: Request) -> str:
        """The shortcode, when there is one and the app may speak for it (guessed).

        Raises:
            Refusal: it may not.
        """
        shortcode, app = request["ShortCode"], request.app
        if app is not None and app.shortcodes is not None and shortcode not in app.shortcodes:
            issued = ", ".join(sorted(app.shortcodes)) or "none"
            raise Refusal(NOT_REGISTERED, f"issued to the app {app.consumer_key}: {issued}")
        organisation = namespace.world.organisation(shortcode)
        if organisation is None:
            known = ", ".join(namespace.world.organisations)
            raise Refusal(NOT_REGISTERED, f"no shortcode {shortcode} in this world; it has {known}")
        if not organisation.takes_part_in(self.name):
            raise Refusal(NOT_REGISTERED, f"{shortcode} does not take part in {self.name}")
        return shortcode


class PullRegister(PullOperation):
    """Once for a shortcode; a repeat is no error (seen)."""

    name = "pull_register"
    path = "/pulltransactions/v1/register"
    about = "Registers a shortcode for Pull Transactions, once."
    magic_field: ClassVar[str] = "NominatedNumber"
    fields = (
        _shortcode_field("174379"),
        Field("RequestType", INVALID, one_of("Pull"), "request_type", "Pull"),
        Field(
            "NominatedNumber",
            INVALID,
            shape(r"(?:254|0)[17]\d{8}", "a mobile number as 07XXXXXXXX or 2547XXXXXXXX"),
            "phone",
            "254722000000",
            "the number that Safaricom knows the shortcode's owner by",
        ),
        Field(
            "CallBackURL",
            INVALID,
            callback_url,
            "callback_url",
            CALLBACK,
            "what is ever sent there is not documented; nothing is",
        ),
    )
    answer_schema: ClassVar[Mapping[str, Any]] = {
        "type": "object",
        "properties": {
            "ResponseRefID": {"type": "string"},
            "Response Status": {"enum": ["1000", "1001"]},
            "ResponseStatus": {"enum": ["1000", "1001"]},
            "ShortCode": {"type": "string"},
            "Response Description": {"type": "string"},
            "ResponseDescription": {"type": "string"},
        },
        "required": ["ResponseRefID", "ShortCode"],
        "additionalProperties": False,
        "oneOf": [
            {"required": ["Response Status", "Response Description"]},
            {"required": ["ResponseStatus", "ResponseDescription"]},
        ],
    }

    def accept(self, namespace: Namespace, request: Request, plan: Plan) -> Answer:
        """Register the shortcode, or say that it is."""
        shortcode = self._known(namespace, request)
        if _registered(namespace, shortcode):
            return self._told(namespace, ALREADY_REGISTERED)
        namespace.book(PullBook).nominated[shortcode] = request["NominatedNumber"]
        return self._told(namespace, REGISTERED)

    def _told(self, namespace: Namespace, key: str, hint: str = "") -> Answer:
        """The live keys have spaces (seen); those of the portal's sample have none."""
        space = "" if namespace.profile.texts == "documented" else " "
        row = catalogue().by_key(key)
        text = row.text_in(namespace.profile.texts)
        body = {
            "ResponseRefID": namespace.ids.uuid(),
            f"Response{space}Status": row.code,
            "ShortCode": "",
            f"Response{space}Description": text,
        }
        return Answer(row.http_status, body, code=row.code, message=text, hint=hint or None)

    def refused(
        self, namespace: Namespace, row: Row, hint: str = "", values: Mapping[str, str] = NONE
    ) -> Answer:
        """1000 and 1001 are told in the product's own envelope."""
        if row.surface != "inline":
            return super().refused(namespace, row, hint, values)
        return self._told(namespace, row.key, hint)

    def stamp(self, namespace: Namespace, body: Mapping[str, Any], answer: Answer) -> None:
        """Name the shortcode that was sent."""
        if isinstance(answer.body, dict) and "ShortCode" in answer.body:
            answer.body["ShortCode"] = scalar(body.get("ShortCode")) or ""


class PullQuery(PullOperation):
    """The overview says GET, with a JSON body; POST works on the live sandbox (seen)."""

    name = "pull_query"
    path = "/pulltransactions/v1/query"
    about = "Customers' payments to a registered shortcode in the last 48 hours, 100 at a time."
    other_methods: ClassVar[tuple[str, ...]] = ("GET",)
    magic_field: ClassVar[str] = "OffSetValue"
    fields = (
        _shortcode_field("600000"),
        Field(
            "StartDate", INVALID, moment_check, "start_date", "2027-01-19 06:00:00", "Nairobi time"
        ),
        Field("EndDate", INVALID, moment_check, "end_date", "2027-01-20 06:00:00", "Nairobi time"),
        Field(
            "OffSetValue",
            INVALID,
            shape(r"\d{1,9}", "a number of rows from 0"),
            "offset",
            "0",
            "how many rows to leave out, not a page's number",
        ),
    )
    answer_schema: ClassVar[Mapping[str, Any]] = {
        "type": "object",
        "properties": {
            "ResponseRefID": {"type": "string"},
            "RequestID": {"type": "string"},
            "ResponseCode": {"enum": ["1000", "1001"]},
            "ResponseMessage": {"type": "string"},
            "Response": {
                "type": "array",
                "items": {"type": "array", "items": _ROW_SCHEMA},
            },
            "Transaction": {"const": "[[]]"},
        },
        "required": ["ResponseCode", "ResponseMessage"],
        "additionalProperties": False,
        "oneOf": [{"required": ["ResponseRefID"]}, {"required": ["RequestID"]}],
    }

    def accept(self, namespace: Namespace, request: Request, plan: Plan) -> Answer:
        """Find the rows of the window, and answer with one page of them."""
        shortcode = self._known(namespace, request)
        if not _registered(namespace, shortcode):
            raise Refusal(NOT_REGISTERED, f"{shortcode} is not registered: use {PullRegister.path}")
        start, end = _seconds(request["StartDate"]), _seconds(request["EndDate"])
        if start is None or end is None:
            raise AssertionError("the fields have been checked")
        first = int(request["OffSetValue"])
        found = _payments(namespace, shortcode, start, end)
        rows = [_row(namespace, payment) for payment in islice(found, first, first + PAGE_ROWS)]
        return _listed(namespace, rows)

    def refused(
        self, namespace: Namespace, row: Row, hint: str = "", values: Mapping[str, str] = NONE
    ) -> Answer:
        """1001 has a body of its own, and 1000 without payments an empty list."""
        if row.surface != "inline":
            return super().refused(namespace, row, hint, values)
        return _listed(namespace, [], row.key, hint)


def _payments(namespace: Namespace, shortcode: str, start: int, end: int) -> Iterator[Transaction]:
    """What customers paid to a shortcode from `start` to `end`, both whole seconds included."""
    since = max(start, namespace.clock.time() - REACH_SECONDS)
    for payment in namespace.transactions:
        if (
            payment.from_customer
            and payment.credit.identifier == shortcode
            and payment.status == "Completed"
            and since <= int(payment.finalised_at) <= end
        ):
            yield payment


def _row(namespace: Namespace, payment: Transaction) -> dict[str, Any]:
    """One payment: a number for the phone, text for the amount (documented).

    Whether the Z of trxDate is true is not known; here it is. The word for tills is guessed.
    """
    organisation = namespace.world.organisation(payment.credit.identifier)
    till = organisation is not None and organisation.kind is OrganisationKind.TILL
    return {
        "transactionId": payment.receipt,
        "trxDate": f"{iso(payment.finalised_at)[:19]}Z",
        "msisdn": int(payment.debit.identifier.removeprefix("254")),
        "sender": "MPESA",
        "transactiontype": "c2b-buy-goods-debit" if till else "c2b-pay-bill-debit",
        "billreference": payment.reference,
        "amount": f"{payment.cents // 100}.{payment.cents % 100:02d}",
        "organizationname": organisation.name if organisation is not None else "",
    }


def _listed(
    namespace: Namespace, rows: Sequence[Mapping[str, Any]], key: str = "", hint: str = ""
) -> Answer:
    """ResponseRefID with rows (documented), RequestID without (seen); the portal shows a text that
    looks like an empty list.
    """
    row = catalogue().by_key(key or (ROWS if rows else NO_ROWS))
    text = row.text_in(namespace.profile.texts)
    body: dict[str, Any] = {"ResponseCode": row.code, "ResponseMessage": text}
    if row.key == ROWS:
        body = {"ResponseRefID": namespace.ids.request_id(), **body, "Response": [list(rows)]}
    elif namespace.profile.texts == "documented":
        body = {"ResponseRefID": namespace.ids.request_id(), **body, "Transaction": "[[]]"}
    else:
        body = {"RequestID": namespace.ids.request_id(), **body}
    return Answer(row.http_status, body, code=row.code, message=text, hint=hint or None)


OPERATIONS = (PullRegister(), PullQuery())
