"""Callbacks with one change, as networks, gateways and other people's code make them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st
from hypothesis.errors import InvalidArgument

from darajasim.core.wire import dumps
from darajasim.strategies.arguments import choice, some
from darajasim.strategies.callback import Callback
from darajasim.strategies.confirmation import confirmations
from darajasim.strategies.result import results
from darajasim.strategies.stk_callback import stk_callbacks

CHANGES = (
    "wrong amount",
    "another id",
    "another outcome",
    "missing field",
    "wrong type",
    "doubled key",
    "truncated",
    "trailing bytes",
    "extra fields",
    "reordered keys",
)
HARMLESS = frozenset({"extra fields", "reordered keys"})
"""Changes after which a callback still says the same."""
_TYPES: Sequence[Any] = (True, [], {}, None)
_KINDS: Mapping[str, Callable[[], st.SearchStrategy[Callback]]] = {
    "stk": stk_callbacks,
    "result": results,
    "confirmation": confirmations,
}
_WITH_AMOUNTS: Mapping[str, Callable[[], st.SearchStrategy[Callback]]] = {
    "stk": lambda: stk_callbacks(paid=True),
    "result": lambda: (
        results(operation="b2c_payment", succeeded=True)
        | results(operation="b2b_payment", succeeded=True)
        | results(operation="reversal", succeeded=True)
    ),
    "confirmation": confirmations,
}
_BOXES: Mapping[str, Sequence[str]] = {"stk": ("Body", "stkCallback"), "result": ("Result",)}
"""Where the fields are; those of a confirmation stand at the top."""
_IDS: Mapping[str, Sequence[str]] = {
    "stk": ("CheckoutRequestID", "MerchantRequestID"),
    "result": ("ConversationID", "OriginatorConversationID"),
    "confirmation": ("TransID",),
}
_VITAL: Mapping[str, Sequence[str]] = {
    "stk": (*_IDS["stk"], "ResultCode"),
    "result": (*_IDS["result"], "ResultCode"),
    "confirmation": ("TransID", "TransAmount", "TransTime", "BusinessShortCode"),
}
"""Fields without which a callback says nothing that can be believed."""
_ITEMS: Mapping[str, tuple[str, str, str]] = {
    "stk": ("CallbackMetadata", "Item", "Name"),
    "result": ("ResultParameters", "ResultParameter", "Key"),
}
_AMOUNTS = frozenset({"Amount", "TransactionAmount", "TransAmount"})
_VITAL_ITEMS = frozenset({"Amount", "MpesaReceiptNumber", "TransactionDate", "PhoneNumber"})


@dataclass(frozen=True, slots=True)
class MutatedCallback:
    """A callback with one change.

    Attributes:
        original: as Daraja sent it.
        change: what was done, one of `CHANGES`.
        field: to which field; "" for the whole.
        raw: the body's bytes now.
    """

    original: Callback
    change: str
    field: str
    raw: bytes

    @property
    def harmless(self) -> bool:
        """Whether it still says the same, so that it must be read as the original is."""
        return self.change in HARMLESS


def mutated_callbacks(
    *,
    kind: str = "stk",
    of: st.SearchStrategy[Callback] | None = None,
    changes: Sequence[str] = CHANGES,
) -> st.SearchStrategy[MutatedCallback]:
    """Valid callbacks with exactly one change.

    After a harmless one (more fields, another order of keys) a handler must read what it would
    have read; after any other it must refuse, or read something else, never an equal payment.

    Args:
        kind: `stk`, `result` or `confirmation`.
        of: the callbacks to change, of that kind; by default any valid one.
        changes: which of `CHANGES`.

    Raises:
        InvalidArgument: an argument is none of that.
    """
    choice("kind", kind, _KINDS)
    if of is not None and not isinstance(of, st.SearchStrategy):
        raise InvalidArgument(f"of is a strategy of callbacks, not {of!r}")
    some("changes", changes, CHANGES)
    possible = [each for each in changes if kind != "confirmation" or each != "another outcome"]
    if not possible:
        raise InvalidArgument("a confirmation has no outcome that could be another")
    if of is None:
        of = (_WITH_AMOUNTS if set(possible) == {"wrong amount"} else _KINDS)[kind]()

    def one(original: Callback, place: int, number: int, order: int) -> MutatedCallback | None:
        # Rather another change than none, so that few callbacks are drawn for nothing.
        for offset in range(len(possible)):
            change = possible[(place + offset) % len(possible)]
            if (found := _mutated(original, change, number, order)) is not None:
                return found
        return None

    numbers = st.integers(0, 10**6)
    changed = st.builds(one, of, st.integers(0, len(possible) - 1), numbers, numbers)
    return changed.flatmap(lambda found: st.nothing() if found is None else st.just(found))


def _mutated(original: Callback, change: str, number: int, order: int) -> MutatedCallback | None:
    """The callback after its change; None where it has nothing that could be changed so."""
    raw = original.raw
    if change == "truncated":
        return MutatedCallback(original, change, "", raw[: number % len(raw)])
    if change == "trailing bytes":
        return MutatedCallback(original, change, "", raw + (b"}", b"x", b"{}", b"]")[number % 4])
    body = deepcopy(original.body)
    fields = body
    for name in _BOXES.get(original.kind, ()):
        fields = fields[name]
    if change == "reordered keys":
        _reorder(fields, original.kind, order)
        return MutatedCallback(original, change, "", dumps(body))
    if change == "doubled key":
        return _doubled(original, _VITAL[original.kind], number)
    field = _ONE_FIELD[change](original.kind, fields, number)
    return MutatedCallback(original, change, field, dumps(body)) if field is not None else None


def _items(kind: str, fields: dict[str, Any]) -> list[dict[str, Any]]:
    """The pairs of name and value; one that stands alone is no list."""
    if kind not in _ITEMS:
        return []
    box, item, _ = _ITEMS[kind]
    found = fields.get(box, {}).get(item, [])
    return found if isinstance(found, list) else [found]


def _reorder(fields: dict[str, Any], kind: str, order: int) -> None:
    """Keys in another order, and in a list of pairs the pairs too."""
    items = _items(kind, fields)
    for mapping in (fields, *items):
        pairs = _rearranged(list(mapping.items()), order)
        mapping.clear()
        mapping.update(pairs)
    items[:] = _rearranged(items, order)


def _rearranged(things: list[Any], order: int) -> list[Any]:
    """The permutation of this number; 0 is the reverse."""
    left, made = things[::-1], []
    while left:
        order, place = divmod(order, len(left))
        made.append(left.pop(place))
    return made


def _doubled(original: Callback, names: Sequence[str], number: int) -> MutatedCallback:
    """A key that stands twice, with two values: readers differ on which of them counts."""
    name = names[number % len(names)]
    key = f'"{name}":'.encode()
    raw = original.raw.replace(key, key + b'"0",' + key, 1)
    return MutatedCallback(original, "doubled key", name, raw)


def _wrong_amount(kind: str, fields: dict[str, Any], number: int) -> str | None:
    """More than was paid, by at least a shilling."""
    more = 1 + number
    for name in _AMOUNTS & fields.keys():
        whole, _, cents = str(fields[name]).partition(".")
        fields[name] = f"{int(whole) + more}.{cents}"
        return name
    if kind in _ITEMS:
        named = _ITEMS[kind][2]
        for item in _items(kind, fields):
            if item[named] in _AMOUNTS and "Value" in item:
                item["Value"] += more
                return str(item[named])
    return None


def _another_id(kind: str, fields: dict[str, Any], number: int) -> str:
    name = _IDS[kind][number % len(_IDS[kind])]
    fields[name] = f"{fields[name]}{number % 10}"
    return name


def _another_outcome(_kind: str, fields: dict[str, Any], number: int) -> str | None:
    """A success becomes a failure, a failure a success."""
    if "ResultCode" not in fields:
        return None
    was_success = str(fields["ResultCode"]) == "0"
    fields["ResultCode"] = (1, 17, 1032, 2001)[number % 4] if was_success else 0
    return "ResultCode"


def _places(kind: str, fields: dict[str, Any]) -> list[tuple[dict[str, Any], str, str]]:
    """Every vital value: what holds it, its key there, its name."""
    found = [(fields, name, name) for name in _VITAL[kind]]
    if kind == "stk":
        items = _items(kind, fields)
        found += [(item, "Value", item["Name"]) for item in items if item["Name"] in _VITAL_ITEMS]
    return found


def _missing(kind: str, fields: dict[str, Any], number: int) -> str:
    places = _places(kind, fields)
    holder, key, name = places[number % len(places)]
    del holder[key]
    return name


def _wrong_type(kind: str, fields: dict[str, Any], number: int) -> str:
    places = _places(kind, fields)
    holder, key, name = places[number % len(places)]
    holder[key] = deepcopy(_TYPES[number // len(places) % len(_TYPES)])
    return name


def _extra(_kind: str, fields: dict[str, Any], number: int) -> str:
    name = ("Extra", "ResultParameter2", "x-trace", "é")[number % 4]
    fields[name] = (number, "text", None, {"nested": [number]})[number // 4 % 4]
    return name


_ONE_FIELD: Mapping[str, Callable[[str, dict[str, Any], int], str | None]] = {
    "wrong amount": _wrong_amount,
    "another id": _another_id,
    "another outcome": _another_outcome,
    "missing field": _missing,
    "wrong type": _wrong_type,
    "extra fields": _extra,
}
