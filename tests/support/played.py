"""Scenarios as text, played."""

from contextlib import asynccontextmanager

from darajasim.harness.player import Player
from darajasim.harness.runner import run_scenario
from darajasim.harness.stage import set_stage
from support.scenario_text import HEAD, one

EXPECT = "expect: {payment: {amount: 100}}"
PAY = "- pay: {phone: 0722000000, amount: 100, reference: INV-1, as: first}"


def scenario(*sections: str):
    """The scenario `shown` with these sections."""
    return one(HEAD + "\n".join(sections) + "\n")


def played(*sections: str, seed: int = 1):
    """How the scenario `shown` with these sections ends."""
    return run_scenario(scenario(*sections), seed)


@asynccontextmanager
async def player(*sections: str, seed: str = "1/shown"):
    """A player on the stage of the scenario `shown` with these sections."""
    async with set_stage(scenario(*sections), seed) as stage:
        yield Player(stage)
