"""Whole payment histories: pushes, customers, callbacks and queries, in one order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import product
from typing import Any

from hypothesis import strategies as st

from darajasim.strategies.amount import CEILING, amounts
from darajasim.strategies.arguments import flag, whole_range
from darajasim.strategies.history import Ask, History, HistoryPush, Move, Pause, Rest

PHONES = ("254722000000", "254722000001", "254110000002")
SECONDS = (1, 5, 30, 61, 600)
ACTIONS = ("approve", "cancel", "dismiss", "ignore", "expire", "wrong-pin", "unreachable", "busy")
Words = Mapping[str, Any]
"""Some attributes of a push."""
CUSTOMERS: Sequence[Words] = [
    {},
    *({"customer": does} for does in ACTIONS),
    *({"customer": does, "acts_after": after} for does in ACTIONS for after in SECONDS),
]
REPLIES: Sequence[Words] = [
    *({} for _ in range(6)),  # most pushes are taken up, so that something follows
    {"reply": HistoryPush.LOST},
    {"reply": HistoryPush.LOST},
    {"reply": "spike-arrest"},
    {"reply": "internal-error"},
]
CALLBACKS: Sequence[Words] = [
    {},
    {"callbacks": 0},
    {"callbacks": 2},
    {"callbacks": 3},
    {"callback_first": True},
    {"callback_first": True, "callbacks": 2, "callback_apart": 5},
    *({"callback_after": after} for after in SECONDS),
    *({"callbacks": 2, "callback_apart": apart} for apart in SECONDS),
    *({"callbacks": 2, "callback_after": 61, "callback_apart": apart} for apart in SECONDS),
]
BALANCES = (50_000, 1_000, 100, 0)
LONGEST = 50
"""Moves that a history may have at most."""


def payment_histories(
    *, min_size: int = 1, max_size: int = 8, max_amount: int = 1_000, faults: bool = True
) -> st.SearchStrategy[History]:
    """Histories of one merchant and up to three customers; they shrink to one push of a shilling.

    Play them with `play`, write them out with `as_scenario`.

    Args:
        min_size: moves at least, from 1.
        max_size: moves at most, up to 50.
        max_amount: shillings of a push at most, up to 250000.
        faults: False for acknowledgements that arrive and callbacks that are sent once, in time.

    Raises:
        InvalidArgument: an argument is none of that.
    """
    low, high = whole_range(
        min_value=min_size, max_value=max_size, low=1, high=LONGEST, what="moves"
    )
    flag("faults", faults)
    whole_range(min_value=max_amount, max_value=max_amount, low=1, high=CEILING, what="shillings")
    push = _pushes(max_amount, faults=faults)
    others = st.lists(push | _OTHER_MOVES, min_size=low - 1, max_size=high - 1)
    return st.builds(_history, push, others, st.sampled_from(_PURSES))


_PURSES = list(product(BALANCES, repeat=len(PHONES)))
_OTHER_MOVES = st.sampled_from([*map(Pause, SECONDS), Rest()]) | st.integers(0, LONGEST)
"""A number stands for a query about that push, counted round."""


def _pushes(max_amount: int, *, faults: bool) -> st.SearchStrategy[Words]:
    """Everything of a push but its name and reference. Few draws, so that it shrinks well."""
    return st.builds(
        _told,
        phone=st.sampled_from(PHONES),
        amount=amounts(max_value=max_amount),
        customer=st.sampled_from(CUSTOMERS),
        reply=st.sampled_from(REPLIES if faults else [{}]),
        callback=st.sampled_from(CALLBACKS if faults else [{}]),
    )


def _told(*, phone: str, amount: int, customer: Words, reply: Words, callback: Words) -> Words:
    """Without what would say nothing: what is refused has no customer and no callback."""
    told = {"phone": phone, "amount": amount, **reply}
    if reply.get("reply", HistoryPush.LOST) != HistoryPush.LOST:
        return told
    # An acknowledgement that is lost cannot wait for its callback.
    first = bool(reply and callback.get("callback_first"))
    return {**told, **customer, **({} if first else callback)}


def _history(
    first: Words, others: Sequence[Words | Move | int], balances: Sequence[int]
) -> History:
    """Names for the pushes, and one of these for every query."""
    moves: list[Move] = []
    names: list[str] = []
    for found in (first, *others):
        if isinstance(found, Mapping):
            number = len(names) + 1
            names.append(f"p{number}")
            moves.append(HistoryPush(name=f"p{number}", reference=f"INV-{number}", **found))
        elif isinstance(found, int):
            moves.append(Ask(names[found % len(names)]))
        else:
            moves.append(found)
    used = {move.phone for move in moves if isinstance(move, HistoryPush)}
    purses = [pair for pair in zip(PHONES, balances, strict=True) if pair[0] in used]
    return History(tuple(moves), tuple(purses))
