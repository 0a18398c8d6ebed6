"""JSON that a scenario sends, and what stands in it for values that are known only in a run.

`${first.ConversationID}` is what the step `first` brought; `${credential:secret}` is that password,
encrypted for the simulator.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from darajasim.scenarios.complaint import Unfit
from darajasim.scenarios.nodes import Scalar

_HOLE = re.compile(
    r"\$\{(?:credential:(?P<password>[^{}]*)|(?P<name>[a-z0-9-]+)\.(?P<key>[^{}]+))\}"
)


@dataclass(frozen=True, slots=True)
class Reference:
    """A value that an earlier step brought.

    Attributes:
        name: of the step.
        key: `receipt`, or a key of its answer or of its last callback.
    """

    name: str
    key: str

    def __str__(self) -> str:
        return f"${{{self.name}.{self.key}}}"


@dataclass(frozen=True, slots=True)
class Credential:
    """An initiator's password, to be encrypted."""

    password: str

    def __str__(self) -> str:
        return "${credential:***}"


@dataclass(frozen=True, slots=True)
class Template:
    """A text with holes."""

    parts: tuple[str | Reference | Credential, ...]

    def __str__(self) -> str:
        return "".join(map(str, self.parts))


Document = Any
"""None, bool, int, Decimal, str, Template, and lists and dictionaries of them."""


def is_hole(written: str) -> bool:
    """Whether `${…}` is one of ours, and not a placeholder of `cases:`."""
    return _HOLE.fullmatch(written) is not None


def document(raw: object) -> Document:
    """The JSON value that a plain tree stands for: numbers as written, 0722000000 as text.

    Raises:
        Unfit: without complaints, where a placeholder has no value.
    """
    if isinstance(raw, dict):
        return {key: document(value) for key, value in raw.items()}
    if isinstance(raw, list):
        return [document(item) for item in raw]
    if not isinstance(raw, Scalar):
        raise TypeError(f"expected a tree of scalars, found {raw!r}")
    if raw.unknown:
        raise Unfit
    if isinstance(raw.value, float):
        return Decimal(raw.text)
    return text(raw) if isinstance(raw.value, str) else raw.value


def text(raw: Scalar) -> str | Template:
    """The text of a scalar, with its holes."""
    if raw.escaped or not _HOLE.search(raw.text):
        return raw.text
    parts: list[str | Reference | Credential] = []
    end = 0
    for hole in _HOLE.finditer(raw.text):
        parts += [raw.text[end : hole.start()]] if hole.start() > end else []
        password = hole["password"]
        parts.append(
            Reference(hole["name"], hole["key"]) if password is None else Credential(password)
        )
        end = hole.end()
    parts += [raw.text[end:]] if end < len(raw.text) else []
    return Template(tuple(parts))


def references(tree: object) -> Iterator[tuple[Scalar, Reference]]:
    """Every reference in a plain tree, with the scalar that it stands in."""
    if isinstance(tree, dict):
        for value in tree.values():
            yield from references(value)
    elif isinstance(tree, list):
        for item in tree:
            yield from references(item)
    elif isinstance(tree, Scalar) and isinstance(found := text(tree), Template):
        yield from ((tree, part) for part in found.parts if isinstance(part, Reference))
