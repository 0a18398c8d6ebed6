"""What the nine operations of Bill Manager share: paths, who the biller is, how they say no."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar

from darajasim.core.catalogue import Row, magic_refusal
from darajasim.core.namespace import Namespace
from darajasim.core.rules import Plan
from darajasim.operations.bills_book import BillBook, Biller
from darajasim.operations.business import BusinessOperation, Request
from darajasim.operations.call import Answer, Call, Refusal
from darajasim.operations.fields import scalar
from darajasim.operations.refusals import NONE, filled

PREFIX = "/v1/billmanager-invoice"
PREFIXES = (PREFIX + PREFIX, PREFIX)
"""The doubled one is what production e-mails say; both answer there (seen). The documented one
comes last, for that is the one which examples use."""
CONFLICT = "409"
NOT_TOGETHER = "bills-invalid-shortcode"
OK = {"resmsg": "Success", "rescode": "200"}
APP_KEY = "appKey"
APP_KEY_HEADERS = ("appkey", "app_key", "app-key")
"""The header's spelling is not confirmed: SDKs send the first two (documented: in the header)."""
MAX_ITEMS = 1_000


def answer_schema(*texts: str, errors: bool = False) -> Mapping[str, Any]:
    """The schema of an accepted answer: `texts` beside resmsg and rescode."""
    properties: dict[str, Any] = {text: {"type": "string"} for text in texts}
    properties |= {"resmsg": {"const": "Success"}, "rescode": {"const": "200"}}
    if errors:
        properties["errors"] = {"type": "array", "items": {"type": "string"}}
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


class BillsOperation(BusinessOperation):
    """One operation of Bill Manager under one of its paths."""

    magic_field: ClassVar[str] = "externalReference"
    token_refusal: ClassVar[str] = "unauthorized-access-token"  # noqa: S105  # a catalogue key

    def __init__(self, path: str) -> None:
        self.path = path

    def _request(self, namespace: Namespace, call: Call, body: Any) -> Request:
        request = super()._request(namespace, call, body)
        sent = (call.headers.get(name) for name in APP_KEY_HEADERS)
        request[APP_KEY] = next((found for found in sent if found), "")
        return request

    def refused(
        self, namespace: Namespace, row: Row, hint: str = "", values: Mapping[str, str] = NONE
    ) -> Answer:
        """`A: B` is told as resmsg and Status_Message; the HTTP status is a knob (guessed)."""
        if row.surface != "inline":
            return super().refused(namespace, row, hint, values)
        text = filled(row.text_in(namespace.profile.texts), values)
        before, colon, after = text.partition(":")
        body = {
            "Status_Message": after.strip() if colon else text,
            "resmsg": before if colon else "Conflict",
            "rescode": row.code,
            "errors": [],
        }
        conflict = row.code == CONFLICT
        status = namespace.profile.bills_conflict_status if conflict else row.http_status
        return Answer(status, body, code=row.code, message=text, hint=hint or None)


def done(body: Mapping[str, Any], subject: str | None = None) -> Answer:
    """The answer to what was carried out: `body`, then resmsg and rescode."""
    message = str(body.get("Status_Message", OK["resmsg"]))
    errors = {key: value for key, value in body.items() if key == "errors"}
    rest = {key: value for key, value in body.items() if key != "errors"}
    whole = {**rest, **OK, **errors}
    return Answer(200, whole, code=OK["rescode"], message=message, subject=subject)


def biller_of(namespace: Namespace, request: Request) -> Biller | None:
    """The biller who asks: by the app key that was sent, else the one whom the app opted in last.

    Raises:
        Refusal: the app key is nobody's or another app's, or the knob bills_optin_required is on
            and nobody has opted in.
    """
    book, sent = namespace.book(BillBook), request[APP_KEY]
    if sent:
        found = book.of_key(sent)
        if found is None or found.consumer_key != request.consumer_key:
            raise Refusal(NOT_TOGETHER, f"no opt-in of this app was answered with app_key {sent}")
        return found
    found = book.of_app(request.consumer_key)
    if found is None and namespace.profile.bills_optin_required:
        raise Refusal(NOT_TOGETHER, "this app has not opted in (knob bills_optin_required)")
    return found


def owner_of(biller: Biller | None, request: Request) -> str:
    """Whose invoices these are. An app that has not opted in has its own, for the time being."""
    return biller.shortcode if biller is not None else f"app:{request.consumer_key}"


class InvoiceOperation(BillsOperation):
    """What is done to one invoice, or to each of a list."""

    def accept(self, namespace: Namespace, request: Request, plan: Plan) -> Answer:
        """Carry it out for one."""
        return self.carry_out(namespace, [request])

    def carry_out(self, namespace: Namespace, requests: Sequence[Request]) -> Answer:
        """Carry it out for all or for none (guessed; nothing is documented per item).

        Raises:
            Refusal: it cannot be done for one of them.
        """
        raise NotImplementedError


class ManyInvoices(InvoiceOperation):
    """The body is an array of up to 1000 (documented); an object is taken for an array of one."""

    lists: ClassVar[bool] = True

    def take(self, namespace: Namespace, request: Request, plan: Plan) -> Answer:
        """Check every item, then carry it out."""
        items = request.body if isinstance(request.body, list) else [request.body]
        if not 1 <= len(items) <= MAX_ITEMS:
            raise Refusal("invalid-payload", f"expected 1 to {MAX_ITEMS} items, found {len(items)}")
        return self.carry_out(namespace, [self._item(namespace, request, each) for each in items])

    def _item(self, namespace: Namespace, request: Request, item: Any) -> Request:
        if not isinstance(item, dict):
            raise Refusal("invalid-payload", "expected an array of JSON objects")
        row = magic_refusal(scalar(item.get(self.magic_field)) or "")
        if row is not None and (row.surface == "http" or row.operation.startswith("bills_")):
            raise Refusal(row.key, "asked for by a magic value")
        checked = Request(item, request.consumer_key, request.app)
        checked.untyped = request.untyped
        checked[APP_KEY] = request[APP_KEY]
        self.check(namespace, checked)
        return checked


def under(
    *endings: str, prefixes: Sequence[str] = PREFIXES
) -> Callable[[type[BillsOperation]], tuple[BillsOperation, ...]]:
    """An operation under every prefix and spelling."""
    paths = [f"{prefix}/{ending}" for prefix in prefixes for ending in endings]
    return lambda kind: tuple(kind(path) for path in paths)
