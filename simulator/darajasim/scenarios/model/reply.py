"""The key `reply` of a rule: what stands in for the answer, delays it or spoils it."""

from collections.abc import Iterator
from typing import Any, ClassVar

from darajasim.scenarios import scalars, wording
from darajasim.scenarios.complaint import Complaint, Unfit
from darajasim.scenarios.model import leaves, marks, words
from darajasim.scenarios.model.part import Part, needs, optional, refuse_together, required
from darajasim.scenarios.nodes import Mapping, Node, Scalar, described
from darajasim.scenarios.vocabulary import Vocabulary
from darajasim.scenarios.wording import did_you_mean, listing

LOST, CUT = "lost", "truncated"
WORDS = (*words.REPLY_FAULTS, LOST)


class LatencyPart(Part):
    title: ClassVar[str] = "`after`"
    short_form: ClassVar[dict[str, Any] | None] = {
        marks.LEAF: "duration",
        "type": "string",
        "pattern": leaves.DURATION,
    }

    median: leaves.Seconds = required("Half of the answers are quicker.", "400ms")
    sigma: leaves.Sigma | None = optional("How wide the log-normal distribution is.", "0.6")
    max: leaves.Seconds | None = optional("No answer takes longer.", "5s")

    @classmethod
    def complaints(cls, node: Mapping, vocabulary: Vocabulary) -> Iterator[Complaint]:  # noqa: ARG003
        if node.entries.keys() <= cls.model_fields.keys():
            yield from needs(node, "sigma", "max", advice="how long at most: add `max: 5s`")
            yield from needs(node, "max", "sigma", advice="how wide: add `sigma: 0.6`")
        median, most = _seconds(node.get("median")), _seconds(node.get("max"))
        if median is not None and most is not None and most < median:
            yield Complaint(
                "`max` is less than `median`",
                "a maximum that at least half of the answers stay below",
                at=("max",),
            )

    @classmethod
    def about_unknown(cls, name: str) -> str:
        return "did you mean `max`?" if name.startswith("max") or name == "most" else ""

    @classmethod
    def long_form(cls, short: Scalar) -> dict[str, object]:
        scalars.seconds(short)
        return {"median": short}


def _seconds(node: Node | None) -> float | None:
    try:
        return scalars.seconds(node)
    except Unfit:
        return None


class ReplyPart(Part):
    title: ClassVar[str] = "`reply`"
    short_form: ClassVar[dict[str, Any] | None] = {"enum": list(WORDS)}

    error: words.ErrorName | None = optional(
        "Refuse with this error of the catalogue, by key or unambiguous code.", "spike-arrest"
    )
    http: leaves.HttpStatus | None = optional("Answer with this HTTP status.", "503")
    body: leaves.Body | None = optional("With `http`: the body.", '"<html>…</html>"')
    content_type: leaves.Text | None = optional("With `http`: the content type.", "text/html")
    fault: words.ReplyFaultName | None = optional("What happens to the connection.", "reset")
    accepted: leaves.Flag | None = optional(
        "With `fault`: Daraja accepts the request, and only the answer is lost.", "true"
    )
    after: LatencyPart | None = optional(
        "How long the answer takes; with median, sigma and max: a distribution.", "2s"
    )
    drip: leaves.Seconds | None = optional("Over how long the body trickles.", "20s")

    @classmethod
    def complaints(cls, node: Mapping, vocabulary: Vocabulary) -> Iterator[Complaint]:  # noqa: ARG003
        cut = is_word(node.get("fault"), CUT)
        names = ("error", "http") if cut else ("error", "http", "fault")
        yield from refuse_together(node, *names)
        yield from refuse_together(node, "fault", "drip")
        own = "an `error` has a body of its own: delete `body`" if "error" in node.entries else ""
        yield from needs(node, "body", "http", advice=own)
        yield from needs(node, "content_type", "http")
        yield from needs(node, "accepted", "fault")
        if cut and "accepted" in node.entries:
            yield Complaint(
                "`accepted` means nothing beside `fault: truncated`",
                "the answer that is cut: Daraja's own, or `error` or `http`",
                advice="delete `accepted`",
                at=("accepted",),
                on_key=True,
            )
        if cut and "http" in node.entries and "body" not in node.entries:
            yield Complaint(
                "an answer without a body cannot be cut",
                "`body` beside `http`",
                advice="add `body`, or write `reply: empty`",
                at=("fault",),
            )

    @classmethod
    def long_form(cls, short: Scalar) -> dict[str, object]:
        if short.is_null:
            return super().long_form(short)
        if short.text == LOST:
            return {"fault": _word("reset", short), "accepted": _word("true", short)}
        if short.text in WORDS:
            return {"fault": short}
        raise Unfit(
            Complaint(
                "unknown reply",
                f"{listing(WORDS)}, or a mapping with error, http, fault, after or drip",
                described(short),
                did_you_mean(short.text, WORDS) or f"write `reply: {{{_meant(short)}}}`",
            )
        )


def _meant(short: Scalar) -> str:
    written = wording.short(short.text)
    try:
        scalars.seconds(short)
    except Unfit:
        return f"{'http' if short.text.isdecimal() else 'error'}: {written}"
    return f"after: {written}"


def _word(text: str, like: Scalar) -> Scalar:
    return Scalar(text, text if text != "true" else True, like.place)


def is_word(node: Node | None, text: str) -> bool:
    """Whether a node is this one word."""
    return isinstance(node, Scalar) and node.text == text


def refuses(reply: Node | None) -> bool:
    """Whether the reply means that Daraja accepted nothing."""
    if isinstance(reply, Scalar):
        return reply.text in words.REPLY_FAULTS and reply.text != CUT
    if not isinstance(reply, Mapping):
        return False
    if not reply.entries.keys().isdisjoint(("error", "http")):
        return True
    if "fault" not in reply.entries or is_word(reply.get("fault"), CUT):
        return False
    accepted = reply.get("accepted")
    return not (isinstance(accepted, Scalar) and accepted.value is True)
