"""The section `expect:`."""

from collections.abc import Iterator
from dataclasses import replace
from typing import ClassVar

from pydantic import ConfigDict

from darajasim.core.organisation import Purse
from darajasim.scenarios import scalars
from darajasim.scenarios.complaint import Complaint, Unfit
from darajasim.scenarios.matching import count_test
from darajasim.scenarios.model import conditions, leaves, words
from darajasim.scenarios.model.expect_events import EventsPart
from darajasim.scenarios.model.part import Part, optional, refuse_together
from darajasim.scenarios.nodes import Mapping, Node, Scalar, described, plain
from darajasim.scenarios.products import kinds, products
from darajasim.scenarios.scalars import below
from darajasim.scenarios.vocabulary import Vocabulary
from darajasim.scenarios.wording import did_you_mean, listing, quoted

POCHI = "pochi"
"""The account of a customer's Pochi la Biashara, beside the wallet."""


class _CountsPart(Part):
    """Beside the keys of the model, every name of a set that the operations decide is one."""

    model_config = ConfigDict(extra="allow")

    @classmethod
    def names(cls) -> tuple[str, ...]:
        raise NotImplementedError

    @classmethod
    def keys(cls, vocabulary: Vocabulary) -> tuple[str, ...]:
        return (*super().keys(vocabulary), *cls.names())

    @classmethod
    def complaints(cls, node: Mapping, vocabulary: Vocabulary) -> Iterator[Complaint]:  # noqa: ARG003
        for name, entry in node.entries.items():
            if name in cls.names():
                try:
                    count_test(plain(entry.value))
                except Unfit as unfit:
                    yield from below(unfit, name)


class CallbacksPart(_CountsPart):
    """Beside these, every kind of callback is a key."""

    title: ClassVar[str] = "`callbacks`"

    sent: conditions.CountTest | None = optional("How many left Daraja.", "1")
    delivered: conditions.CountTest | None = optional("How many reached the merchant.", "1")
    acknowledged: conditions.CountTest | None = optional("How many the merchant accepted.", "1")

    @classmethod
    def names(cls) -> tuple[str, ...]:
        return kinds()

    @classmethod
    def expected(cls, vocabulary: Vocabulary) -> str:  # noqa: ARG003
        return "sent, delivered, acknowledged, or a kind of callback such as result or validation"


class ClientPart(Part):
    title: ClassVar[str] = "`client`"

    error: conditions.ErrorOrNone | None = optional(
        "What the last `pay` failed with; `null`: nothing.", "gateway-busy"
    )
    retry: words.RetryName | None = optional("What the client advises.", "later")
    outcome: words.ClientOutcome | None = optional("The push's fate is unknown.", "unknown")


class PaymentPart(Part):
    title: ClassVar[str] = "an expected payment"

    status: words.Status | None = optional("The merchant's status of the payment.", "success")
    code: conditions.CodeTest | None = optional("Its result or error, by key or code.", "1032")
    receipt: conditions.ReceiptTest | None = optional("`null`: none; `present`: any.", "present")
    amount: conditions.AmountTest | None = optional("In shillings.", "100")
    http: conditions.StatusTest | None = optional(
        "The HTTP status with which the merchant answered the `pay` step.", "200"
    )
    answer: conditions.LeafTests | None = optional(
        "Values of that answer, by their keys at any depth.", "{status: pending}"
    )
    client: ClientPart | None = optional("What this `pay` brought at the merchant's client.")


class OutcomePart(Part):
    title: ClassVar[str] = "`outcome`"

    state: words.State | None = optional("What the last `await` returned.", "paid")
    code: conditions.CodeTest | None = optional("Its result, by key or code.", "0")


class QueryResultPart(Part):
    title: ClassVar[str] = "`query`"

    state: words.State | None = optional("What the last query said.", "failed")
    code: conditions.CodeTest | None = optional("Its result or error, by key or code.", "1032")
    text: conditions.TextTest | None = optional("Its text.")
    http: conditions.StatusTest | None = optional(
        "The HTTP status with which the merchant answered the last `query` or `poll`.", "200"
    )
    answer: conditions.LeafTests | None = optional(
        "Values of that answer, by their keys at any depth.", "{status: success}"
    )


class RequestsPart(_CountsPart):
    """Every operation is a key."""

    title: ClassVar[str] = "`requests`"

    @classmethod
    def names(cls) -> tuple[str, ...]:
        return tuple(products())

    @classmethod
    def expected(cls, vocabulary: Vocabulary) -> str:  # noqa: ARG003
        return "the name of an operation, such as stk_push or b2c_payment"

    @classmethod
    def long_form(cls, short: Scalar) -> dict[str, object]:
        message = f"{cls.title} has no keys" if short.is_null else f"{cls.title} is a mapping"
        raise Unfit(Complaint(message, "keys such as `stk_push: 1`", described(short)))


class RecordPart(Part):
    title: ClassVar[str] = "`record`"

    status: words.Status | None = optional("The merchant's status of the payout.", "success")
    code: conditions.AnswerCodeTest | None = optional("Its result or error, by key or code.", "0")
    receipt: conditions.ReceiptTest | None = optional("`null`: none; `present`: any.", "present")
    amount: conditions.AmountTest | None = optional("In shillings.", "100")


class CallOutcomePart(Part):
    title: ClassVar[str] = "an expected call"

    status: conditions.StatusTest | None = optional("The HTTP status of the answer.", "200")
    code: conditions.AnswerCodeTest | None = optional("Its code, by key or code.", "invalid-amount")
    text: conditions.MaybeText | None = optional("The message beside the code.")
    fault: conditions.FaultTest | None = optional("What happened to the connection.", "reset")
    answer: conditions.LeafTests | None = optional(
        "Values of the JSON answer, by their keys at any depth.", "{ResponseCode: 0}"
    )
    result: conditions.ResultCodeTest | None = optional(
        "What became of it, by key or code of the result.", "0"
    )
    result_text: conditions.MaybeText | None = optional("The text beside the result.")
    receipt: conditions.ReceiptTest | None = optional("`null`: none; `present`: any.", "present")
    callback: conditions.LeafTestsOrNone | None = optional(
        "Values of the last callback about it, by their keys at any depth; `null`: none came.",
        "{ResultCode: 0}",
    )
    callbacks: conditions.CountTest | None = optional("How many callbacks about it arrived.", "1")
    record: RecordPart | None = optional("The merchant's own record of a `pay_out`.")


class LedgerPart(Part):
    title: ClassVar[str] = "`ledger`"

    entries: conditions.CountTest | None = optional("How many movements of money there were.", "1")
    total: conditions.AmountTest | None = optional("What moved altogether, in shillings.", "100")
    moved: dict[str, conditions.AmountTest] | None = optional(
        "What moved under the receipt of each step, charges too, in shillings.", "{first: 100}"
    )


class ExpectPart(Part):
    title: ClassVar[str] = "`expect`"

    payment: PaymentPart | None = optional("The last or only payment.")
    payments: dict[str, PaymentPart] | None = optional("Several payments, by name.")
    call: CallOutcomePart | None = optional(
        "The last `call`, `pay_from_phone`, `pay_out`, `balance` or `reverse`."
    )
    calls: dict[str, CallOutcomePart] | None = optional("Several of them, by name.")
    callbacks: CallbacksPart | None = optional("Counts of callbacks over the scenario.")
    client: ClientPart | None = optional("What the last `pay` brought at the client.")
    outcome: OutcomePart | None = optional("What the last `await` returned.")
    query: QueryResultPart | None = optional("What the last query said.")
    requests: RequestsPart | None = optional("How many requests Daraja received.")
    balance: dict[str, leaves.SignedCents] | None = optional(
        "What accounts hold at the end, in shillings, by phone number or shortcode."
    )
    ledger: LedgerPart | None = optional("What moved in Daraja's ledger.")
    events: EventsPart | None = optional("The order of events, and how often they happen.")

    @classmethod
    def complaints(cls, node: Mapping, vocabulary: Vocabulary) -> Iterator[Complaint]:  # noqa: ARG003
        yield from refuse_together(
            node, "payment", "payments", advice="name every payment below `payments`"
        )
        yield from refuse_together(node, "call", "calls", advice="name every call below `calls`")
        balance = node.get("balance")
        if isinstance(balance, Mapping):
            yield from _owners(balance)


def _owners(balance: Mapping) -> Iterator[Complaint]:
    """Keys that are no account, or the same account in two spellings."""
    first: dict[tuple[str, str], str] = {}
    for name, entry in balance.entries.items():
        try:
            holder = owner(entry.key)
        except Unfit as unfit:
            yield from below(unfit, "balance", name)
            continue
        if holder in first:
            yield Complaint(
                f"{quoted(name)} and {quoted(first[holder])} are the same account",
                "each account once",
                advice="delete one of the two",
                at=("balance", name),
                on_key=True,
            )
        first.setdefault(holder, name)
        if _negative(entry.value) and holder[1] != Purse.CHARGES:
            yield Complaint(
                "only a charges account can hold less than nothing",
                "shillings, whole or with two decimals, such as 100 or 99.50",
                described(entry.value),
                at=("balance", name),
            )


def _negative(value: Node) -> bool:
    return isinstance(value, Scalar) and value.text.startswith("-")


def owner(key: Scalar) -> tuple[str, str]:
    """The MSISDN or shortcode that a key of `balance` names, and which account of theirs.

    Raises:
        Unfit: it is neither, or has no such account.
    """
    name, slash, purse = key.text.partition("/")
    organisation = scalars.SHORTCODE.fullmatch(name) is not None
    try:
        found = name if organisation else scalars.phone(replace(key, text=name))
    except Unfit as unfit:
        (complaint,) = unfit.complaints or (Complaint(""),)
        raise Unfit(
            Complaint(
                "this is neither a phone number nor a shortcode",
                "a phone number such as 0722000000, or a shortcode such as 174379",
                complaint.found,
                complaint.advice,
                on_key=True,
            )
        ) from None
    purses = tuple(Purse) if organisation else (POCHI,)
    if slash and purse not in purses:
        holder = "an organisation" if organisation else "a customer"
        raise Unfit(
            Complaint(
                f"{holder} has no account {quoted(purse)}",
                listing(f"`{name}/{each}`" for each in purses),
                quoted(key.text),
                did_you_mean(purse, purses),
                on_key=True,
            )
        )
    return found, purse
