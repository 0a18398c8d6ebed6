"""What every JSON operation shares: firewall, token, body, rule, field checks, acknowledgement.

The order is the gateway's: the token is judged before the body, the first field that fails is the
only one named, and request errors (400) come before credential errors (500).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from darajasim.core.events import RequestAnswered, RequestReceived
from darajasim.core.namespace import Namespace
from darajasim.core.rules import Plan
from darajasim.core.wire import MAX_BODY_BYTES, MalformedJson, loads
from darajasim.operations.call import JSON_TYPE, Answer, Call, Refusal
from darajasim.operations.fields import MISSING, Field, FieldProblem, scalar
from darajasim.operations.gate import admit, answered, planned
from darajasim.operations.refusals import refuse

SECRET_FIELDS = frozenset({"Password", "SecurityCredential"})

Request = Mapping[str, str]
"""The checked fields by wire name."""


class BusinessOperation:
    """One Daraja product. Subclasses state name, path, fields, and what acceptance means."""

    name: ClassVar[str]
    path: ClassVar[str]
    method: ClassVar[str] = "POST"
    fields: ClassVar[tuple[Field, ...]]
    magic_field: ClassVar[str]
    """The field in which `ERR-<key>` asks for that refusal."""
    token_refusal: ClassVar[str] = "invalid-access-token"  # noqa: S105  # a catalogue key
    method_refusal: ClassVar[str] = "method-not-allowed"

    def respond(self, namespace: Namespace, call: Call) -> Answer:
        """Decide the answer. Never raises for anything the caller sent."""
        body, problem = _parse(call)
        namespace.journal.append(
            RequestReceived(namespace.clock.time(), self.name, _open_part(body), len(call.raw))
        )
        try:
            answer = self._decide(namespace, call, body, problem)
        except Refusal as refusal:
            answer = refuse(namespace, refusal)
        if answer.code:
            self.stamp(namespace, body, answer)
        record(namespace, self.name, answer)
        return answer

    def stamp(self, namespace: Namespace, body: Mapping[str, Any], answer: Answer) -> None:
        """Put this product's own marks on a coded answer. Most have none."""

    def accept(self, namespace: Namespace, request: Request, plan: Plan) -> Answer:
        """Carry out a request whose fields are in order.

        Raises:
            Refusal: what the product itself does not allow.
        """
        raise NotImplementedError

    def _decide(
        self, namespace: Namespace, call: Call, body: Mapping[str, Any], problem: Refusal | None
    ) -> Answer:
        admit(namespace)
        if bad_token := namespace.tokens.problem(call.bearer, namespace.clock.time()):
            raise Refusal(self.token_refusal, bad_token)
        if problem is not None:
            raise problem
        magic = scalar(body.get(self.magic_field)) or ""
        plan = planned(namespace, self.name, lambda: self._view(body), magic)
        return answered(
            namespace,
            plan.reply,
            lambda: self.accept(namespace, self._checked(namespace, body, call), plan),
        )

    def _view(self, body: Mapping[str, Any]) -> dict[str, str]:
        """The request's scalars as text, under their wire names and scenario names."""
        view = {key: found for key, value in body.items() if (found := scalar(value)) is not None}
        view.update((field.alias, view[field.name]) for field in self.fields if field.name in view)
        return view

    def _checked(self, namespace: Namespace, body: Mapping[str, Any], call: Call) -> Request:
        request = {}
        for field in self.fields:
            try:
                request[field.name] = field.check(body.get(field.name, MISSING), namespace.profile)
            except FieldProblem as problem:
                hint = f"{field.name}: {problem}{_type_hint(call)}{_spelling_hint(field, body)}"
                raise Refusal(field.refusal, hint) from None
        return request


def record(namespace: Namespace, operation: str, answer: Answer) -> None:
    """Journal what was decided."""
    namespace.journal.append(
        RequestAnswered(
            namespace.clock.time(),
            operation,
            answer.status,
            answer.code,
            answer.message,
            answer.checkout_request_id,
            answer.hint,
            answer.fault,
        )
    )


def _parse(call: Call) -> tuple[Mapping[str, Any], Refusal | None]:
    """The body's fields. A body that is not said to be JSON has none (seen: LNMO#46)."""
    if call.oversized:
        return {}, Refusal("invalid-payload", f"expected at most {MAX_BODY_BYTES} bytes of body")
    if call.media_type != JSON_TYPE or not call.raw.strip():
        return {}, None
    try:
        body = loads(call.raw)
    except MalformedJson as error:
        return {}, Refusal("invalid-payload", f"the body is not JSON: {error}")
    if not isinstance(body, dict):
        return {}, Refusal("invalid-payload", "expected a JSON object")
    return body, None


def _open_part(body: Mapping[str, Any]) -> Mapping[str, Any]:
    found = SECRET_FIELDS & body.keys()
    return {**body, **dict.fromkeys(found, "***")} if found else body


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
