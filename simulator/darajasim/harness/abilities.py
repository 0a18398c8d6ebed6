"""What a scenario needs of the application under test, beside being paid."""

from __future__ import annotations

from collections.abc import Iterator

from darajasim.harness.merchant import Ability
from darajasim.scenarios.expectations import Expectations
from darajasim.scenarios.scenario import Scenario
from darajasim.scenarios.steps import (
    Await,
    Balance,
    InSequence,
    PayOut,
    Process,
    Reverse,
    Step,
    Together,
)

_WORDS = {
    Ability.PAY_OUT: "pay a customer (`pay_out`)",
    Ability.BALANCE: "ask for its balance (`balance`)",
    Ability.REVERSE: "give a payment back (`reverse`)",
    Ability.RESTART: "be stopped, killed and started again",
    Ability.CLIENT: "show its Daraja client (`await`, `client`, `outcome`, `query`)",
}


def lacking(scenario: Scenario, abilities: frozenset[Ability]) -> str | None:
    """Why a scenario cannot be played against an application with these abilities, or None."""
    missing = [ability for ability in Ability if ability in needed(scenario) - abilities]
    if not missing:
        return None
    words = " and ".join(_WORDS[ability] for ability in missing)
    return f"the application under test cannot {words}"


def needed(scenario: Scenario) -> frozenset[Ability]:
    """The abilities that a scenario asks for."""
    return frozenset((*_of_steps(scenario.steps), *_of_expectations(scenario.expect)))


def _of_steps(steps: tuple[Step, ...]) -> Iterator[Ability]:
    for step in steps:
        match step:
            case PayOut():
                yield Ability.PAY_OUT
            case Balance():
                yield Ability.BALANCE
            case Reverse():
                yield Ability.REVERSE
            case Process():
                yield Ability.RESTART
            case Await():
                yield Ability.CLIENT
            case Together(steps=within) | InSequence(steps=within):
                yield from _of_steps(within)


def _of_expectations(expect: Expectations) -> Iterator[Ability]:
    watched = (expect.client, expect.outcome, expect.query)
    if any(watched) or any(payment.client for payment in expect.payments):
        yield Ability.CLIENT
