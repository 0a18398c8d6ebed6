"""The steps of a recorded scenario: what each play sends, with stand-ins and references."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from darajasim.harness.called import first
from darajasim.harness.leaves import Leaves
from darajasim.operations.call import bearer_of
from darajasim.recording.callback_urls import url_fields
from darajasim.recording.plays import Play, json_of, newest
from darajasim.recording.redaction import Redactor
from darajasim.recording.volatile import is_volatile

FROM_EXAMPLE = frozenset({"securitycredential", "initiator", "initiatorname"})
"""Fields whose values come from the operation's example: they are the operator's secrets."""
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
LEAST_ID = 6
"""Characters of an id that is worth a reference."""


class Hole(str):
    """A reference, written as it is; in other texts `${` is escaped."""

    __slots__ = ()


@dataclass(slots=True)
class Steps:
    """Writes steps, in order.

    Attributes:
        sent: values that went out, as they were: an answer may repeat them.
    """

    redactor: Redactor
    several_apps: bool
    sent: set[str] = field(default_factory=set, repr=False)
    _known: dict[str, tuple[float, Hole]] = field(default_factory=dict, repr=False)

    def learn(self, play: Play) -> None:
        """What later requests may refer to."""
        last: Leaves = play.heard[-1].fields if play.heard else {}
        for source, when in ((play.fields, play.ended), (last, _heard_at(play))):
            for key, values in source.items():
                value = first(source, key)
                plain = key.isascii() and key.isalnum() and is_volatile(key)
                if plain and value and len(value) >= LEAST_ID and value in map(str, values):
                    self._known.setdefault(value, (when, Hole(f"${{{play.name}.{key}}}")))

    def step(self, play: Play) -> dict[str, Any]:
        """The step that does a play again."""
        exchange, operation = play.exchange, play.operation
        if exchange is None:
            return {"pay_from_phone": self._payment(play)}
        name = operation.name if operation else "stk_query"
        found: dict[str, Any] = {"operation": name, "as": play.name}
        if operation is None:
            found["path"] = self.redactor.path(exchange.path)
        elif not newest(operation):
            found["path"] = operation.path
        usual = operation.method if operation else "POST"
        if exchange.method != usual:
            found["method"] = exchange.method if exchange.method in METHODS else "GET"
        given = self.redactor.content_type(exchange.headers.get("content-type", ""))
        if given != "application/json" and usual == "POST":
            found["content_type"] = given
        found |= self._body(play)
        found |= self._token(play)
        return {"call": found}

    def _body(self, play: Play) -> dict[str, Any]:
        exchange, operation = play.exchange, play.operation
        assert exchange is not None  # noqa: S101  # a payment from a phone has no body
        body = json_of(exchange.body)
        if not isinstance(body, dict | list):
            return {"raw": self.redactor.body(exchange.body)}
        if not isinstance(body, dict) or operation is None:
            return {"body": self._document(body, exchange.asked)}
        # By their exact names: what is misspelt is sent as it was, beside or without the right one.
        theirs = {each.name: each.example for each in operation.fields}
        fields = {
            self.redactor.key(key): self._document(value, exchange.asked, key)
            for key, value in body.items()
            if not (key in theirs and self._from_example(key, value, theirs[key]))
        }
        without = [key for key, given in theirs.items() if given is not ... and key not in body]
        found: dict[str, Any] = {"fields": fields} if fields else {}
        return found | ({"without": without} if without else {})

    def _from_example(self, key: str, value: Any, given: Any) -> bool:
        if given is ... or not isinstance(value, str) or not value:
            return False
        if key.lower() in url_fields():
            return value.startswith(("http://", "https://"))
        return key.lower() in FROM_EXAMPLE

    def _document(self, node: Any, asked: float, key: str = "") -> Any:
        if isinstance(node, dict):
            return {
                self.redactor.key(name): self._document(value, asked, name)
                for name, value in node.items()
            }
        if isinstance(node, list):
            return [self._document(item, asked, key) for item in node]
        if isinstance(node, str):
            known = self._known.get(node)
            if known is not None and known[0] <= asked and node not in self.sent:
                return known[1]
        if node is not None and not isinstance(node, bool):
            self.sent.add(str(node))
        return self.redactor.document(node, key)

    def _token(self, play: Play) -> dict[str, Any]:
        exchange = play.exchange
        assert exchange is not None  # noqa: S101  # as above
        token = bearer_of(exchange.headers.get("authorization"))
        if token is None and play.bad_token:
            return {"token": None}
        if token is not None and play.bad_token:
            return {"token": self.redactor.value(token, "access_token")}
        if self.several_apps and play.app:
            return {"app": self.redactor.app(play.app)}
        return {}

    def _payment(self, play: Play) -> dict[str, Any]:
        said = play.heard[0].fields
        amount = (first(said, "TransAmount") or "1").partition(".")[0]
        reference = first(said, "BillRefNumber") or ""
        found: dict[str, Any] = {
            "phone": self.redactor.phone(f"payer of {play.name}"),
            "shortcode": self.redactor.shortcode(first(said, "BusinessShortCode") or ""),
            "amount": int(amount) if amount.isdecimal() and len(amount) <= LEAST_ID else 1,
        }
        if reference.strip():
            self.sent.add(reference)
            found["reference"] = self.redactor.value(reference, "BillRefNumber")
        return found | {"as": play.name}


def _heard_at(play: Play) -> float:
    return play.heard[-1].delivery.asked if play.heard else play.ended
