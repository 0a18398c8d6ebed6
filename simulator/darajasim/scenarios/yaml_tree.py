"""YAML as scenarios mean it: events of PyYAML's safe parser, built into a tree by our own rules.

No tag is honoured and no object constructed. Unquoted scalars mean what `nodes.resolve` says, so
that `0722000000`, `1:30` and `NO` stay what a person reads. Duplicate keys are mistakes. Depth and
size are bounded, aliases counted as often as they are used.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

import yaml

from darajasim.scenarios.errors import Mistake
from darajasim.scenarios.nodes import Entry, Mapping, Node, Scalar, Sequence, described, resolve
from darajasim.scenarios.source import Place, Source
from darajasim.scenarios.wording import quoted, short
from darajasim.scenarios.yaml_syntax import LOADER, explain, place_of

MAX_DEPTH = 40
MAX_NODES = 100_000


@dataclass(slots=True)
class _Frame:
    """A mapping or sequence whose end has not come yet."""

    is_mapping: bool
    place: Place
    anchor: str | None
    tagged: bool = False
    items: list[Node] = field(default_factory=list)
    entries: dict[str, Entry] = field(default_factory=dict)
    key: Scalar | None = None
    awaits_value: bool = False
    height: int = 1
    size: int = 1


@dataclass(frozen=True, slots=True)
class _Anchored:
    node: Node
    height: int
    size: int


class _Stop(Exception):  # noqa: N818  # it ends the reading; the mistake has been noted
    """Nothing after this point can be understood."""


def read_document(source: Source) -> tuple[Mapping | None, list[Mistake]]:
    """The document of a file, and the mistakes in its YAML.

    There is none when the text ends in a syntax error, is empty, out of bounds, or no mapping.
    """
    builder = _Builder(source)
    try:
        for event in _events(source):
            builder.take(event)
    except _Stop:
        return None, builder.mistakes
    except yaml.YAMLError as error:
        return None, [*builder.mistakes, explain(error, source)]
    if isinstance(builder.root, Mapping):
        return builder.root, builder.mistakes
    return None, [*builder.mistakes, _no_scenario(source, builder.root)]


def _events(source: Source) -> Iterator[yaml.Event]:
    yield from yaml.parse(source.text, Loader=LOADER)


def _no_scenario(source: Source, root: Node | None) -> Mistake:
    empty = root is None or (isinstance(root, Scalar) and root.is_null)
    return Mistake(
        source.path,
        "the file is empty" if empty else "this is not a scenario",
        root.place if root and not empty else Place(1, 1),
        source,
        expected="lines that begin with `scenario:`, `about:`, `rules:`, `steps:`, `expect:`",
        found="" if root is None or empty else described(root),
        advice="the sections are keys of one mapping: delete the `- ` before them"
        if isinstance(root, Sequence)
        else "begin with `scenario: name-of-the-file` and `about: What it shows.`",
    )


class _Builder:
    def __init__(self, source: Source) -> None:
        self.source = source
        self.mistakes: list[Mistake] = []
        self.root: Node | None = None
        self._stack: list[_Frame] = []
        self._anchors: dict[str, _Anchored | None] = {}
        self._documents = 0

    def take(self, event: yaml.Event) -> None:
        """One event of the parser."""
        match event:
            case yaml.DocumentStartEvent():
                self._document(event)
            case yaml.ScalarEvent():
                self._add(self._scalar(event), 0, 1, event.anchor)
            case yaml.AliasEvent():
                self._alias(event)
            case yaml.CollectionStartEvent():
                self._open(event)
            case yaml.CollectionEndEvent():
                self._close()

    def _document(self, event: yaml.Event) -> None:
        self._documents += 1
        if self._documents > 1:
            self._note(
                "a second document begins here",
                self._place(event),
                expected="one scenario in a file",
                advice="put it into a file of its own, or delete the line `---`",
            )
            raise _Stop

    def _open(self, event: yaml.CollectionStartEvent) -> None:
        place = replace(self._place(event), length=1)
        if len(self._stack) >= MAX_DEPTH:
            self._note(
                "the file is nested too deeply here",
                place,
                expected=f"at most {MAX_DEPTH} levels",
            )
            raise _Stop
        if event.anchor:
            self._anchors[event.anchor] = None
        is_mapping = isinstance(event, yaml.MappingStartEvent)
        tagged = self._is_tagged(event)
        self._stack.append(_Frame(is_mapping, place, event.anchor, tagged))

    def _close(self) -> None:
        frame = self._stack.pop()
        node: Node
        if frame.tagged:
            node = Scalar("", None, frame.place, unknown=True)
        elif frame.is_mapping:
            node = Mapping(frame.entries, frame.place)
        else:
            node = Sequence(tuple(frame.items), frame.place)
        self._add(node, frame.height, frame.size, frame.anchor)

    def _alias(self, event: yaml.AliasEvent) -> None:
        place, name = self._place(event), event.anchor or ""
        anchored = self._anchors.get(name)
        if anchored is None:
            written = short(self.source.after(place)[: place.length])
            self._note(
                f"`{written}` stands inside the value that it names"
                if name in self._anchors
                else "a value that begins with * must be in quotes",
                place,
                expected=f'`"{written}"`',
                found=f"`{written}`, which YAML reads as a reference to a value marked &{name}",
            )
            self._add(Scalar(written, written, place, unknown=True), 0, 1, None)
            return
        self._add(anchored.node, anchored.height, anchored.size, None, place)

    def _add(
        self, node: Node, height: int, size: int, anchor: str | None, place: Place | None = None
    ) -> None:
        """Put a finished value where it belongs. `height` and `size` bound what aliases repeat."""
        if anchor:
            self._anchors[anchor] = _Anchored(node, height, size)
        if not self._stack:
            self.root = node
            return
        frame = self._stack[-1]
        frame.height = max(frame.height, height + 1)
        frame.size += size
        self._bound(frame, place or node.place)
        if not frame.is_mapping:
            frame.items.append(node)
        elif frame.awaits_value:
            self._entry(frame, node)
        else:
            frame.key, frame.awaits_value = self._key(node, place or node.place), True

    def _bound(self, frame: _Frame, place: Place) -> None:
        too_deep = len(self._stack) + frame.height - 1 > MAX_DEPTH
        if too_deep or sum(open_frame.size for open_frame in self._stack) > MAX_NODES:
            self._note(
                "the file grows out of bounds here",
                place,
                expected=f"at most {MAX_NODES:,} values and {MAX_DEPTH} levels, aliases unfolded",
                advice="use fewer aliases, or split the file",
            )
            raise _Stop

    def _key(self, node: Node, place: Place) -> Scalar | None:
        if isinstance(node, Scalar):
            return node
        self._note(
            "this cannot be a key",
            place,
            expected="a word before the colon",
            found="a list or a mapping",
            advice="a text that begins with { or [ must be in quotes",
        )
        return None

    def _entry(self, frame: _Frame, value: Node) -> None:
        key, frame.key, frame.awaits_value = frame.key, None, False
        if key is None:
            return
        first = frame.entries.get(key.text)
        if key.text == "<<" and not key.quoted:
            self._note(
                "`<<` (merging mappings) is not part of the scenario language",
                key.place,
                advice="write the keys out, or use `cases:` to repeat a scenario with other values",
            )
        elif first is not None:
            self._note(
                f"{quoted(key.text)} stands twice in one mapping",
                key.place,
                expected="each key once",
                found=f"the first one on line {first.key.place.line}, "
                f"another on line {key.place.line}",
                advice="delete one of the two",
            )
        else:
            if isinstance(value, Scalar) and not value.text and not value.quoted:
                value = replace(value, place=key.place)
            frame.entries[key.text] = Entry(key, value)

    def _scalar(self, event: yaml.ScalarEvent) -> Scalar:
        is_plain = event.style in (None, "")
        value = resolve(event.value) if is_plain else event.value
        unknown = self._is_tagged(event)
        return Scalar(event.value, value, self._place(event), not is_plain, None, unknown)

    def _is_tagged(self, event: yaml.NodeEvent) -> bool:
        """Whether a value has a tag, which is a mistake and makes the value unknown."""
        tag = getattr(event, "tag", None)
        if tag is None:
            return False
        place = self._place(event)
        written = self.source.after(place)[: place.length]
        if tag.startswith("tag:yaml.org"):
            written = written.split()[0]
            self._note(
                "tags are not allowed in a scenario",
                replace(place, length=len(written)),
                expected="a value without a tag",
                found=quoted(written),
                advice=f"delete {quoted(written)}",
            )
            return True
        self._note(
            "a comparison must be in quotes"
            if written.startswith("!=")
            else "a value that begins with ! must be in quotes",
            place,
            expected=f'`"{short(written)}"`',
            found=quoted(written),
        )
        return True

    def _place(self, event: yaml.Event) -> Place:
        start, end = event.start_mark, event.end_mark
        place = place_of(start)
        if start is None or end is None or getattr(event, "style", None) in ("|", ">"):
            return place
        if end.line == start.line:
            length = end.column - start.column
        else:
            length = len(self.source.after(place).rstrip())
        return Place(place.line, place.column, max(1, length))

    def _note(self, message: str, place: Place, **details: str) -> None:
        self.mistakes.append(Mistake(self.source.path, message, place, self.source, **details))
