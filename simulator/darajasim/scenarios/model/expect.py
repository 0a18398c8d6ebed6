"""The section `expect:`."""

from collections.abc import Iterator
from typing import ClassVar

from darajasim.scenarios import scalars
from darajasim.scenarios.complaint import Complaint, Unfit
from darajasim.scenarios.model import leaves
from darajasim.scenarios.model.part import Part, optional, refuse_together
from darajasim.scenarios.nodes import Mapping, Scalar
from darajasim.scenarios.vocabulary import Vocabulary
from darajasim.scenarios.wording import quoted


class PaymentPart(Part):
    title: ClassVar[str] = "an expected payment"

    status: leaves.Status | None = optional("The merchant's status of the payment.", "success")
    code: leaves.CodeTest | None = optional("Its result or error, by key or code.", "1032")
    receipt: leaves.ReceiptTest | None = optional("`null`: none; `present`: any.", "present")
    amount: leaves.AmountTest | None = optional("In shillings.", "100")


class CallbacksPart(Part):
    title: ClassVar[str] = "`callbacks`"

    sent: leaves.CountTest | None = optional("How many left Daraja.", "1")
    delivered: leaves.CountTest | None = optional("How many reached the merchant.", "1")
    acknowledged: leaves.CountTest | None = optional("How many the merchant accepted.", "1")


class ClientPart(Part):
    title: ClassVar[str] = "`client`"

    error: leaves.ErrorOrNone | None = optional(
        "What the last `pay` failed with; `null`: nothing.", "gateway-busy"
    )
    retry: leaves.RetryName | None = optional("What the client advises.", "later")
    outcome: leaves.ClientOutcome | None = optional("The push's fate is unknown.", "unknown")


class OutcomePart(Part):
    title: ClassVar[str] = "`outcome`"

    state: leaves.State | None = optional("What the last `await` returned.", "paid")
    code: leaves.CodeTest | None = optional("Its result, by key or code.", "0")


class QueryResultPart(Part):
    title: ClassVar[str] = "`query`"

    state: leaves.State | None = optional("What the last query said.", "failed")
    code: leaves.CodeTest | None = optional("Its result or error, by key or code.", "1032")
    text: leaves.TextTest | None = optional("Its text.")


class RequestsPart(Part):
    title: ClassVar[str] = "`requests`"

    oauth: leaves.CountTest | None = optional("How many token requests.", "1")
    stk_push: leaves.CountTest | None = optional("How many pushes.", "1")
    stk_query: leaves.CountTest | None = optional("How many queries.", '">= 2"')


class ExpectPart(Part):
    title: ClassVar[str] = "`expect`"

    payment: PaymentPart | None = optional("The last or only payment.")
    payments: dict[str, PaymentPart] | None = optional("Several payments, by name.")
    callbacks: CallbacksPart | None = optional("Counts of callbacks over the scenario.")
    client: ClientPart | None = optional("What the last `pay` brought at the client.")
    outcome: OutcomePart | None = optional("What the last `await` returned.")
    query: QueryResultPart | None = optional("What the last query said.")
    requests: RequestsPart | None = optional("How many requests Daraja received.")
    balance: dict[str, leaves.Cents] | None = optional(
        "What accounts hold at the end, in shillings, by phone number or shortcode."
    )

    @classmethod
    def complaints(cls, node: Mapping, vocabulary: Vocabulary) -> Iterator[Complaint]:  # noqa: ARG003
        yield from refuse_together(
            node, "payment", "payments", advice="name every payment below `payments`"
        )
        balance = node.get("balance")
        if isinstance(balance, Mapping):
            yield from _owners(balance)


def _owners(balance: Mapping) -> Iterator[Complaint]:
    """Keys that are no account, or the same account in two spellings."""
    first: dict[str, str] = {}
    for name, entry in balance.entries.items():
        try:
            holder = owner(entry.key)
        except Unfit as unfit:
            for complaint in unfit.complaints:
                yield Complaint(
                    "this is neither a phone number nor a shortcode",
                    "a phone number such as 0722000000, or a shortcode such as 174379",
                    complaint.found,
                    complaint.advice,
                    ("balance", name),
                    on_key=True,
                )
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


def owner(key: Scalar) -> str:
    """The MSISDN or shortcode that a key of `balance` names.

    Raises:
        Unfit: it is neither.
    """
    return key.text if scalars.SHORTCODE.fullmatch(key.text) else scalars.phone(key)
