"""The section `rules:`."""

from collections.abc import Generator, Iterator, Sequence
from typing import Any, ClassVar

from pydantic import ConfigDict, field_validator

from darajasim.core.rules import Action
from darajasim.scenarios.complaint import Complaint, Unfit
from darajasim.scenarios.model import leaves, marks, words
from darajasim.scenarios.model.callback import OF_PUSHES, CallbackPart, listed, together
from darajasim.scenarios.model.part import Part, optional, required
from darajasim.scenarios.model.reply import ReplyPart, is_word, refuses
from darajasim.scenarios.nodes import Mapping, Node, Scalar, plain
from darajasim.scenarios.products import Product, conditions, meant, reader
from darajasim.scenarios.scalars import below
from darajasim.scenarios.vocabulary import ANY, CodeRow, Vocabulary
from darajasim.scenarios.wording import did_you_mean, listing, nearest, quoted, some

PUSH = "stk_push"
OWN_CONDITIONS = ("rate", "call", "chance")
"""The keys of `when` that are no field of a request."""


class WhenPart(Part):
    """Beside its own three, every field of the operation is a key, named as here or on the wire."""

    model_config = ConfigDict(extra="allow")

    title: ClassVar[str] = "`when`"
    open: ClassVar[bool] = True

    rate: leaves.CallRate | None = optional("Only calls above this rate.", '"> 5/s"')
    call: leaves.Calls | None = optional("Which of the matching calls, counted from 1.", "2")
    chance: leaves.Chance | None = optional("Of these calls the share, drawn from the seed.", "0.3")

    @classmethod
    def keys(cls, vocabulary: Vocabulary) -> tuple[str, ...]:  # noqa: ARG003
        return (*OWN_CONDITIONS, *conditions())


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
    times: leaves.WrongPins | None = optional(
        "With `wrong-pin`: so many wrong PINs, and then the right one in the same prompt.", "2"
    )

    @classmethod
    def complaints(cls, node: Mapping, vocabulary: Vocabulary) -> Iterator[Complaint]:  # noqa: ARG003
        if "times" in node.entries and not is_word(node.get("does"), Action.WRONG_PIN):
            yield Complaint(
                "`times` means nothing without `does: wrong-pin`",
                "`does: wrong-pin` beside it",
                advice="delete `times`",
                at=("times",),
                on_key=True,
            )

    @classmethod
    def long_form(cls, short: Scalar) -> dict[str, object]:
        return super().long_form(short) if short.is_null else {"does": short}


class RulePart(Part):
    title: ClassVar[str] = "a rule"
    one_or_more: ClassVar[frozenset[str]] = frozenset({"callback"})

    on: words.Operation = required("Which requests the rule is about.", "stk_push")
    when: WhenPart | None = optional("Conditions; all must hold.")
    reply: ReplyPart | None = optional("The synchronous answer.")
    result: ResultPart | None = optional("What becomes of the payment.")
    customer: CustomerScriptPart | None = optional("What the customer does with the prompt.")
    callback: list[CallbackPart] | None = optional(
        "How the callback travels; a list: one callback after the other."
    )

    @field_validator("callback", mode="before")
    @classmethod
    def _one(cls, raw: object) -> object:
        return raw if isinstance(raw, list) else [raw]

    @classmethod
    def complaints(cls, node: Mapping, vocabulary: Vocabulary) -> Iterator[Complaint]:
        on = node.get("on")
        operation = on.text if isinstance(on, Scalar) else ""
        products = meant(operation)
        if products:
            yield from _conditions(operation, products, node.get("when"))
            yield from _out_of_reach(operation, products, node)
            yield from _only_of_pushes(operation, node)
            yield from _rows(operation, products, node, vocabulary)
        yield from together(node.get("callback"))
        if refuses(node.get("reply")):
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
        elif not (yield from _within(operation, products, name, entry.value)):
            yield _not_carried(operation, products, name)


def _within(
    operation: str, products: Sequence[Product], name: str, value: Node
) -> Generator[Complaint, None, bool]:
    """The complaints about a condition on a value within a list or a mapping; whether a request
    may have a value there.
    """
    if not any(product.may_have(name) for product in products):
        return False
    try:
        reader(operation, name.rpartition(".")[2])(plain(value))
    except Unfit as unfit:
        yield from below(unfit, "when", name)
    return True


def _not_carried(operation: str, products: Sequence[Product], name: str) -> Complaint:
    names = (*dict.fromkeys(name for each in products for name in each.conditions), *OWN_CONDITIONS)
    expected = some(names) if operation != ANY else "a field of some operation, call or chance"
    first, _, last = name.rpartition(".")
    if first:
        near = nearest(last, names)
        return Complaint(
            f"a request of {operation} has nothing at {quoted(name)}",
            "the path to a value within a list or a mapping, such as invoiceItems.0.amount, "
            "or a name without points",
            advice=f"did you mean `{first}.{near}`?" if near and near != last else "",
            at=("when", name),
            on_key=True,
        )
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
    if any(product.surface == "result" for product in products):
        return
    for path, callback in listed(node.get("callback")):
        if "timeout" in callback.entries:
            yield Complaint(
                f"a request of {operation} has no queue time-out",
                "a rule about a command, such as b2c_payment",
                advice="delete `timeout`",
                at=(*path, "timeout"),
                on_key=True,
            )
        if "before" in callback.entries and operation != PUSH:
            yield Complaint(
                f"a request of {operation} is answered before its callbacks",
                "a rule about a push or a command, such as stk_push or b2c_payment",
                advice="delete `before`",
                at=(*path, "before"),
                on_key=True,
            )


def _only_of_pushes(operation: str, node: Mapping) -> Iterator[Complaint]:
    """What only M-Pesa Express can do."""
    if operation in (PUSH, ANY):
        return
    found: list[tuple[tuple[str | int, ...], str]] = [
        ((*path, name), f"callback: {{{name}: …}}")
        for path, callback in listed(node.get("callback"))
        for name in OF_PUSHES
        if name in callback.entries
    ]
    customer = node.get("customer")
    does = customer.get("does") if isinstance(customer, Mapping) else customer
    if isinstance(does, Scalar) and does.text in (Action.PAY_LATE, Action.PAY_BY_HAND):
        at = ("customer", "does") if isinstance(customer, Mapping) else ("customer",)
        found.append((at, f"customer: {does.text}"))
    if isinstance(customer, Mapping) and "times" in customer.entries:
        found.append((("customer", "times"), "customer: {does: wrong-pin, times: …}"))
    for path, what in found:
        yield Complaint(
            f"a request of {operation} knows no `{what}`",
            "a rule about a push: `on: stk_push`",
            advice=f"delete `{path[-1]}`" if len(path) > 1 else "let the customer do another thing",
            at=path,
            on_key=len(path) > 1,
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
    pushes = operation in (PUSH, ANY)  # others cannot have it
    for at, callback in listed(node.get("callback")) if pushes else ():
        yield from _result(callback.get("result"), (*at, "result"), operation, vocabulary)
    path: tuple[str, ...] = ("result",)
    if isinstance(result, Mapping):
        path, result = ("result", "code"), result.get("code")
    elif isinstance(result, Scalar) and result.is_null:
        result = None
    if any(product.surface for product in products):
        yield from _result(result, path, operation, vocabulary)


def _result(
    node: Node | None, path: tuple[str | int, ...], operation: str, vocabulary: Vocabulary
) -> Iterator[Complaint]:
    """The complaint about a name that is no result of this operation."""
    try:
        if node is not None:
            result_row(plain(node), operation, vocabulary)
    except Unfit as unfit:
        yield from below(unfit, *path)


def result_row(raw: object, operation: str, vocabulary: Vocabulary) -> CodeRow:
    """The catalogue's row that a rule on `operation` names as its result.

    Raises:
        Unfit: it names none.
    """
    surfaces = {product.surface for product in meant(operation)} - {""}
    return vocabulary.result(raw, operation, surfaces.pop() if len(surfaces) == 1 else "")
