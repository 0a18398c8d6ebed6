"""A compiled scenario: plain values that the engine and the simulator's core understand."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from darajasim.core.profile import Profile
from darajasim.core.rules import Fault, Rule
from darajasim.core.world import WorldOverlay
from darajasim.scenarios.chaos import Chaos
from darajasim.scenarios.expectations import Expectations
from darajasim.scenarios.rule_spec import RuleSpec
from darajasim.scenarios.steps import Step


@dataclass(frozen=True, slots=True)
class ProfileChoice:
    """The profile that a scenario asks for, with the knobs it sets alone."""

    base: str
    knobs: Mapping[str, bool | int | float | str] = field(default_factory=dict)

    def profile(self) -> Profile:
        """The profile itself."""
        return Profile.named(self.base, **self.knobs)


@dataclass(frozen=True, slots=True)
class AnswerSpec:
    """What the scenario's own callback URLs answer.

    Attributes:
        to: which callbacks, by what the journal calls them, or `any`.
        calls: which of these, counted from 1; empty means all.
        after: seconds until the answer.
        fault: what happens to the connection instead.
    """

    to: str
    calls: frozenset[int] = frozenset()
    status: int = 200
    body: bytes = b'{"ResultCode":0,"ResultDesc":"Accepted"}'
    content_type: str = "application/json"
    after: float = 0.0
    fault: Fault | None = None


@dataclass(frozen=True, slots=True)
class Scenario:
    """One behaviour, ready to run. Of a file with `cases:` each row is a scenario of its own.

    Attributes:
        name: unique in its file: `customer-cancels`, or `amounts[one-shilling]` for a case.
        seed: None when the file does not say.
        profile: None when the file does not say.
        path: the file.
        source_text_hash: SHA-256 of the file's bytes, in hexadecimal.
        where: `file:line` of the scenario or of the case's row.
        chaos: bad hours that come in it.
    """

    name: str
    about: str
    tags: tuple[str, ...]
    seed: int | None
    profile: ProfileChoice | None
    world: WorldOverlay
    rules: tuple[RuleSpec, ...]
    answers: tuple[AnswerSpec, ...]
    steps: tuple[Step, ...]
    expect: Expectations
    path: Path
    source_text_hash: str
    where: str
    chaos: tuple[Chaos, ...] = ()

    def new_rules(self) -> list[Rule]:
        """Fresh rules for one run, in order."""
        return [spec.new() for spec in self.rules]
