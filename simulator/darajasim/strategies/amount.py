"""Amounts of payments."""

from __future__ import annotations

from hypothesis import strategies as st

from darajasim.strategies.arguments import whole_range

CEILING = 250_000
"""Shillings: what one M-PESA payment may be at most (documented)."""
_HIGHEST = 10**9 - 1


def amounts(*, min_value: int = 1, max_value: int = CEILING) -> st.SearchStrategy[int]:
    """Whole shillings, both ends included; they shrink towards `min_value`.

    Raises:
        InvalidArgument: an end is no whole number of 1 to 999999999, or they are in the wrong
            order.
    """
    low, high = whole_range(
        min_value=min_value, max_value=max_value, low=1, high=_HIGHEST, what="shillings"
    )
    return st.integers(low, high)
