"""The section `steps:`."""

from collections.abc import Iterator
from typing import Any, ClassVar

from darajasim.scenarios.complaint import Complaint, Unfit
from darajasim.scenarios.model import leaves
from darajasim.scenarios.model.part import Part, optional, required
from darajasim.scenarios.nodes import Mapping, Scalar, described
from darajasim.scenarios.vocabulary import Vocabulary
from darajasim.scenarios.wording import did_you_mean, listing

_DURATION: dict[str, Any] = {"type": "string", "pattern": leaves.DURATION}
_BARE: dict[str, Any] = {"enum": [None]}
_NAME: dict[str, Any] = {"type": "string"}


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
        advice = did_you_mean(verb, names)
        if verb in names:
            advice = f"write `- {verb}: {''.join(rest) or '…'}`, with the colon"
        raise Unfit(
            Complaint("unknown step" if verb else "this step is empty",
                      f"one of {listing(names)}", described(short), advice)
        )  # fmt: skip


class ConcurrentPart(_OneStep):
    title: ClassVar[str] = "a step within `together`"
    short_form: ClassVar[dict[str, Any] | None] = {"enum": ["poll", "query", "await"]}
    bare: ClassVar[tuple[str, ...]] = ("poll", "query", "await")

    @classmethod
    def about_unknown(cls, name: str) -> str:
        if name not in ("wait", "settle", "together"):
            return ""
        return f"move `{name}` out of `together`, to a step of its own"

    pay: PayPart | None = optional("Ask a customer for money.")
    poll: PollPart | None = optional("The merchant queries until the payment is final.")
    query: QueryPart | None = optional("The merchant queries once.")
    await_: AwaitPart | None = optional("The client waits for the payment.", alias="await")


class StepPart(_OneStep):
    title: ClassVar[str] = "a step"
    short_form: ClassVar[dict[str, Any] | None] = {"enum": ["poll", "query", "await", "settle"]}
    bare: ClassVar[tuple[str, ...]] = ("poll", "query", "await", "settle")

    pay: PayPart | None = optional("Ask a customer for money.")
    wait: leaves.Seconds | None = optional("Let time pass.", "5s")
    poll: PollPart | None = optional("The merchant queries until the payment is final.")
    query: QueryPart | None = optional("The merchant queries once.")
    await_: AwaitPart | None = optional("The client waits for the payment.", alias="await")
    settle: SettlePart | None = optional("Until Daraja owes nothing any more.")
    together: list[ConcurrentPart] | None = optional("Several steps at the same moment.")
