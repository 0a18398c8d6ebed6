"""The tree of a scenario file: mappings, sequences and scalars that know where they stand."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from darajasim.scenarios.source import Place
from darajasim.scenarios.wording import quoted

Path = tuple[str | int, ...]

_INTEGER = re.compile(r"-?(?:0|[1-9][0-9]{0,17})")
_FLOAT = re.compile(r"-?(?:0|[1-9][0-9]{0,17})\.[0-9]{1,18}")
_WORDS: dict[str, bool | None] = {"": None, "~": None, "null": None, "true": True, "false": False}

Value = str | int | float | bool | None


def resolve(text: str) -> Value:
    """What an unquoted scalar means: null, true, false, a plain decimal number, or else text.

    Phone numbers, times, dates, `NO`, `on` and `1_000` stay text, unlike in YAML 1.1.
    """
    if text in _WORDS:
        return _WORDS[text]
    if _INTEGER.fullmatch(text):
        return int(text)
    return float(text) if _FLOAT.fullmatch(text) else text


@dataclass(frozen=True, slots=True)
class Origin:
    """The row of `cases:` that a value came from."""

    case: str
    column: str
    place: Place


@dataclass(frozen=True, slots=True)
class Scalar:
    """A value without parts.

    Attributes:
        text: as written, without quotes.
        value: what it means.
        origin: set when a case's value stands here.
        escaped: `$${` was written for a `${` that stands for itself.
        unknown: a placeholder without a value stands here; that mistake has been noted.
    """

    text: str
    value: Value
    place: Place
    quoted: bool = False
    origin: Origin | None = None
    unknown: bool = False
    escaped: bool = False

    @property
    def is_null(self) -> bool:
        """Whether nothing is written here, or `null`."""
        return self.value is None


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a mapping."""

    key: Scalar
    value: "Node"


@dataclass(frozen=True, slots=True)
class Mapping:
    """Entries by key, in the order of the file. Keys are text."""

    entries: dict[str, Entry]
    place: Place
    origin: Origin | None = None

    def entry(self, name: str) -> Entry | None:
        """The entry with this key, if any."""
        return self.entries.get(name)

    def get(self, name: str) -> "Node | None":
        """The value at this key, if any."""
        found = self.entries.get(name)
        return found.value if found else None


@dataclass(frozen=True, slots=True)
class Sequence:
    """Items in the order of the file."""

    items: "tuple[Node, ...]"
    place: Place
    origin: Origin | None = None


Node = Scalar | Mapping | Sequence


def plain(node: Node) -> object:
    """Dictionaries and lists whose leaves are `Scalar`, as the models read them."""
    if isinstance(node, Mapping):
        return {key: plain(entry.value) for key, entry in node.entries.items()}
    if isinstance(node, Sequence):
        return [plain(item) for item in node.items]
    return node


def at(root: Node, path: Path) -> Node:
    """The node at the end of `path`, or the last one on the way that exists."""
    node = root
    for step in path:
        found: Node | None = None
        if isinstance(node, Mapping) and isinstance(step, str):
            found = node.get(step)
        elif isinstance(node, Sequence) and isinstance(step, int) and step < len(node.items):
            found = node.items[step]
        elif step == 0:  # the only item of a list, written without one
            found = node
        if found is None:
            return node
        node = found
    return node


def key_at(root: Node, path: Path) -> Scalar | None:
    """The key that `path` ends with, if it is written in the file."""
    parent = at(root, path[:-1]) if path else None
    if not isinstance(parent, Mapping) or not isinstance(path[-1], str):
        return None
    found = parent.entries.get(path[-1])
    return found.key if found else None


def children(node: Node) -> Iterator[Node]:
    """The values directly below a node."""
    if isinstance(node, Mapping):
        yield from (entry.value for entry in node.entries.values())
    elif isinstance(node, Sequence):
        yield from node.items


def described(node: object) -> str:
    """What a message says it found."""
    if isinstance(node, Mapping | dict):
        return "a mapping (`key: value` lines)"
    if isinstance(node, Sequence | list):
        return "a list"
    if isinstance(node, Scalar):
        return _described_scalar(node)
    return "nothing"


def _described_scalar(node: Scalar) -> str:
    if node.text == "" and not node.quoted:
        shown = "nothing"
    elif node.text == "":
        shown = "an empty text"
    else:
        shown = quoted(node.text)
    if node.origin is None:
        return shown
    origin = node.origin
    return f"{shown}, from `{origin.column}` of case `{origin.case}` on line {origin.place.line}"
