"""Comparing two Darajas with scenarios, one after the other."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field

from darajasim.comparing.difference import Comparison, Difference
from darajasim.comparing.playing import Play, play
from darajasim.comparing.remote_side import RemoteSide
from darajasim.comparing.side import Account, Side, SideError, SimulatedSide
from darajasim.core.profile import Profile
from darajasim.harness.virtual_loop import VirtualLoop
from darajasim.scenarios.scenario import Scenario


@dataclass(frozen=True, slots=True)
class Daraja:
    """Which Daraja a side is.

    Attributes:
        profile: of a simulator in this process; None for one behind `base`.
        base: scheme, host and port; "" for one in this process.
    """

    profile: Profile | None = None
    base: str = ""
    account: Account = field(default_factory=Account)
    port: int = 0
    public: str | None = None
    patience: float = 30.0

    async def side(self, name: str, scenario: Scenario, stack: AsyncExitStack) -> Side:
        """Ready to be asked; closed with the stack.

        Raises:
            SideError: it cannot be reached.
        """
        if self.profile is not None:
            here = SimulatedSide(name, scenario, self.profile, f"{name}/{scenario.name}")
            stack.push_async_callback(here.close)
            return here
        there = RemoteSide(
            self.base,
            self.account,
            port=self.port,
            public=self.public,
            patience=self.patience,
        )
        stack.push_async_callback(there.close)
        await there.open(scenario)
        return there


@dataclass(frozen=True, slots=True)
class Compared:
    """What came of one scenario.

    Attributes:
        requests: how many were compared.
        skipped: steps that were not, by where they stand.
    """

    scenario: str
    requests: int
    differences: tuple[Difference, ...]
    skipped: tuple[str, ...]


def run(
    scenarios: Iterable[Scenario],
    left: Daraja,
    right: Daraja,
    *,
    ignored: frozenset[str] = frozenset(),
    watch: Callable[[Compared], None] = lambda _one: None,
) -> list[Compared]:
    """`compare` on a loop of its own: in virtual time where both sides are of this process.

    Raises:
        SideError: a side cannot be reached.
    """
    both = left.profile is not None and right.profile is not None
    factory = VirtualLoop if both else None
    with asyncio.Runner(loop_factory=factory) as runner:
        return runner.run(compare(scenarios, left, right, ignored=ignored, watch=watch))


async def compare(
    scenarios: Iterable[Scenario],
    left: Daraja,
    right: Daraja,
    *,
    ignored: frozenset[str] = frozenset(),
    watch: Callable[[Compared], None],
) -> list[Compared]:
    """Send the requests of scenarios to both, and list what differs.

    Args:
        watch: takes each scenario's result as it is ready.

    Raises:
        SideError: a side cannot be reached.
    """
    found = []
    for scenario in scenarios:
        found.append(await _one(scenario, left, right, ignored))
        watch(found[-1])
    return found


async def _one(
    scenario: Scenario, left: Daraja, right: Daraja, ignored: frozenset[str]
) -> Compared:
    async with AsyncExitStack() as stack:
        ours = await left.side("left", scenario, stack)
        theirs = await right.side("right", scenario, stack)
        # Who is waited for in real time is asked last, and told how many callbacks to wait for.
        if isinstance(ours, RemoteSide) and not isinstance(theirs, RemoteSide):
            two = await play(scenario, theirs, None)
            one = await play(scenario, ours, two)
        else:
            one = await play(scenario, ours, None)
            two = await play(scenario, theirs, one)
        for side, done in ((ours, one), (theirs, two)):
            _check_token(side, done)
        differences = Comparison(scenario.name, ignored).differences(one, two)
        return Compared(scenario.name, len(one.played), tuple(differences), _skipped(one, two))


def _check_token(side: Side, done: Play) -> None:
    """A simulator may be told to give no token; another Daraja should give one.

    Raises:
        SideError: it did not.
    """
    answer = done.played[0].answer
    if isinstance(side, RemoteSide) and not side.simulated and done.tokenless:
        found = answer.fault or f"HTTP {answer.status}"
        raise SideError(
            f"expected an access token of {side.name}, found {found}: are consumer key and secret "
            "right?"
        )


def _skipped(one: Play, two: Play) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*one.skipped, *two.skipped)))
