"""A text that must not be shown."""

from hmac import compare_digest
from typing import Never, Self

MASK = "********"


class Secret:
    """Holds a password, key or token; `repr`, `str` and formatting give `********`.

    `reveal()` is the only way to the text, so that `grep reveal` lists every place that sees one.
    It cannot be pickled: a secret in a queue or a cache is a secret in a file.
    """

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        return self._value

    def __repr__(self) -> str:
        return f"Secret('{MASK}')"

    def __str__(self) -> str:
        return MASK

    def __bool__(self) -> bool:
        return bool(self._value)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Secret):
            return NotImplemented
        return compare_digest(_bytes(self._value), _bytes(other._value))

    def __hash__(self) -> int:
        return hash((Secret, self._value))

    def __copy__(self) -> Self:
        return self

    def __deepcopy__(self, memo: object) -> Self:
        return self

    def __reduce__(self) -> Never:
        raise TypeError("a Secret is never pickled: pass where it comes from, not what it holds")


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")
