"""The part `events:` of the section `expect:`."""

from collections.abc import Iterator, Sequence
from typing import Any, ClassVar

from darajasim.scenarios import scalars
from darajasim.scenarios.complaint import Complaint, Unfit
from darajasim.scenarios.happenings import Happening, happenings
from darajasim.scenarios.matching import text_test
from darajasim.scenarios.model import conditions, leaves
from darajasim.scenarios.model.part import Part, optional, required
from darajasim.scenarios.model.words import ACTIONS
from darajasim.scenarios.nodes import Mapping, Node, Scalar
from darajasim.scenarios.nodes import Sequence as NodeSequence
from darajasim.scenarios.products import kinds, products
from darajasim.scenarios.vocabulary import Vocabulary
from darajasim.scenarios.wording import did_you_mean, quoted, some

_EXAMPLE = "callback-attempted stk"
_SHORT: dict[str, Any] = {"type": "string"}


class EventPart(Part):
    title: ClassVar[str] = "an expected event"
    short_form: ClassVar[dict[str, Any] | None] = _SHORT

    event: leaves.Text = required("What happens: a kind, and perhaps a word.", _EXAMPLE)
    of: leaves.PaymentName | None = optional("Of which payment or call.", "first")
    with_: conditions.FieldTests | None = optional(
        "Conditions on its fields, by the names that `--events` has.", "{status: 200}", alias="with"
    )

    @classmethod
    def long_form(cls, short: Scalar) -> dict[str, object]:
        return super().long_form(short) if short.is_null else {"event": short}

    @classmethod
    def complaints(cls, node: Mapping, vocabulary: Vocabulary) -> Iterator[Complaint]:  # noqa: ARG003
        event = node.get("event")
        if not isinstance(event, Scalar) or event.unknown or event.is_null:
            return
        try:
            happening = kind_of(event)
        except Unfit as unfit:
            yield from scalars.below(unfit, "event")
            return
        if node.get("of") is not None and not happening.named:
            yield Complaint(
                f"a `{happening.kind}` does not tell which payment it is about",
                "an event that has a subject, such as request-answered",
                at=("of",),
                on_key=True,
                advice="delete `of`, or put conditions on its fields below `with`",
            )
        given = node.get("with")
        for name in given.entries if isinstance(given, Mapping) else ():
            if name not in happening.fields:
                yield Complaint(
                    f"a `{happening.kind}` has no field {quoted(name)}",
                    some(happening.fields),
                    quoted(name),
                    did_you_mean(name, happening.fields),
                    ("with", name),
                    on_key=True,
                )


class NextEventPart(EventPart):
    title: ClassVar[str] = "an event of `order`"

    after: leaves.Seconds | None = optional("At least so long after the one before it.", "5s")
    within: leaves.Seconds | None = optional("At most so long after the one before it.", "30s")


class EventsPart(Part):
    title: ClassVar[str] = "`events`"

    order: list[NextEventPart] | None = optional(
        "These happen, each after the one before it, whatever happens between them."
    )
    never: list[EventPart] | None = optional("None of these happens.")
    at_most_once: list[EventPart] | None = optional("Each of these happens once, or not at all.")
    times: dict[str, conditions.CountTest] | None = optional(
        f"How often each of these happens, such as `{_EXAMPLE}: 2`."
    )

    @classmethod
    def complaints(cls, node: Mapping, vocabulary: Vocabulary) -> Iterator[Complaint]:  # noqa: ARG003
        for name in ("order", "never", "at_most_once"):
            yield from _short_ones(name, node.get(name))
        times = node.get("times")
        for name, entry in times.entries.items() if isinstance(times, Mapping) else ():
            try:
                kind_of(entry.key)
            except Unfit as unfit:
                for complaint in unfit.complaints:
                    yield _at_key(complaint, name)


def _short_ones(name: str, listed: Node | None) -> Iterator[Complaint]:
    """Events that are written as a single text, which is looked at nowhere else."""
    if isinstance(listed, NodeSequence) and not listed.items:
        yield Complaint("there is no event in the list", f"at least one, such as {_EXAMPLE}", "[]",
                        at=(name,))  # fmt: skip
    for index, item in enumerate(listed.items if isinstance(listed, NodeSequence) else ()):
        if isinstance(item, Scalar) and not item.unknown and not item.is_null:
            try:
                kind_of(item)
            except Unfit as unfit:
                for complaint in scalars.below(unfit, index):
                    yield from scalars.below(Unfit(complaint), name)


def _at_key(complaint: Complaint, name: str) -> Complaint:
    return Complaint(
        complaint.message,
        complaint.expected,
        complaint.found,
        complaint.advice,
        ("times", name),
        on_key=True,
    )


def kind_of(event: Scalar) -> Happening:
    """The kind of event that a text names, whose word has been looked at.

    Raises:
        Unfit: there is no such kind, or it has no such word.
    """
    kind, _, word = event.text.strip().partition(" ")
    known = happenings()
    if kind not in known:
        raise Unfit(
            Complaint(
                "unknown kind of event",
                f"what the journal tells of, such as {_EXAMPLE} or prompt-sent",
                quoted(event.text),
                did_you_mean(kind, tuple(known)),
            )
        )
    if word := word.strip():
        _check_word(event, known[kind], word)
    return known[kind]


def _check_word(event: Scalar, happening: Happening, word: str) -> None:
    if happening.word is None:
        raise Unfit(
            Complaint(
                f"nothing stands behind `{happening.kind}`",
                f"`{happening.kind}` alone",
                quoted(event.text),
                "conditions on its fields are written below `with`",
            )
        )
    text_test(Scalar(word, word, event.place))
    options = _options(happening.word)
    if options and word not in options and not set(word) & set("*?/"):
        raise Unfit(
            Complaint(
                f"no `{happening.kind}` has this {happening.word}",
                some(options),
                quoted(word),
                did_you_mean(word, options),
            )
        )


def _options(field: str) -> Sequence[str]:
    """The words that there are, where they are known."""
    match field:
        case "operation":
            return tuple(products())
        case "callback":
            return kinds()
        case "action":
            return ACTIONS
        case _:
            return ()
