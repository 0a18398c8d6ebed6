"""The smallest example of a strategy, found as a failing test would find it."""

from random import Random

from hypothesis import HealthCheck, Phase, find, settings

SHRINKING = settings(
    database=None,
    max_examples=10_000,
    # To explain an example costs ten times what it costs to find it.
    phases=[Phase.generate, Phase.shrink],
    suppress_health_check=list(HealthCheck),
)


def smallest(strategy, wanted=lambda _: True):
    """What a test that fails for everything that is `wanted` would show."""
    # Seeded, so that a rare example that is found today is found in every random order of tests.
    return find(strategy, wanted, settings=SHRINKING, random=Random(0))
