"""The section `rules:`."""

from collections.abc import Iterator
from typing import Any, ClassVar

from darajasim.scenarios import scalars
from darajasim.scenarios.complaint import Complaint, Unfit
from darajasim.scenarios.model import leaves
from darajasim.scenarios.model.part import Part, needs, optional, refuse_together, required
from darajasim.scenarios.nodes import Mapping, Node, Scalar, described
from darajasim.scenarios.vocabulary import Vocabulary
from darajasim.scenarios.wording import did_you_mean, listing

_WORDS_FOR_REPLIES = ("reset", "hang", "empty", "lost")
_CARRIED = {
    "stk_push": ("phone", "amount", "shortcode", "reference", "description", "transaction_type"),
    "stk_query": ("shortcode", "checkout_request_id"),
    "oauth": ("consumer_key",),
}
"""What each request carries that a rule can look at."""


class WhenPart(Part):
    title: ClassVar[str] = "`when`"

    phone: leaves.PhoneTest | None = optional("The payer's number.", "0722000000")
    amount: leaves.AmountTest | None = optional("The amount in shillings.", '">= 100"')
    shortcode: leaves.TextTest | None = optional("BusinessShortCode.", "174379")
    reference: leaves.TextTest | None = optional("AccountReference.", '"INV-*"')
    description: leaves.TextTest | None = optional("TransactionDesc.")
    transaction_type: leaves.TextTest | None = optional("TransactionType.", "CustomerPayBillOnline")
    checkout_request_id: leaves.TextTest | None = optional("The id that a query asks about.")
    consumer_key: leaves.TextTest | None = optional("The consumer key of an OAuth request.")
    call: leaves.Calls | None = optional("Which of the matching calls, counted from 1.", "2")


class ReplyPart(Part):
    title: ClassVar[str] = "`reply`"
    short_form: ClassVar[dict[str, Any] | None] = {"enum": list(_WORDS_FOR_REPLIES)}

    error: leaves.ErrorKey | None = optional(
        "Refuse with this error of the catalogue, by key or unambiguous code.", "spike-arrest"
    )
    http: leaves.HttpStatus | None = optional("Answer with this HTTP status.", "503")
    body: leaves.Body | None = optional("With `http`: the body.", '"<html>…</html>"')
    content_type: leaves.Text | None = optional("With `http`: the content type.", "text/html")
    fault: leaves.FaultName | None = optional("What happens to the connection.", "reset")
    accepted: leaves.Flag | None = optional(
        "With `fault`: Daraja accepts the request, and only the answer is lost.", "true"
    )
    after: leaves.Seconds | None = optional("How long the answer takes.", "2s")

    @classmethod
    def complaints(cls, node: Mapping, vocabulary: Vocabulary) -> Iterator[Complaint]:  # noqa: ARG003
        yield from refuse_together(node, "error", "http", "fault")
        own = "an `error` has a body of its own: delete `body`" if "error" in node.entries else ""
        yield from needs(node, "body", "http", advice=own)
        yield from needs(node, "content_type", "http")
        yield from needs(node, "accepted", "fault")

    @classmethod
    def long_form(cls, short: Scalar) -> dict[str, object]:
        if short.is_null:
            return super().long_form(short)
        if short.text == "lost":
            return {"fault": _word("reset", short), "accepted": _word("true", short)}
        if short.text in _WORDS_FOR_REPLIES:
            return {"fault": short}
        key = "http" if short.text.isdecimal() else "error"
        raise Unfit(
            Complaint(
                "unknown reply",
                f"{listing(_WORDS_FOR_REPLIES)}, or a mapping with error, http or fault",
                described(short),
                did_you_mean(short.text, _WORDS_FOR_REPLIES)
                or f"for an error or a status write `reply: {{{key}: {short.text}}}`",
            )
        )


def _word(text: str, like: Scalar) -> Scalar:
    return Scalar(text, text if text != "true" else True, like.place)


class ResultPart(Part):
    title: ClassVar[str] = "`result`"
    short_form: ClassVar[dict[str, Any] | None] = {leaves.RESULTS: True}

    code: leaves.ResultKey = required("The result, by key or code of the catalogue.", "cancelled")
    text: leaves.Text | None = optional("Another ResultDesc than the catalogue's.")

    @classmethod
    def long_form(cls, short: Scalar) -> dict[str, object]:
        return super().long_form(short) if short.is_null else {"code": short}


class CustomerScriptPart(Part):
    title: ClassVar[str] = "`customer`"
    short_form: ClassVar[dict[str, Any] | None] = {"enum": list(leaves.ACTIONS)}

    does: leaves.ActionName = required("What the customer does with the prompt.", "cancel")
    after: leaves.Seconds | None = optional("How long after the prompt.", "5s")

    @classmethod
    def long_form(cls, short: Scalar) -> dict[str, object]:
        return super().long_form(short) if short.is_null else {"does": short}


class CallbackPart(Part):
    title: ClassVar[str] = "`callback`"
    short_form: ClassVar[dict[str, Any] | None] = {"enum": ["never"]}

    after: leaves.Seconds | None = optional("From the result to the first callback.", "1s")
    times: leaves.Times | None = optional("How many callbacks are sent; 0 is `never`.", "2")
    apart: leaves.Seconds | None = optional("Between the callbacks; 0s: at the same moment.", "0s")
    before: leaves.Before | None = optional(
        "The callback arrives before the push is answered.", "acknowledgement"
    )

    @classmethod
    def complaints(cls, node: Mapping, vocabulary: Vocabulary) -> Iterator[Complaint]:  # noqa: ARG003
        yield from needs(node, "apart", "times", advice="how many: add `times: 2`")
        yield from refuse_together(node, "after", "before")

    @classmethod
    def long_form(cls, short: Scalar) -> dict[str, object]:
        if short.is_null:
            return super().long_form(short)
        if short.text == "never":
            return {"times": Scalar("0", 0, short.place)}
        raise Unfit(
            Complaint(
                "unknown way for a callback to travel",
                "never, or a mapping with after, times, apart or before",
                described(short),
                _callback_advice(short),
            )
        )


def _callback_advice(short: Scalar) -> str:
    try:
        scalars.seconds(short)
    except Unfit:
        return did_you_mean(short.text, ["never"])
    return f"did you mean `callback: {{after: {short.text}}}`?"


class RulePart(Part):
    title: ClassVar[str] = "a rule"

    on: leaves.Operation = required("Which requests the rule is about.", "stk_push")
    when: WhenPart | None = optional("Conditions; all must hold.")
    reply: ReplyPart | None = optional("The synchronous answer.")
    result: ResultPart | None = optional("What becomes of the payment.")
    customer: CustomerScriptPart | None = optional("What the customer does with the prompt.")
    callback: CallbackPart | None = optional("How the callback travels.")

    @classmethod
    def complaints(cls, node: Mapping, vocabulary: Vocabulary) -> Iterator[Complaint]:  # noqa: ARG003
        on = node.get("on")
        operation = on.text if isinstance(on, Scalar) else ""
        yield from _not_carried(operation, node.get("when"))
        yield from _out_of_reach(operation, node)
        reply = node.get("reply")
        if _refuses(reply):
            for name in ("result", "customer", "callback"):
                if name in node.entries:
                    yield Complaint(
                        f"a request that is refused has no `{name}`",
                        f"either `reply` or `{name}`",
                        advice=f"delete `{name}`; when only the answer gets lost, "
                        "write `reply: lost`",
                        at=(name,),
                        on_key=True,
                    )


def _not_carried(operation: str, when: Node | None) -> Iterator[Complaint]:
    """Conditions on what the request does not have, so that the rule would never match."""
    carried = _CARRIED.get(operation)
    if carried is None or not isinstance(when, Mapping):
        return
    for name in when.entries:
        if name in WhenPart.model_fields and name not in (*carried, "call"):
            yield Complaint(
                f"a request of {operation} carries no `{name}`, so that this rule never matches",
                f"{listing((*carried, 'call'))}",
                advice=f"delete this condition, or change `on: {operation}`",
                at=("when", name),
                on_key=True,
            )


def _out_of_reach(operation: str, node: Mapping) -> Iterator[Complaint]:
    """Consequences that a request of this kind cannot have."""
    possible = {"stk_query": ("reply", "result"), "oauth": ("reply",)}.get(operation)
    if possible is None:
        return
    for name in ("result", "customer", "callback"):
        if name in node.entries and name not in possible:
            yield Complaint(
                f"a request of {operation} has no `{name}`",
                f"for {operation}: {listing(possible)}",
                advice="a rule about the payment itself begins with `on: stk_push`",
                at=(name,),
                on_key=True,
            )


def _refuses(reply: Node | None) -> bool:
    """Whether the reply means that Daraja accepted nothing."""
    if isinstance(reply, Scalar):
        return reply.text in ("reset", "hang", "empty")
    if not isinstance(reply, Mapping) or reply.entries.keys().isdisjoint(
        ("error", "http", "fault")
    ):
        return False
    accepted = reply.get("accepted")
    return not (isinstance(accepted, Scalar) and accepted.value is True)
