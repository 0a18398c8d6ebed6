"""What is different in a callback on purpose: what it says, its bytes, its headers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

PROMISED = 10
"""With `wrong_length`: how many bytes more than are sent the Content-Length promises."""
SOURCE_HEADER = "X-Forwarded-For"
"""In which header a source address stands, as a proxy in front of the merchant writes it."""


@dataclass(frozen=True, slots=True)
class Alteration:
    """Every part is optional; what is None or False is as Daraja sends it.

    Attributes:
        result: key of the catalogue row that it tells of, whatever happened; of a push only.
        wrong_amount: another amount, in whole shillings, where the callback carries one.
        wrong_phone: another MSISDN, where it carries one.
        unknown_id: it speaks of an id that Daraja never issued.
        extra: further fields, by name.
        form: the base profile that it is written by: `documented`, `observed` or `legacy`; of a
            push only.
        truncated: the second half of the body is missing, and Content-Length says so.
        wrong_length: Content-Length promises more bytes than are sent.
        content_type: another Content-Type.
        source: the address that SOURCE_HEADER names.
    """

    result: str | None = None
    wrong_amount: int | None = None
    wrong_phone: str | None = None
    unknown_id: bool = False
    extra: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}), hash=False)
    form: str | None = None
    truncated: bool = False
    wrong_length: bool = False
    content_type: str | None = None
    source: str | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """What is altered, as a scenario writes it: `wrong_amount: 1`."""
        return tuple(self._names())

    def _names(self) -> Iterator[str]:
        for name in self.__slots__:
            value = getattr(self, name)
            if value is True:
                yield name
            elif name == "extra":
                yield from (f"extra: {key}" for key in value)
            elif value is not None and value is not False:
                yield f"{name}: {value}"


HARMLESS = frozenset({"extra", "form", "source"})
"""Alterations that leave true what the callback says, and readable to whoever reads JSON."""
UNALTERED = Alteration()


def misleads(altered: tuple[str, ...]) -> bool:
    """Whether a callback with these alterations tells the merchant less than the truth."""
    return any(name.partition(":")[0] not in HARMLESS for name in altered)
