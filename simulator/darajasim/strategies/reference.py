"""Texts of a merchant's own: account references, descriptions, remarks."""

from __future__ import annotations

import string

from hypothesis import strategies as st

from darajasim.core.catalogue import MAGIC_PREFIX, RESULT_PREFIX
from darajasim.strategies.arguments import whole_range

LONGEST = 12
"""Characters of an AccountReference that every profile takes (documented)."""
_EDGE = string.digits + string.ascii_uppercase + string.ascii_lowercase
_INNER = _EDGE + "-_./# "


def references(*, min_size: int = 1, max_size: int = LONGEST) -> st.SearchStrategy[str]:
    """Account references as merchants write them: `INV-1`, `Plot 9/b`; they shrink to `0`.

    Letters, digits, and in between spaces and `-_./#`. None is a magic value of the simulator.

    Args:
        min_size: characters at least, from 1.
        max_size: characters at most, up to 1000. Daraja takes 12 (documented).

    Raises:
        InvalidArgument: a size is out of bounds, or they are the wrong way round.
    """
    low, high = whole_range(
        min_value=min_size, max_value=max_size, low=1, high=1000, what="characters"
    )
    if high == 1:
        return st.sampled_from(_EDGE)
    longer = st.builds(
        lambda first, inner, last: first + inner + last,
        st.sampled_from(_EDGE),
        st.text(_INNER, min_size=max(low - 2, 0), max_size=high - 2),
        st.sampled_from(_EDGE),
    ).filter(is_plain)
    return st.sampled_from(_EDGE) | longer if low == 1 else longer


def is_plain(text: str) -> bool:
    """Whether the simulator takes a text as it is: it asks for no refusal and no result."""
    return not text.startswith((MAGIC_PREFIX, RESULT_PREFIX))
