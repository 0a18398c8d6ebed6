"""The key `callback` of a rule: when a callback leaves, how often, and what is wrong with it."""

from collections.abc import Iterator
from typing import Any, ClassVar

from darajasim.scenarios import scalars
from darajasim.scenarios.complaint import Complaint, Unfit
from darajasim.scenarios.model import leaves, words
from darajasim.scenarios.model.part import Part, needs, optional
from darajasim.scenarios.nodes import Mapping, Node, Scalar, Sequence, described
from darajasim.scenarios.vocabulary import Vocabulary
from darajasim.scenarios.wording import did_you_mean

NEVER = "never"
ALONE = ("before", "timeout")
"""Keys that speak of all callbacks about a request, and so of the first of a list only."""
OF_PUSHES = ("result", "form")
"""Keys that only a callback of M-Pesa Express can have."""


class CallbackPart(Part):
    title: ClassVar[str] = "`callback`"
    short_form: ClassVar[dict[str, Any] | None] = {"enum": [NEVER]}

    after: leaves.Seconds | None = optional("From the result to the first callback.", "1s")
    times: leaves.Times | None = optional("How many callbacks are sent; 0 is `never`.", "2")
    apart: leaves.Seconds | None = optional("Between the callbacks; 0s: at the same moment.", "0s")
    before: words.Before | None = optional(
        "Of a push or a command: the callback arrives before the request is answered.",
        "acknowledgement",
    )
    timeout: words.TimeoutName | None = optional(
        "Of a command: its queue time-out, `only` or `first`, and then the result.", "only"
    )
    refused: leaves.Refused | None = optional(
        "So many connections find nobody there, before the first that is taken.", "2"
    )
    result: words.ResultName | None = optional(
        "It tells of this result, whatever happened: a forgery.", "paid"
    )
    wrong_amount: leaves.Shillings | None = optional("It tells of this amount.", "1")
    wrong_phone: leaves.Phone | None = optional("It tells of this phone.", "0711111111")
    unknown_id: leaves.Yes | None = optional("Its ids are of no request.", "true")
    extra: leaves.Extra | None = optional("It has these fields as well.", "{Channel: USSD}")
    form: words.FormName | None = optional(
        "It is written as this profile writes callbacks.", "documented"
    )
    truncated: leaves.Yes | None = optional(
        "Half of its body, with a Content-Length that says so.", "true"
    )
    wrong_length: leaves.Yes | None = optional(
        "Its Content-Length promises more than is sent.", "true"
    )
    content_type: leaves.Text | None = optional("Its Content-Type.", "text/plain")
    source: leaves.Address | None = optional(
        "Its X-Forwarded-For, as a proxy before the merchant writes it.", "196.201.214.200"
    )

    @classmethod
    def complaints(cls, node: Mapping, vocabulary: Vocabulary) -> Iterator[Complaint]:  # noqa: ARG003
        if "refused" not in node.entries:
            yield from needs(node, "apart", "times", advice="how many: add `times: 2`")
        yield from needs(
            node, "refused", "apart", advice="how long until it is tried again: add `apart: 30s`"
        )
        if {"after", "before"} <= node.entries.keys():
            name = [each for each in node.entries if each in ("after", "before")][-1]
            yield _excluded(node, name)

    @classmethod
    def long_form(cls, short: Scalar) -> dict[str, object]:
        if short.is_null:
            return super().long_form(short)
        if short.text == NEVER:
            return {"times": Scalar("0", 0, short.place)}
        raise Unfit(
            Complaint(
                "unknown way for a callback to travel",
                "never, or a mapping with after, times, apart, before, wrong_amount and others",
                described(short),
                _advice(short),
            )
        )


def _excluded(node: Mapping, name: str) -> Complaint:
    first = next(each for each in node.entries if each in ("after", "before"))
    return Complaint(
        f"`{first}` and `{name}` exclude each other",
        "only one of after or before",
        advice=f"delete `{first}` or `{name}`",
        at=(name,),
        on_key=True,
    )


def _advice(short: Scalar) -> str:
    try:
        scalars.seconds(short)
    except Unfit:
        return did_you_mean(short.text, [NEVER])
    return f"did you mean `callback: {{after: {short.text}}}`?"


def listed(callback: Node | None) -> list[tuple[tuple[str | int, ...], Mapping]]:
    """The mappings under `callback`, whether it is one or a list, each with its path."""
    if isinstance(callback, Mapping):
        return [(("callback",), callback)]
    items = callback.items if isinstance(callback, Sequence) else ()
    return [
        (("callback", index), item) for index, item in enumerate(items) if isinstance(item, Mapping)
    ]


def together(callback: Node | None) -> Iterator[Complaint]:
    """What is wrong with a list of callbacks taken together."""
    if not isinstance(callback, Sequence):
        return
    if not callback.items:
        yield Complaint(
            "the list is empty", "at least one callback", "[]", "write `callback: never`",
            at=("callback",),
        )  # fmt: skip
    for index, item in enumerate(callback.items):
        if isinstance(item, Scalar) or _is_never(item):
            yield Complaint(
                "`never` says nothing in a list of callbacks",
                "callbacks that are sent, such as {after: 1s}",
                advice="delete this entry",
                at=("callback", index),
            )
        for name in ALONE:
            if index and isinstance(item, Mapping) and name in item.entries:
                yield Complaint(
                    f"`{name}` speaks of all callbacks of the list",
                    "it in the first entry",
                    at=("callback", index, name),
                    on_key=True,
                )


def _is_never(item: Node) -> bool:
    times = item.get("times") if isinstance(item, Mapping) else None
    return isinstance(times, Scalar) and times.value == 0
