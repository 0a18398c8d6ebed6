"""A chaos profile as a file, and the section `chaos:` of a scenario."""

from collections.abc import Iterator
from typing import Any, ClassVar

from darajasim.scenarios.chaos_files import names
from darajasim.scenarios.complaint import Complaint, Unfit
from darajasim.scenarios.model import leaves
from darajasim.scenarios.model.part import Part, optional, required
from darajasim.scenarios.model.rules import RulePart
from darajasim.scenarios.model.world import ProfilePart
from darajasim.scenarios.nodes import Mapping, Scalar, Sequence, described
from darajasim.scenarios.vocabulary import Vocabulary


class KnobsPart(ProfilePart):
    """Knobs alone: a wave has no profile of its own."""

    title: ClassVar[str] = "the `profile` of a wave"
    short_form: ClassVar[dict[str, Any] | None] = None

    @classmethod
    def keys(cls, vocabulary: Vocabulary) -> tuple[str, ...]:
        return tuple(vocabulary.knobs)

    @classmethod
    def long_form(cls, short: Scalar) -> dict[str, object]:
        example = "knobs such as `callback_loss_rate: 1`"
        raise Unfit(Complaint(f"{cls.title} is a mapping", example, described(short)))


class WavePart(Part):
    title: ClassVar[str] = "a wave"

    at: leaves.Seconds | None = optional("When it begins (at once).", "10m")
    for_: leaves.Lasting = required("How long it lasts.", "20m", alias="for")
    profile: KnobsPart | None = optional("The knobs that are set meanwhile.")
    rules: list[RulePart] | None = optional("Rules that stand before all others meanwhile.")

    @classmethod
    def complaints(cls, node: Mapping, vocabulary: Vocabulary) -> Iterator[Complaint]:  # noqa: ARG003
        if not {"profile", "rules"} & node.entries.keys():
            yield Complaint("this wave changes nothing", "`profile` or `rules` in it")


class ChaosFile(Part):
    title: ClassVar[str] = "a chaos profile"

    chaos: leaves.Slug = required("Its name: that of the file without .yaml.", "callback-outage")
    about: leaves.Sentence = required("One sentence: what goes wrong.", "No callback arrives.")
    waves: list[WavePart] = required("What is otherwise, and when.", "[{for: 20m, …}]")

    @classmethod
    def complaints(cls, node: Mapping, vocabulary: Vocabulary) -> Iterator[Complaint]:  # noqa: ARG003
        waves = node.get("waves")
        if isinstance(waves, Sequence) and not waves.items:
            yield Complaint("there is no wave in the list", "at least one", "[]", at=("waves",))


class ChaosPart(Part):
    title: ClassVar[str] = "`chaos`"
    short_form: ClassVar[dict[str, Any] | None] = {"type": "string", "examples": list(names())}

    profile: leaves.Text = required("A bundled name, or a file.", "callback-outage")
    at: leaves.Seconds | None = optional("When it begins (at once).", "10s")
    for_: leaves.Lasting | None = optional(
        "How long it lasts, in place of the profile's own time.", "20m", alias="for"
    )

    @classmethod
    def long_form(cls, short: Scalar) -> dict[str, object]:
        return super().long_form(short) if short.is_null else {"profile": short}
