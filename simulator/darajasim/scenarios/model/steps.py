"""The section `steps:`."""

from collections.abc import Iterator, Sequence
from typing import Any, ClassVar

from darajasim.operations.fields import Field
from darajasim.scenarios import wording
from darajasim.scenarios.complaint import Complaint, Unfit
from darajasim.scenarios.model import leaves, marks, words
from darajasim.scenarios.model.part import Part, optional, refuse_together, required
from darajasim.scenarios.nodes import Mapping, Node, Scalar, described
from darajasim.scenarios.nodes import Sequence as NodeSequence
from darajasim.scenarios.products import products
from darajasim.scenarios.steps import Signal
from darajasim.scenarios.vocabulary import Vocabulary
from darajasim.scenarios.wording import did_you_mean, listing, quoted, some

_DURATION: dict[str, Any] = {"type": "string", "pattern": leaves.DURATION}
_BARE: dict[str, Any] = {"enum": [None]}
_NAME: dict[str, Any] = {"type": "string"}
SIGNALS = tuple(signal.value for signal in Signal)


class PayPart(Part):
    title: ClassVar[str] = "a `pay` step"

    phone: leaves.Phone = required("Who is asked for money.", "0722000000")
    amount: leaves.Shillings = required("Whole shillings.", "100")
    reference: leaves.Text | None = optional(
        "What is paid for, the AccountReference (the payment's name).", "INV-1"
    )
    description: leaves.Text | None = optional("The TransactionDesc.", "Shoes")
    as_: leaves.PaymentName | None = optional(
        "The name of this payment (without one: payment-1, payment-2 …).", "first", alias="as"
    )


def _time_or_payment(short: Scalar) -> dict[str, object]:
    """What stands alone after `poll:` or `await:` is a time when it begins with a digit."""
    if short.is_null:
        return {}
    return {"within" if short.text[:1].isdigit() else "payment": short}


class PollPart(Part):
    title: ClassVar[str] = "a `poll` step"
    short_form: ClassVar[dict[str, Any] | None] = {"anyOf": [_NAME, _BARE]}

    payment: leaves.PaymentName | None = optional("Which payment (the last one).", "first")
    every: leaves.Seconds | None = optional("How often.", "3s")
    within: leaves.Seconds | None = optional("For how long at most.", "90s")

    @classmethod
    def long_form(cls, short: Scalar) -> dict[str, object]:
        return _time_or_payment(short)


class QueryPart(Part):
    title: ClassVar[str] = "a `query` step"
    short_form: ClassVar[dict[str, Any] | None] = {"anyOf": [_NAME, _BARE]}

    payment: leaves.PaymentName | None = optional("Which payment (the last one).", "first")

    @classmethod
    def long_form(cls, short: Scalar) -> dict[str, object]:
        return {} if short.is_null else {"payment": short}


class AwaitPart(Part):
    title: ClassVar[str] = "an `await` step"
    short_form: ClassVar[dict[str, Any] | None] = {"anyOf": [_NAME, _BARE]}

    payment: leaves.PaymentName | None = optional("Which payment (the last one).", "first")
    within: leaves.Seconds | None = optional("For how long at most.", "90s")

    @classmethod
    def long_form(cls, short: Scalar) -> dict[str, object]:
        return _time_or_payment(short)


class SettlePart(Part):
    title: ClassVar[str] = "a `settle` step"
    short_form: ClassVar[dict[str, Any] | None] = {"anyOf": [_DURATION, _BARE]}

    within: leaves.Seconds | None = optional("For how long at most.", "60s")

    @classmethod
    def long_form(cls, short: Scalar) -> dict[str, object]:
        return {} if short.is_null else {"within": short}


class CallerPart(Part):
    title: ClassVar[str] = "`app`"

    key: leaves.Text = required("The consumer key.", "my-key")
    secret: leaves.Text = required("The consumer secret.", "my-secret")


class CallPart(Part):
    title: ClassVar[str] = "a `call` step"
    short_form: ClassVar[dict[str, Any] | None] = {marks.PRODUCTS: True}

    operation: words.Callable = required("Which operation is called.", "b2c_payment")
    fields: leaves.Fields | None = optional(
        "Fields of the body that differ from the example, by their names on the wire."
    )
    without: list[leaves.Text] | None = optional("Fields that are left out.", "[Remarks]")
    body: leaves.Given | None = optional("The whole body, in place of the example.")
    raw: leaves.Filled | None = optional("The body as text, JSON or not.", '"{broken"')
    path: leaves.Path | None = optional(
        "Another path than the operation's newest.", "/mpesa/b2c/v1/paymentrequest"
    )
    method: words.MethodName | None = optional("Another HTTP method.", "GET")
    content_type: leaves.Text | None = optional("Another content type.", "text/plain")
    app: CallerPart | None = optional("The app that calls.")
    token: leaves.Bearer | None = optional(
        "Another access token than a good one; `null`: none at all.", "expired"
    )
    as_: leaves.PaymentName | None = optional(
        "The name of this call (without one: call-1, call-2 …).", "first", alias="as"
    )

    @classmethod
    def complaints(cls, node: Mapping, vocabulary: Vocabulary) -> Iterator[Complaint]:  # noqa: ARG003
        for name in ("fields", "without"):
            for other in ("body", "raw"):
                yield from refuse_together(node, name, other)
        yield from refuse_together(node, "body", "raw")
        yield from refuse_together(node, "app", "token")
        operation, path = node.get("operation"), node.get("path")
        product = products().get(operation.text) if isinstance(operation, Scalar) else None
        if product is not None and product.versions:
            example = product.version(path.text if isinstance(path, Scalar) else None).fields
            yield from _misnamed(example, node.get("fields"))
            yield from _not_there(example, node.get("without"))

    @classmethod
    def long_form(cls, short: Scalar) -> dict[str, object]:
        return super().long_form(short) if short.is_null else {"operation": short}


def _misnamed(example: Sequence[Field], given: Node | None) -> Iterator[Complaint]:
    """Fields by the names that rules use for them."""
    wire = {field.name for field in example}
    aliases = {field.alias: field.name for field in example if field.alias not in wire}
    for name in given.entries if isinstance(given, Mapping) else ():
        if name in aliases:
            yield Complaint(
                f"{quoted(name)} is what rules call this field",
                "the name on the wire",
                quoted(name),
                f"write `{aliases[name]}`; to send the wrong name, write the whole `body`",
                ("fields", name),
                on_key=True,
            )


def _not_there(example: Sequence[Field], given: Node | None) -> Iterator[Complaint]:
    """Fields that the example does not have, and so need not be left out."""
    names = [field.name for field in example if field.example is not ...]
    for index, item in enumerate(given.items if isinstance(given, NodeSequence) else ()):
        if isinstance(item, Scalar) and not item.unknown and item.text not in names:
            yield Complaint(
                f"the example has no field {quoted(item.text)}",
                some(names),
                described(item),
                did_you_mean(item.text, names),
                ("without", index),
            )


class PayFromPhonePart(Part):
    title: ClassVar[str] = "a `pay_from_phone` step"

    phone: leaves.Phone = required("Who pays.", "0722000000")
    shortcode: leaves.Shortcode = required("The paybill or till that is paid.", "600998")
    amount: leaves.Shillings = required("Whole shillings.", "100")
    reference: leaves.Text | None = optional(
        "The account number that the customer types (the payment's name).", "INV-1"
    )
    as_: leaves.PaymentName | None = optional(
        "The name of this payment (without one: phone-payment-1 …).", "first", alias="as"
    )


class PayOutPart(Part):
    title: ClassVar[str] = "a `pay_out` step"

    phone: leaves.Phone | None = optional("Who is paid.", "0722000000")
    amount: leaves.Shillings | None = optional(
        "Whole shillings (of a refund: all that is left of the payment).", "100"
    )
    payment: leaves.PaymentName | None = optional(
        "The payment that is refunded, to who paid it.", "first"
    )
    to: words.PayOutTo | None = optional("The customer's wallet, or their Pochi.", "wallet")
    remarks: leaves.Text | None = optional("The Remarks (Payout).", "Refund")
    as_: leaves.PaymentName | None = optional(
        "The name of this payout (without one: payout-1, payout-2 …).", "first", alias="as"
    )

    @classmethod
    def complaints(cls, node: Mapping, vocabulary: Vocabulary) -> Iterator[Complaint]:  # noqa: ARG003
        yield from refuse_together(
            node, "payment", "phone", advice="a refund goes to who paid: delete `phone`"
        )
        for name in ("phone", "amount"):
            if name not in node.entries and "payment" not in node.entries:
                example = (cls.model_fields[name].examples or ["…"])[0]
                yield Complaint(
                    f"{cls.title} must have `{name}`",
                    f"a line such as `{name}: {example}`, or `payment: …` for a refund",
                    on_key=True,
                )


class BalancePart(Part):
    title: ClassVar[str] = "a `balance` step"
    short_form: ClassVar[dict[str, Any] | None] = _BARE

    as_: leaves.PaymentName | None = optional(
        "The name of this inquiry (without one: balance-1 …).", "first", alias="as"
    )

    @classmethod
    def long_form(cls, short: Scalar) -> dict[str, object]:
        return {} if short.is_null else super().long_form(short)


class ReversePart(Part):
    title: ClassVar[str] = "a `reverse` step"
    short_form: ClassVar[dict[str, Any] | None] = {"anyOf": [_NAME, _BARE]}

    payment: leaves.PaymentName | None = optional("Which payment (the last one).", "first")
    amount: leaves.Shillings | None = optional("Whole shillings (all that was asked for).", "100")
    remarks: leaves.Text | None = optional("The Remarks (Reversal).", "Wrong size")
    as_: leaves.PaymentName | None = optional(
        "The name of this reversal (without one: reversal-1 …).", "first", alias="as"
    )

    @classmethod
    def long_form(cls, short: Scalar) -> dict[str, object]:
        return {} if short.is_null else {"payment": short}


class RepeatPart(Part):
    """What stands here is only what could not be unrolled: see `repeats`."""

    title: ClassVar[str] = "a `repeat` step"

    times: leaves.Rounds = required("How often.", "3")
    every: leaves.Seconds | None = optional("The pause between two rounds.", "10s")
    steps: "list[SequencePart]" = required("What is done in each round.", "[…]")

    @classmethod
    def complaints(cls, node: Mapping, vocabulary: Vocabulary) -> Iterator[Complaint]:  # noqa: ARG003
        steps = node.get("steps")
        if isinstance(steps, NodeSequence) and not steps.items:
            yield Complaint(
                "there is no step in the list", "at least one step", "[]", at=("steps",)
            )


class _OneStep(Part):
    """A mapping with exactly one key, which says what is done."""

    bare: ClassVar[tuple[str, ...]] = ()

    @classmethod
    def complaints(cls, node: Mapping, vocabulary: Vocabulary) -> Iterator[Complaint]:
        verbs = [name for name in node.entries if name in cls.keys(vocabulary)]
        if not node.entries:
            yield Complaint("this step is empty", f"one of {listing(cls.keys(vocabulary))}", "{}")
        for verb in verbs[1:]:
            yield Complaint(
                f"`{verb}` is a step of its own",
                "one step for each `- `",
                f"{listing(map('`{}`'.format, verbs), 'and')} in one step",
                f"begin its line with `- {verb}:`",
                at=(verb,),
                on_key=True,
            )

    @classmethod
    def long_form(cls, short: Scalar) -> dict[str, object]:
        if short.text in cls.bare:
            return {short.text: Scalar("", None, short.place)}
        names = [field.alias or name for name, field in cls.model_fields.items()]
        verb, *rest = short.text.split(maxsplit=1) or [""]
        advice = cls.about_unknown(verb) or did_you_mean(verb, names)
        if verb in names:
            value = wording.short("".join(rest)) or "…"
            advice = f"write `- {verb}: {value}`, with the colon"
        raise Unfit(
            Complaint("unknown step" if verb else "this step is empty",
                      f"one of {listing(names)}", described(short), advice)
        )  # fmt: skip


class _AnywherePart(_OneStep):
    """The steps that may stand anywhere."""

    bare: ClassVar[tuple[str, ...]] = ("poll", "query", "await", "balance", "reverse", *SIGNALS)

    pay: PayPart | None = optional("Ask a customer for money.")
    poll: PollPart | None = optional("The merchant queries until the payment is final.")
    query: QueryPart | None = optional("The merchant queries once.")
    await_: AwaitPart | None = optional("The client waits for the payment.", alias="await")
    pay_out: PayOutPart | None = optional("The merchant pays a customer.")
    balance: BalancePart | None = optional("The merchant asks what its accounts hold.")
    reverse: ReversePart | None = optional("The merchant gives a payment back.")
    call: CallPart | None = optional("The scenario itself calls an operation.")
    pay_from_phone: PayFromPhonePart | None = optional("A customer pays from their own phone.")
    stop: leaves.Nothing | None = optional("The merchant ends, when it has done what it had begun.")
    kill: leaves.Nothing | None = optional("The merchant dies at once.")
    restart: leaves.Nothing | None = optional("The merchant is started again, with its database.")
    repeat: RepeatPart | None = optional("The same steps several times.")


class SequencePart(_AnywherePart):
    title: ClassVar[str] = "a step of a `sequence`"
    short_form: ClassVar[dict[str, Any] | None] = {
        "enum": [*_AnywherePart.bare, "settle"],
    }
    bare: ClassVar[tuple[str, ...]] = (*_AnywherePart.bare, "settle")

    wait: leaves.Seconds | None = optional("Let time pass.", "5s")
    advance: leaves.Seconds | None = optional("Send Daraja's clock ahead.", "2h")
    settle: SettlePart | None = optional("Until Daraja owes nothing any more.")


class ConcurrentPart(_AnywherePart):
    title: ClassVar[str] = "a step within `together`"
    short_form: ClassVar[dict[str, Any] | None] = {"enum": [*_AnywherePart.bare]}

    @classmethod
    def about_unknown(cls, name: str) -> str:
        if name not in ("wait", "settle", "advance", "together"):
            return ""
        if name == "together":
            return "move `together` out, to a step of its own"
        return f"move `{name}` out of `together`, to a step of its own, or into a `sequence`"

    sequence: list[SequencePart] | None = optional("One step after the other.")


class StepPart(_AnywherePart):
    title: ClassVar[str] = "a step"
    short_form: ClassVar[dict[str, Any] | None] = {"enum": [*_AnywherePart.bare, "settle"]}
    bare: ClassVar[tuple[str, ...]] = (*_AnywherePart.bare, "settle")

    wait: leaves.Seconds | None = optional("Let time pass.", "5s")
    advance: leaves.Seconds | None = optional("Send Daraja's clock ahead.", "2h")
    settle: SettlePart | None = optional("Until Daraja owes nothing any more.")
    together: list[ConcurrentPart] | None = optional("Several steps at the same moment.")


RepeatPart.model_rebuild()
