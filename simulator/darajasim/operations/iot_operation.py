"""What the operations of the IoT SIM portal share: the envelope, its groups, its pages."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from darajasim.core.catalogue import Row
from darajasim.core.clock import written
from darajasim.core.namespace import Namespace
from darajasim.core.profile import Profile
from darajasim.core.rules import Plan
from darajasim.operations.business import BusinessOperation, Request
from darajasim.operations.call import Answer, Call, Refusal
from darajasim.operations.fields import Check, Field, FieldProblem, shown
from darajasim.operations.iot_fleet import GROUPS, Fleet, Message, Sim, fleet_of
from darajasim.operations.refusals import NONE, filled

PREFIX = "/simportal/v1"
SUCCESS = "Success"
CUSTOMER_MESSAGE = "Operation Successfull"
"""With two l (documented)."""
NO_RECORDS, FOREIGN_GROUP, MALFORMED = "iot-no-records", "iot-foreign-group", "iot-malformed"
PAYLOAD = "invalid-payload"
"""What a wrong field is answered where nothing is documented (guessed)."""
PAGE_SIZE, MAX_PAGE_SIZE = 10, 1_000
GROUP, PAGE, SIZE = "vpnGroup", "pageNo", "pageSize"
SEPARATOR = "\x1f"


@dataclass(frozen=True, slots=True)
class Ask:
    """A request to the portal whose fields are in order."""

    namespace: Namespace
    fleet: Fleet
    request: Request

    @property
    def groups(self) -> Sequence[str]:
        """The groups asked for; all of the account's where none are."""
        named = self.request.get(GROUP, "")
        return named.split(SEPARATOR) if named else GROUPS

    def sim(self) -> Sim:
        """The SIM card asked for.

        Raises:
            Refusal: there is none of this number in the account, or not in this group.
        """
        found = self.fleet.sims.get(self.request["msisdn"])
        if found is None or found.vpn_group not in self.groups:
            known = ", ".join(sorted(self.fleet.sims))
            raise Refusal(NO_RECORDS, f"the account's SIM cards: {known}; groups: {GROUPS}")
        return found


Work = Callable[[Ask], Any]
"""Carries a request out and gives the body of its answer."""


class IotOperation(BusinessOperation):
    """One path of the portal: a row of the table in `iot`."""

    token_refusal: ClassVar[str] = "unauthorized-access-token"  # noqa: S105  # a catalogue key
    magic_field: ClassVar[str] = "username"

    def __init__(
        self,
        name: str,
        ending: str,
        about: str,
        fields: tuple[Field, ...],
        *,
        work: Work,
        body: Mapping[str, Any],
    ) -> None:
        self.name = f"iot_{name}"
        self.path = f"{PREFIX}/{ending}"
        self.about = about
        self.fields = fields
        self._work = work
        self.answer_schema = enveloped(body)  # type: ignore[misc]  # each row has its own

    def _request(self, namespace: Namespace, call: Call, body: Any) -> Request:
        request = super()._request(namespace, call, body)
        for name in (PAGE, SIZE):
            request[_of_query(name)] = call.query.get(name, "")
        return request

    def accept(self, namespace: Namespace, request: Request, plan: Plan) -> Answer:
        """Carry it out on the account's SIM cards."""
        body = self._work(Ask(namespace, fleet_of(namespace), request))
        return _answer(namespace, 200, "200", SUCCESS, CUSTOMER_MESSAGE, body=body)

    def refused(
        self, namespace: Namespace, row: Row, hint: str = "", values: Mapping[str, str] = NONE
    ) -> Answer:
        """What the portal itself says, in its own envelope and without a body."""
        if row.surface != "inline":
            return super().refused(namespace, row, hint, values)
        text = filled(row.text_in(namespace.profile.texts), values)
        answer = _answer(namespace, row.http_status, row.code, text, text, body=None)
        answer.hint = hint or None
        return answer


def _answer(
    namespace: Namespace, status: int, code: str, text: str, customer: str, *, body: Any
) -> Answer:
    header = {
        "requestRefId": namespace.ids.request_id(),
        "responseCode": int(code) if code.isdecimal() else code,
        "responseMessage": text,
        "customerMessage": customer,
        "timestamp": stamp(namespace.clock.time()),
    }
    return Answer(status, {"header": header, "body": body}, code=code, message=text)


def stamp(moment: float) -> str:
    """Nairobi time with nine digits of a fraction and no zone (documented)."""
    second, micros = divmod(int(moment * 1_000_000), 1_000_000)
    return f"{written(second, '%Y-%m-%dT%H:%M:%S')}.{micros:06d}000"


def enveloped(body: Mapping[str, Any]) -> Mapping[str, Any]:
    """The schema of an answer with this body."""
    header: dict[str, Any] = {
        "requestRefId": {"type": "string"},
        "responseCode": {"type": "integer"},
        "responseMessage": {"type": "string"},
        "customerMessage": {"type": "string"},
        "timestamp": {"type": "string"},
    }
    return exactly({"header": exactly(header), "body": {"anyOf": [body, {"type": "null"}]}})


def exactly(properties: Mapping[str, Any]) -> Mapping[str, Any]:
    """An object with these keys and no others."""
    return {
        "type": "object",
        "properties": dict(properties),
        "required": list(properties),
        "additionalProperties": False,
    }


def _groups(value: Any, _profile: Profile) -> str:
    """One group or an array of groups; what is not the account's is refused (documented)."""
    named = value if isinstance(value, list) else [value]
    foreign = [each for each in named if each not in GROUPS]
    if not named or foreign:
        raise FieldProblem(f"expected groups of {', '.join(GROUPS)}, found {shown(value)}")
    return SEPARATOR.join(named)


groups = Check(
    _groups,
    {
        "anyOf": [
            {"enum": list(GROUPS)},
            {"type": "array", "minItems": 1, "items": {"enum": list(GROUPS)}},
        ]
    },
)


def page(ask: Ask, found: Sequence[Message]) -> Mapping[str, Any]:
    """One page of messages, in the manner of Spring (documented; numbered from 0: guessed).

    Raises:
        Refusal: pageNo or pageSize is no number, or too large.
    """
    number = _whole(ask.request, PAGE, usual=0, least=0, most=10**9)
    size = _whole(ask.request, SIZE, usual=PAGE_SIZE, least=1, most=MAX_PAGE_SIZE)
    content = [message.as_json() for message in found[number * size : (number + 1) * size]]
    pages = -(-len(found) // size)
    return {
        "content": content,
        "pageable": {
            "sort": _UNSORTED,
            "pageNumber": number,
            "pageSize": size,
            "offset": number * size,
            "paged": True,
            "unpaged": False,
        },
        "totalPages": pages,
        "totalElements": len(found),
        "last": number + 1 >= pages,
        "first": number == 0,
        "numberOfElements": len(content),
        "size": size,
        "number": number,
        "sort": _UNSORTED,
        "empty": not content,
    }


_UNSORTED = {"sorted": False, "unsorted": True, "empty": True}


def _whole(request: Request, name: str, *, usual: int, least: int, most: int) -> int:
    """A number of the body, else of the URL's query."""
    text = request.get(name) or request[_of_query(name)]
    if not text:
        return usual
    if not (text.isascii() and text.isdecimal() and len(text) < 12 and least <= int(text) <= most):
        raise Refusal(PAYLOAD, f"{name}: expected {least} to {most}, found {shown(text)}")
    return int(text)


def _of_query(name: str) -> str:
    return f"?{name}"
