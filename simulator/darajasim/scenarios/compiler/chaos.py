"""Chaos profiles of the engine, from the model of a file."""

from darajasim.scenarios.chaos import Chaos, Wave
from darajasim.scenarios.compiler.places import Places
from darajasim.scenarios.compiler.rules import rule
from darajasim.scenarios.model.chaos import ChaosFile, ChaosPart, WavePart
from darajasim.scenarios.nodes import Mapping, Path, at, plain
from darajasim.scenarios.source import Source
from darajasim.scenarios.vocabulary import Vocabulary, knob_value


def compiled(model: ChaosFile, root: Mapping, source: Source, vocabulary: Vocabulary) -> Chaos:
    """The profile of a file that has no mistakes."""
    places = Places(root, source)
    waves = [
        _wave(part, places, ("waves", index), vocabulary) for index, part in enumerate(model.waves)
    ]
    return Chaos(model.chaos, model.about, tuple(waves))


def _wave(part: WavePart, places: Places, path: Path, vocabulary: Vocabulary) -> Wave:
    profile = at(places.root, (*path, "profile"))
    entries = profile.entries if part.profile is not None and isinstance(profile, Mapping) else {}
    knobs = {
        name: knob_value(vocabulary.knobs[name], plain(entry.value))
        for name, entry in entries.items()
    }
    rules = tuple(
        rule(each, places, (*path, "rules", index), vocabulary)
        for index, each in enumerate(part.rules or ())
    )
    return Wave(part.at or 0.0, part.for_, knobs, rules)


def timed(part: ChaosPart, chaos: Chaos) -> Chaos:
    """A profile as a scenario asks for it."""
    lasting = chaos if part.for_ is None else chaos.lasting(part.for_)
    return lasting.beginning(part.at or 0.0)
