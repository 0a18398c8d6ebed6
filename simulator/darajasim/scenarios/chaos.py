"""Chaos profiles: bad hours of Daraja, as small files, that end by themselves.

A wave changes knobs of the profile, and puts rules before all others, for as long as it lasts.
Waves may overlap; of two that set the same knob the later one counts while both last.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from darajasim.core.events import ChaosBegan, ChaosEnded
from darajasim.core.namespace import Namespace
from darajasim.core.profile import Profile
from darajasim.core.rules import Rule
from darajasim.scenarios.rule_spec import RuleSpec

Knobs = Mapping[str, bool | int | float | str]


@dataclass(frozen=True, slots=True)
class Wave:
    """What is otherwise for a while. Times are in seconds.

    Attributes:
        at: after the beginning of the whole.
    """

    at: float
    lasts: float
    knobs: Knobs
    rules: tuple[RuleSpec, ...] = ()

    @property
    def until(self) -> float:
        """When it is over, after the beginning of the whole."""
        return self.at + self.lasts


@dataclass(frozen=True, slots=True)
class Chaos:
    """A profile, and when it begins in a scenario.

    Attributes:
        given: what the command line calls it; "" when the scenario asks for it.
    """

    name: str
    about: str
    waves: tuple[Wave, ...]
    at: float = 0.0
    given: str = ""

    @property
    def lasts(self) -> float:
        """Seconds from its beginning to its end."""
        return max(wave.until for wave in self.waves)

    def lasting(self, seconds: float) -> "Chaos":
        """The same, stretched or shrunk so that it lasts so long."""
        factor = seconds / self.lasts
        waves = tuple(
            replace(wave, at=wave.at * factor, lasts=wave.lasts * factor) for wave in self.waves
        )
        return replace(self, waves=waves)

    def beginning(self, seconds: float) -> "Chaos":
        """The same, so much later."""
        return replace(self, at=self.at + seconds)


@dataclass(slots=True, eq=False)
class _Raging:
    """The waves that are up in a namespace, oldest first, and its profile without them."""

    calm: Profile | None = None
    waves: list[Wave] = field(default_factory=list)


def unleash(chaos: Chaos, namespace: Namespace) -> None:
    """Let the waves come and go on the namespace's clock. Nobody waits for them to end."""
    for wave in chaos.waves:
        _Tide(chaos, wave, namespace).set_out()


@dataclass(slots=True, eq=False)
class _Tide:
    """One wave in one namespace."""

    chaos: Chaos
    wave: Wave
    namespace: Namespace
    rules: list[Rule] = field(default_factory=list)

    def set_out(self) -> None:
        at = self.chaos.at + self.wave.at
        self.namespace.timeline.after(at + self.wave.lasts, self._end, background=True)
        if at <= 0:
            self._begin()
        else:
            self.namespace.timeline.after(at, self._begin, background=True)

    def _begin(self) -> None:
        namespace, raging = self.namespace, self.namespace.book(_Raging)
        if not raging.waves:
            raging.calm = namespace.profile
        raging.waves.append(self.wave)
        self.rules = [spec.new() for spec in self.wave.rules]
        namespace.rules.rules[:0] = self.rules
        _blow(namespace, raging)
        changes = ", ".join(f"{name}={value}" for name, value in self.wave.knobs.items())
        at = namespace.clock.time()
        namespace.journal.append(ChaosBegan(at, self.chaos.name, changes, self.wave.lasts))

    def _end(self) -> None:
        namespace, raging = self.namespace, self.namespace.book(_Raging)
        raging.waves[:] = [wave for wave in raging.waves if wave is not self.wave]
        gone = set(map(id, self.rules))
        kept = [rule for rule in namespace.rules.rules if id(rule) not in gone]
        namespace.rules.rules[:] = kept
        _blow(namespace, raging)
        namespace.journal.append(ChaosEnded(namespace.clock.time(), self.chaos.name))


def _blow(namespace: Namespace, raging: _Raging) -> None:
    if raging.calm is not None:
        knobs = {name: value for wave in raging.waves for name, value in wave.knobs.items()}
        namespace.profile = replace(raging.calm, **knobs)  # type: ignore[arg-type]  # checked
