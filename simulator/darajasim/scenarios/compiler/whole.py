"""From a checked model to the plain values of a `Scenario`, each with its place in the file."""

from collections.abc import Mapping as PythonMapping
from pathlib import Path as FilePath

from darajasim.scenarios.cases import Variant
from darajasim.scenarios.chaos import Chaos
from darajasim.scenarios.compiler.answers import answer
from darajasim.scenarios.compiler.chaos import timed
from darajasim.scenarios.compiler.expect import expectations
from darajasim.scenarios.compiler.places import Places
from darajasim.scenarios.compiler.rules import rule
from darajasim.scenarios.compiler.steps import StepCompiler
from darajasim.scenarios.compiler.world import world
from darajasim.scenarios.model.file import ScenarioFile
from darajasim.scenarios.model.world import ProfilePart
from darajasim.scenarios.nodes import Mapping, Node, plain
from darajasim.scenarios.scenario import ProfileChoice, Scenario
from darajasim.scenarios.source import Source
from darajasim.scenarios.vocabulary import Vocabulary, knob_value


def compiled(  # noqa: PLR0917  # it is where all of them meet
    model: ScenarioFile,
    variant: Variant,
    source: Source,
    vocabulary: Vocabulary,
    path: FilePath,
    profiles: PythonMapping[str, Chaos],
) -> Scenario:
    """The scenario of one row of a file that has no mistakes.

    Args:
        profiles: the chaos profiles that it names.
    """
    places = Places(variant.root, source)
    stepper = StepCompiler(places)
    steps = stepper.steps(model.steps or [])
    case = variant.case
    return Scenario(
        name=model.scenario if case.name is None else f"{model.scenario}[{case.name}]",
        about=model.about,
        tags=tuple(model.tags or ()),
        seed=model.seed,
        profile=_profile(model.profile, variant.root.get("profile"), vocabulary),
        world=world(model.world),
        rules=tuple(
            rule(part, places, ("rules", index), vocabulary)
            for index, part in enumerate(model.rules or ())
        ),
        answers=tuple(map(answer, model.answers or ())),
        steps=steps,
        expect=expectations(
            model.expect,
            places,
            last_payment=stepper.last_payment,
            last_call=stepper.last_call,
        ),
        chaos=tuple(timed(part, profiles[part.profile]) for part in model.chaos or ()),
        path=path,
        source_text_hash=source.sha256,
        where=source.line_of(case.place),
    )


def _profile(
    part: ProfilePart | None, node: Node | None, vocabulary: Vocabulary
) -> ProfileChoice | None:
    if part is None:
        return None
    entries = node.entries if isinstance(node, Mapping) else {}
    knobs = {
        name: knob_value(vocabulary.knobs[name], plain(entry.value))
        for name, entry in entries.items()
        if name in vocabulary.knobs
    }
    return ProfileChoice(part.base or "observed", knobs)
