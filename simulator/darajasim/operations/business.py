"""What every JSON operation shares: firewall, token, body, rule, field checks, acknowledgement.

The order is the gateway's: the token is judged before the body, the first field that fails is the
only one named, and request errors (400) come before credential errors (500).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from darajasim.core.catalogue import Row, catalogue
from darajasim.core.events import RequestAnswered, RequestReceived
from darajasim.core.namespace import Namespace
from darajasim.core.rules import Plan
from darajasim.core.wire import MAX_BODY_BYTES, MalformedJson, loads
from darajasim.core.world import App
from darajasim.operations.call import JSON_TYPE, Answer, Call, Refusal
from darajasim.operations.fields import MISSING, Field, FieldProblem, scalar, shown
from darajasim.operations.gate import Ruling, admit, answered, meter
from darajasim.operations.refusals import NONE, from_row
from darajasim.operations.view import viewed

SECRET_FIELDS = frozenset({"Password", "SecurityCredential"})


class Request(dict[str, str]):
    """The checked fields by wire name.

    Attributes:
        body: everything that was sent, unchecked.
        app: the calling app, where the world names it.
        untyped: for the developer, when the body was ignored for its content type; else "".
        consumer_key: of the token that was sent.
    """

    def __init__(self, body: Any, consumer_key: str = "", app: App | None = None) -> None:
        super().__init__()
        self.body = body
        self.consumer_key = consumer_key
        self.app = app
        self.untyped = ""


class BusinessOperation:
    """One Daraja product. Subclasses state name, path, fields, and what acceptance means."""

    name: str
    path: str
    about: str = ""
    """One sentence for the API description."""
    method: ClassVar[str] = "POST"
    other_methods: ClassVar[tuple[str, ...]] = ()
    """Methods that are served as well."""
    fields: tuple[Field, ...]
    magic_field: ClassVar[str]
    """The field in which `ERR-<key>` asks for that refusal."""
    token_refusal: ClassVar[str] = "invalid-access-token"  # noqa: S105  # a catalogue key
    product_refusal: ClassVar[str] = ""
    """What an app without this product is told; by default what a bad token is told."""
    method_refusal: ClassVar[str] = "method-not-allowed"
    path_refusal: ClassVar[str] = "resource-not-found"
    """What the portal promises for a wrong path that is nearest to this one."""
    lists: ClassVar[bool] = False
    """Whether the body may be a JSON array."""
    answer_schema: ClassVar[Mapping[str, Any]] = {}
    """JSON Schema of the answer to an accepted request."""
    result_surface: ClassVar[str] = ""
    """The surface of the catalogue that its later results are of; "" when there are none."""
    callback_schemas: ClassVar[Mapping[str, Mapping[str, Any]]] = {}
    """JSON Schema of callbacks that only this product sends, by what the journal calls them."""
    callbacks: ClassVar[Mapping[str, str]] = {}
    """The callbacks that may follow: what the journal calls them, and the field with their URL."""

    def respond(self, namespace: Namespace, call: Call) -> Answer:
        """Decide the answer. Never raises for anything the caller sent."""
        body, problem = _parse(call, lists=self.lists)
        namespace.journal.append(
            RequestReceived(
                namespace.clock.time(), self.name, _open_part(body), len(call.raw), call.path
            )
        )
        ruling = Ruling(namespace, self.name, lambda: self._view(body))
        try:
            answer = self._decide(namespace, call, body, problem, ruling)
        except Refusal as refusal:
            row = catalogue().by_key(refusal.key)
            answer = self.refused(namespace, row, refusal.hint, refusal.values)
        if answer.code:
            self.stamp(namespace, body, answer)
        ruling.explain(answer)
        record(namespace, self.name, answer)
        return answer

    def stamp(self, namespace: Namespace, body: Mapping[str, Any], answer: Answer) -> None:
        """Put this product's own marks on a coded answer. Most have none."""

    def refused(
        self, namespace: Namespace, row: Row, hint: str = "", values: Mapping[str, str] = NONE
    ) -> Answer:
        """How this product says no: with the error envelope, unless it has one of its own."""
        return from_row(namespace, row, hint, values)

    def take(self, namespace: Namespace, request: Request, plan: Plan) -> Answer:
        """Check the fields, then accept.

        Raises:
            Refusal: a field is wrong, or the product does not allow it.
        """
        self.check(namespace, request)
        return self.accept(namespace, request, plan)

    def accept(self, namespace: Namespace, request: Request, plan: Plan) -> Answer:
        """Carry out a request whose fields are in order.

        Raises:
            Refusal: what the product itself does not allow.
        """
        raise NotImplementedError

    def _decide(
        self, namespace: Namespace, call: Call, body: Any, problem: Refusal | None, ruling: Ruling
    ) -> Answer:
        admit(namespace)
        if bad_token := namespace.tokens.problem(call.bearer, namespace.clock.time()):
            raise Refusal(
                self.token_refusal, f"{bad_token}{_scheme_hint(call)}", token=call.bearer or ""
            )
        request = self._request(namespace, call, body)
        meter(namespace, request.consumer_key)
        if problem is not None:
            raise problem
        fields = body if isinstance(body, dict) else {}
        plan = ruling.plan(scalar(fields.get(self.magic_field)) or "")
        return answered(
            namespace, plan.reply, lambda: self.take(namespace, request, plan), self.refused
        )

    def _request(self, namespace: Namespace, call: Call, body: Any) -> Request:
        """What is asked, by whom; the app must have this product."""
        consumer_key = namespace.tokens.consumer_key(call.bearer)
        app = namespace.world.app(consumer_key)
        if app is not None and app.products is not None and self.name not in app.products:
            has = ", ".join(sorted(app.products)) or "none"
            raise Refusal(
                self.product_refusal or self.token_refusal,
                f"the app {consumer_key} has not the product {self.name}; it has {has}",
                token=call.bearer or "",
            )
        request = Request(body, consumer_key, app)
        request.untyped = _type_hint(call)
        return request

    def _view(self, body: Any) -> dict[str, str]:
        """The request's values as text, under their wire names and scenario names."""
        return viewed(body, {field.name: field.alias for field in self.fields})

    def check(self, namespace: Namespace, request: Request) -> None:
        """Put the checked fields into the request.

        Raises:
            Refusal: the first field that is wrong.
        """
        body = request.body
        for field in self.fields:
            try:
                request[field.name] = field.check(body.get(field.name, MISSING), namespace.profile)
            except FieldProblem as problem:
                hint = f"{field.name}: {problem}{request.untyped}{_spelling_hint(field, body)}"
                raise Refusal(field.refusal, hint, field=field.name) from None


def record(namespace: Namespace, operation: str, answer: Answer) -> None:
    """Journal what was decided."""
    namespace.journal.append(
        RequestAnswered(
            namespace.clock.time(),
            operation,
            answer.status,
            answer.code,
            answer.message,
            answer.subject,
            answer.hint,
            answer.fault,
        )
    )


def _parse(call: Call, *, lists: bool) -> tuple[Any, Refusal | None]:
    """The body's fields. A body that is not said to be JSON has none (seen: LNMO#46)."""
    if call.oversized:
        return {}, Refusal("invalid-payload", f"expected at most {MAX_BODY_BYTES} bytes of body")
    if call.media_type != JSON_TYPE or not call.raw.strip():
        return {}, None
    try:
        body = loads(call.raw)
    except MalformedJson as error:
        return {}, Refusal("invalid-payload", f"the body is not JSON: {error}")
    if not isinstance(body, dict) and not (lists and isinstance(body, list)):
        wanted = "a JSON array" if lists else "a JSON object"
        return {}, Refusal("invalid-payload", f"expected {wanted}")
    return body, None


def _open_part(body: Any) -> Mapping[str, Any]:
    if not isinstance(body, dict):
        return {"items": body}
    found = SECRET_FIELDS & body.keys()
    return {**body, **dict.fromkeys(found, "***")} if found else body


def _scheme_hint(call: Call) -> str:
    """What stands in the header instead of a bearer token; never the value itself."""
    header = call.headers.get("authorization", "").strip()
    if call.bearer is not None or not header:
        if (call.bearer or "").startswith("{"):
            return "; found JSON: send its access_token alone"
        return ""
    scheme, space, _rest = header.partition(" ")
    if not space:
        alone = "nothing behind it" if scheme.lower() == "bearer" else "no scheme before the token"
        return f"; the header is there with {alone}"
    if scheme.lower() == "basic":
        return "; found Basic: key and secret are for /oauth/v1/generate alone"
    return f"; found the scheme {shown(scheme)}"


def _type_hint(call: Call) -> str:
    if call.media_type == JSON_TYPE:
        return ""
    found = call.media_type or "no content type"
    return f"; the body was ignored: expected Content-Type: {JSON_TYPE}, found {found}"


def _spelling_hint(field: Field, body: Mapping[str, Any]) -> str:
    if field.name in body:
        return ""
    wanted = field.name.lower()
    near = next((key for key in body if key.lower() == wanted), None)
    return f"; found {near!r} instead: keys are case-sensitive" if near else ""
