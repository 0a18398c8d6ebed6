"""The `ResultParameters` and `ReferenceData` of a Result: values by key, whatever their shape."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from decimal import Decimal

from mpesa_pochi import callback_fields
from mpesa_pochi.callback_fields import refused
from mpesa_pochi.errors import RefusalReason
from mpesa_pochi.jsontext import kind

Value = str | int | Decimal | bool | None

_MAY_REPEAT = frozenset({"DebitPartyName"})
"""Daraja's own sample of a status has it twice (documented); never in traffic."""

_EMPTY: tuple[object, ...] = (None, "", {}, [])
"""What XML turned into JSON can have for nothing; absent in every capture."""


class Parameters(Mapping[str, Value]):
    """Values by key: text, `int`, or `Decimal` with the digits that were sent. A key without a
    Value is None (seen); so an empty value and a missing key read the same through the accessors.
    """

    __slots__ = ("_values",)

    def __init__(self, values: Mapping[str, Value]) -> None:
        self._values = dict(values)

    def __getitem__(self, key: str) -> Value:
        return self._values[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def __hash__(self) -> int:
        return hash(frozenset(self._values.items()))

    def __repr__(self) -> str:
        return f"Parameters({self._values!r})"

    def text(self, *names: str) -> str | None:
        """The first of these that is there, as text. Daraja makes a number of an account reference
        that looks like one (seen), and no one can tell which zeros it began with.
        """
        value = self._first(names)[1]
        return None if value is None else str(value)

    def money(self, *names: str) -> Decimal | None:
        """The first of these that is there, in shillings, exactly as sent.

        Raises:
            CallbackRefused: it is no number.
        """
        name, value = self._first(names)
        return None if value is None else callback_fields.money(name, value)

    def moment(self, *names: str) -> datetime | None:
        """The first of these that is there, as an aware moment in Nairobi.

        Raises:
            CallbackRefused: it is neither `YYYYMMDDHHMMSS` nor `DD.MM.YYYY HH:MM:SS`.
        """
        name, value = self._first(names)
        return None if value is None else callback_fields.moment(name, value)

    def _first(self, names: tuple[str, ...]) -> tuple[str, Value]:
        found = ((name, self._values.get(name)) for name in names)
        return next(((name, value) for name, value in found if value not in {None, ""}), ("", None))


def parse_parameters(fields: Mapping[str, object], container: str, item: str) -> Parameters:
    """`{container: {item: [{Key, Value}, …]}}`: one item is an object, several an array (seen);
    the container may be absent, and so may each Value.

    Raises:
        CallbackRefused: another shape, a value that is no scalar, or one key with two values.
    """
    values: dict[str, Value] = {}
    for each in _listed(fields.get(container), container, item):
        key = each.get("Key") if isinstance(each, dict) else None
        if not isinstance(each, dict) or not isinstance(key, str):
            raise refused(RefusalReason.WRONG_SHAPE, f"each {item} must be an object with a Key")
        value = _scalar(callback_fields.storable(f"a Key in {container}", key), each.get("Value"))
        if key not in values:
            values[key] = value
        elif values[key] != value and key not in _MAY_REPEAT:
            raise refused(RefusalReason.DUPLICATE_ITEM, f"{key} with two values")
    return Parameters(values)


def _listed(value: object, container: str, item: str) -> list[object]:
    if value in _EMPTY:
        return []
    if not isinstance(value, dict) or item not in value:
        raise refused(RefusalReason.WRONG_SHAPE, f"{container} must be {{{item}: …}}")
    held = value[item]
    if held in _EMPTY:
        return []
    return held if isinstance(held, list) else [held]


def _scalar(name: str, value: object) -> Value:
    if value is None or isinstance(value, bool | int | Decimal):
        return value
    if isinstance(value, str):
        return callback_fields.storable(name, value)
    raise refused(RefusalReason.WRONG_TYPE, f"{name} must not be {kind(value)}")
