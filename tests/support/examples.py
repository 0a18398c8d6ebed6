"""How many examples Hypothesis tries of a law."""

import os

TIMES = float(os.environ.get("EXAMPLES_TIMES", "1"))
"""Before a release 10."""


def examples(usual: int) -> int:
    """`usual` in the gate, which has ten minutes for everything."""
    return max(1, round(usual * TIMES))
