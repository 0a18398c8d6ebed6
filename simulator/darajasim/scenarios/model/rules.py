"""The section `rules:`."""

from collections.abc import Iterator, Sequence
from typing import Any, ClassVar

from pydantic import ConfigDict

from darajasim.scenarios import scalars
from darajasim.scenarios.complaint import Complaint, Unfit
from darajasim.scenarios.model import leaves, marks, words
from darajasim.scenarios.model.part import Part, needs, optional, refuse_together, required
from darajasim.scenarios.nodes import Mapping, Node, Scalar, described, plain
from darajasim.scenarios.products import Product, conditions, meant, reader
from darajasim.scenarios.scalars import below
from darajasim.scenarios.vocabulary import ANY, CodeRow, Vocabulary
from darajasim.scenarios.wording import did_you_mean, listing, quoted, some

OWN_CONDITIONS = ("call", "chance")
"""The keys of `when` that are no field of a request."""
_WORDS_FOR_REPLIES = ("reset", "hang", "empty", "lost")


class WhenPart(Part):
    """Beside its own two, every field of the operation is a key, named as here or on the wire."""

    model_config = ConfigDict(extra="allow")

    title: ClassVar[str] = "`when`"
    open: ClassVar[bool] = True

    call: leaves.Calls | None = optional("Which of the matching calls, counted from 1.", "2")
    chance: leaves.Chance | None = optional("Of these calls the share, drawn from the seed.", "0.3")

    @classmethod
    def keys(cls, vocabulary: Vocabulary) -> tuple[str, ...]:  # noqa: ARG003
        return (*OWN_CONDITIONS, *conditions())


class ReplyPart(Part):
    title: ClassVar[str] = "`reply`"
    short_form: ClassVar[dict[str, Any] | None] = {"enum": list(_WORDS_FOR_REPLIES)}

    error: words.ErrorName | None = optional(
        "Refuse with this error of the catalogue, by key or unambiguous code.", "spike-arrest"
    )
    http: leaves.HttpStatus | None = optional("Answer with this HTTP status.", "503")
    body: leaves.Body | None = optional("With `http`: the body.", '"<html>…</html>"')
    content_type: leaves.Text | None = optional("With `http`: the content type.", "text/html")
    fault: words.FaultName | None = optional("What happens to the connection.", "reset")
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
    short_form: ClassVar[dict[str, Any] | None] = {marks.RESULTS: True}

    code: words.ResultName = required("The result, by key or code of the catalogue.", "cancelled")
    text: leaves.Text | None = optional("Another ResultDesc than the catalogue's.")

    @classmethod
    def long_form(cls, short: Scalar) -> dict[str, object]:
        return super().long_form(short) if short.is_null else {"code": short}


class CustomerScriptPart(Part):
    title: ClassVar[str] = "`customer`"
    short_form: ClassVar[dict[str, Any] | None] = {"enum": list(words.ACTIONS)}

    does: words.ActionName = required("What the customer does with the prompt.", "cancel")
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
    before: words.Before | None = optional(
        "The callback arrives before the push is answered.", "acknowledgement"
    )
    timeout: words.TimeoutName | None = optional(
        "Of a command: its queue time-out, `only` or `first`, and then the result.", "only"
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
                "never, or a mapping with after, times, apart, before or timeout",
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

    on: words.Operation = required("Which requests the rule is about.", "stk_push")
    when: WhenPart | None = optional("Conditions; all must hold.")
    reply: ReplyPart | None = optional("The synchronous answer.")
    result: ResultPart | None = optional("What becomes of the payment.")
    customer: CustomerScriptPart | None = optional("What the customer does with the prompt.")
    callback: CallbackPart | None = optional("How the callback travels.")

    @classmethod
    def complaints(cls, node: Mapping, vocabulary: Vocabulary) -> Iterator[Complaint]:
        on = node.get("on")
        operation = on.text if isinstance(on, Scalar) else ""
        products = meant(operation)
        if products:
            yield from _conditions(operation, products, node.get("when"))
            yield from _out_of_reach(operation, products, node)
            yield from _rows(operation, products, node, vocabulary)
        if _refuses(node.get("reply")):
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


def _conditions(
    operation: str, products: Sequence[Product], when: Node | None
) -> Iterator[Complaint]:
    """Conditions on what the request does not have, and values that cannot be matched."""
    if not isinstance(when, Mapping):
        return
    known = {name for product in products for name in (*product.conditions, *product.wire_names)}
    for name, entry in when.entries.items():
        if name in OWN_CONDITIONS:
            continue
        if name in known:
            try:
                reader(operation, name)(plain(entry.value))
            except Unfit as unfit:
                yield from below(unfit, "when", name)
        else:
            yield _not_carried(operation, products, name)


def _not_carried(operation: str, products: Sequence[Product], name: str) -> Complaint:
    names = (*dict.fromkeys(name for each in products for name in each.conditions), *OWN_CONDITIONS)
    expected = some(names) if operation != ANY else "a field of some operation, call or chance"
    if name in conditions():
        return Complaint(
            f"a request of {operation} carries no `{name}`, so that this rule never matches",
            expected,
            advice=did_you_mean(name, names)
            or f"delete this condition, or change `on: {operation}`",
            at=("when", name),
            on_key=True,
        )
    return Complaint(
        f"`when` has no key {quoted(name)}" if name else "this key is empty",
        expected,
        quoted(name),
        did_you_mean(name, (*names, *(wire for each in products for wire in each.wire_names))),
        at=("when", name),
        on_key=True,
    )


def _out_of_reach(
    operation: str, products: Sequence[Product], node: Mapping
) -> Iterator[Complaint]:
    """Consequences that a request of this kind cannot have."""
    possible = list(dict.fromkeys(name for each in products for name in each.consequences))
    for name in ("result", "customer", "callback"):
        if name in node.entries and name not in possible:
            yield Complaint(
                f"a request of {operation} has no `{name}`",
                f"for {operation}: {listing(possible)}",
                advice="a rule about a payment by M-Pesa Express begins with `on: stk_push`",
                at=(name,),
                on_key=True,
            )
    callback = node.get("callback")
    if (
        isinstance(callback, Mapping)
        and "timeout" in callback.entries
        and all(product.surface != "result" for product in products)
    ):
        yield Complaint(
            f"a request of {operation} has no queue time-out",
            "a rule about a command, such as b2c_payment",
            advice="delete `timeout`",
            at=("callback", "timeout"),
            on_key=True,
        )


def _rows(
    operation: str, products: Sequence[Product], node: Mapping, vocabulary: Vocabulary
) -> Iterator[Complaint]:
    """Keys and codes of the catalogue that this operation cannot answer or end with."""
    reply, result = node.get("reply"), node.get("result")
    error = reply.get("error") if isinstance(reply, Mapping) else None
    try:
        if error is not None:
            vocabulary.error(plain(error), operation)
    except Unfit as unfit:
        yield from below(unfit, "reply", "error")
    path: tuple[str, ...] = ("result",)
    if isinstance(result, Mapping):
        path, result = ("result", "code"), result.get("code")
    elif isinstance(result, Scalar) and result.is_null:
        result = None
    try:
        if result is not None and any(product.surface for product in products):
            result_row(plain(result), operation, vocabulary)
    except Unfit as unfit:
        yield from below(unfit, *path)


def result_row(raw: object, operation: str, vocabulary: Vocabulary) -> CodeRow:
    """The catalogue's row that a rule on `operation` names as its result.

    Raises:
        Unfit: it names none.
    """
    surfaces = {product.surface for product in meant(operation)} - {""}
    return vocabulary.result(raw, operation, surfaces.pop() if len(surfaces) == 1 else "")


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
