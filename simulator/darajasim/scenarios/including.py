"""`include:` and `world: file.yaml`: what several scenarios share, in files of its own.

Works on trees, before anything is validated, so that what is shared is looked at as if it stood in
the scenario; each value remembers the file that it stands in.

Where files may be: in the folder of the scenario or below it, also once links have been followed.
"""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath

from darajasim.core import msisdn
from darajasim.scenarios import chaos_files
from darajasim.scenarios.case_table import mistake_at
from darajasim.scenarios.chaos import Chaos
from darajasim.scenarios.complaint import Complaint
from darajasim.scenarios.encoding import decode
from darajasim.scenarios.errors import Mistake, ScenarioError
from darajasim.scenarios.finding import read, shown
from darajasim.scenarios.nodes import Entry, Mapping, Node, Scalar, Sequence, described
from darajasim.scenarios.source import Place, Source
from darajasim.scenarios.wording import did_you_mean, listing, quoted
from darajasim.scenarios.yaml_tree import read_document

MAX_FILES = 50
"""How many files one scenario may be put together from."""
SHARED = ("world", "rules", "answers")
"""The sections that an included file may have."""
INCLUDED_KEYS = ("about", "include", *SHARED)
_ENDINGS = (".yaml", ".yml")
_LISTS = {
    "customers": "phone",
    "organisations": "shortcode",
    "initiators": "name",
    "apps": "consumer_key",
}
"""What the entries of the lists of a world are known by."""


@dataclass(slots=True)
class Whole:
    """A scenario with what it includes.

    Attributes:
        sources: the other files, in the order in which they were read.
        chaos: the profiles of `chaos`, by what is written.
    """

    root: Mapping
    mistakes: list[Mistake] = field(default_factory=list)
    sources: list[Source] = field(default_factory=list)
    chaos: dict[str, Chaos] = field(default_factory=dict)


def put_together(root: Mapping, source: Source, file: Path | None) -> Whole:
    """The scenario with what it includes in place.

    What the file says itself comes first: of two rules that match, and of two entries about the
    same customer, its own.

    Args:
        file: where the scenario stands; None for one that has no place among files.
    """
    reader = _Reader(source, file.parent if file else None)
    merged = reader.chaos(reader.file(root, reader.home, (source.path,)))
    return Whole(merged, reader.mistakes, reader.sources, reader.profiles)


def hashed(source: Source, others: Iterable[Source]) -> Source:
    """The source, with a hash of everything that the scenario was put together from."""
    sums = [source.sha256, *(other.sha256 for other in others)]
    if len(sums) == 1:
        return source
    return replace(source, sha256=hashlib.sha256(" ".join(sums).encode()).hexdigest())


@dataclass(slots=True)
class _Reader:
    """Reads the files of one scenario.

    Attributes:
        home: the folder that no file may be outside of; None: nothing can be included.
        seen: files whose sections are there already; one that is named twice counts once.
    """

    source: Source
    home: Path | None
    mistakes: list[Mistake] = field(default_factory=list)
    sources: list[Source] = field(default_factory=list)
    seen: set[Path] = field(default_factory=set)
    profiles: dict[str, Chaos] = field(default_factory=dict)

    def file(self, root: Mapping, folder: Path | None, chain: tuple[str, ...]) -> Mapping:
        """A file's tree without `include`, with what it includes."""
        entries = {name: entry for name, entry in root.entries.items() if name != "include"}
        if world := root.entry("world"):
            entries["world"] = replace(world, value=self._world(world.value, folder, chain))
        merged = replace(root, entries=entries)
        for name in self._names(root.get("include")):
            if (found := self._found(name, folder, chain)) is not None:
                tree, inner, below = found
                self._check_keys(tree)
                merged = _merged(merged, self.file(tree, inner, below))
        return merged

    def _world(self, world: Node, folder: Path | None, chain: tuple[str, ...]) -> Node:
        """A world, with the file that it is taken from."""
        if isinstance(world, Scalar) and not world.unknown and world.text.endswith(_ENDINGS):
            found = self._found(world, folder, chain)
            return found[0] if found else Mapping({}, world.place)
        name = world.get("file") if isinstance(world, Mapping) else None
        if not isinstance(world, Mapping) or not isinstance(name, Scalar) or name.is_null:
            return world
        entries = {key: entry for key, entry in world.entries.items() if key != "file"}
        own = replace(world, entries=entries)
        found = self._found(name, folder, chain)
        return own if found is None else _joined(own, found[0])

    def chaos(self, root: Mapping) -> Mapping:
        """The scenario with a list of what it asks for, whose profiles have been read."""
        entry = root.entry("chaos")
        if entry is None:
            return root
        listed = entry.value
        if not isinstance(listed, Sequence):
            listed = Sequence((listed,), listed.place)
        for item in listed.items:
            name = item.get("profile") if isinstance(item, Mapping) else item
            if isinstance(name, Scalar) and name.text.strip() and not name.is_null:
                self._profile(name)
        entries = root.entries | {"chaos": replace(entry, value=listed)}
        return replace(root, entries=entries)

    def _profile(self, name: Scalar) -> None:
        known = chaos_files.files()
        path, complaint = known.get(name.text), None
        if path is None and not name.text.endswith(_ENDINGS):
            complaint = Complaint(
                "unknown chaos profile",
                f"{listing(known)}, or a file" if known else "a file",
                described(name),
                did_you_mean(name.text, tuple(known)),
            )
        elif path is None and not (complaint := self._misplaced(name.text, self.home)):
            path = (self.home or Path()) / PurePosixPath(name.text)
        if complaint is not None:
            self._note(complaint, name.place)
        if path is not None:
            try:
                self.profiles[name.text] = chaos_files.load(path)
                self.sources.append(decode(read(path), shown(path)))
            except ScenarioError as error:
                self.mistakes += error.mistakes

    def _names(self, include: Node | None) -> Iterator[Scalar]:
        if include is None:
            return
        for node in include.items if isinstance(include, Sequence) else (include,):
            if isinstance(node, Scalar) and node.text.strip():
                yield node
            else:
                example = "the name of a file, such as shared/shop.yaml, or a list of them"
                self._note(Complaint("this is no file", example, described(node)), node.place)

    def _found(
        self, name: Scalar, folder: Path | None, chain: tuple[str, ...]
    ) -> tuple[Mapping, Path, tuple[str, ...]] | None:
        """The tree of a file, its folder, and the way to it; None when it is not to be had."""
        complaint = self._misplaced(name.text, folder)
        if complaint is None and folder is not None:
            path = folder / PurePosixPath(name.text)
            if shown(path) in chain:
                way = " → ".join([*chain[chain.index(shown(path)) :], shown(path)])
                complaint = Complaint(
                    "the files include one another", "an end somewhere", way, "delete one `include`"
                )
            elif path.resolve() in self.seen:
                return None
            elif len(self.sources) >= MAX_FILES:
                complaint = Complaint("too many files are included", f"at most {MAX_FILES}")
            elif (tree := self._read(path, name)) is not None:
                return tree, path.parent, (*chain, shown(path))
        if complaint is not None:
            self._note(complaint, name.place)
        return None

    def _misplaced(self, written: str, folder: Path | None) -> Complaint | None:
        """What is wrong with where a file is."""
        expected = "a file in the scenario's folder or below it, such as shared/shop.yaml"
        if folder is None or self.home is None:
            message = "a scenario that comes as text cannot take anything from files"
            return Complaint(message, "everything in the text itself", quoted(written))
        pure = PurePosixPath(written)
        if pure.is_absolute() or ".." in pure.parts or "\\" in written or ":" in written:
            return Complaint(
                "only files in the scenario's folder or below it can be taken",
                expected,
                quoted(written),
                "put what is shared into a folder below that of the scenarios",
            )
        try:
            path = (folder / pure).resolve()
            inside, there = path.is_relative_to(self.home.resolve()), path.is_file()
        except (OSError, ValueError, RuntimeError) as error:
            return Complaint("this cannot be a file", expected, f"{quoted(written)}: {error}")
        if not inside:
            return Complaint("a link leads out of the scenario's folder", expected, quoted(written))
        if not there:
            near = sorted(each.name for each in path.parent.glob("*.y*ml"))
            advice = did_you_mean(pure.name, near)
            return Complaint("there is no such file", expected, quoted(written), advice)
        return None

    def _read(self, path: Path, name: Scalar) -> Mapping | None:
        try:
            source = decode(read(path), shown(path))
        except ScenarioError as error:
            self.mistakes += error.mistakes
            return None
        self.seen.add(path.resolve())
        self.sources.append(source)
        tree, mistakes = read_document(source)
        self.mistakes += mistakes
        if tree is None and not mistakes:
            self._note(Complaint("there is nothing in this file", "sections", ""), name.place)
        return None if tree is None else _placed(tree, source)

    def _check_keys(self, tree: Mapping) -> None:
        for name, entry in tree.entries.items():
            if name not in INCLUDED_KEYS:
                complaint = Complaint(
                    f"an included file has no key {quoted(name)}",
                    listing(INCLUDED_KEYS),
                    quoted(name),
                    did_you_mean(name, INCLUDED_KEYS),
                )
                self._note(complaint, entry.key.place)

    def _note(self, complaint: Complaint, place: Place) -> None:
        self.mistakes.append(mistake_at(self.source, complaint, place))


def _merged(own: Mapping, other: Mapping) -> Mapping:
    """A file with the sections of another behind its own."""
    entries = dict(own.entries)
    for name in SHARED:
        theirs, mine = other.entry(name), entries.get(name)
        if theirs is None:
            continue
        if mine is None:
            entries[name] = theirs
        elif isinstance(mine.value, Mapping) and isinstance(theirs.value, Mapping):
            entries[name] = replace(mine, value=_joined(mine.value, theirs.value))
        elif isinstance(mine.value, Sequence) and isinstance(theirs.value, Sequence):
            items = (*mine.value.items, *theirs.value.items)
            entries[name] = replace(mine, value=replace(mine.value, items=items))
    return replace(own, entries=entries)


def _joined(own: Mapping, other: Mapping) -> Mapping:
    """Two worlds; where both speak of the same, the first."""
    entries = dict(own.entries)
    for name, theirs in other.entries.items():
        mine = entries.get(name)
        if mine is None:
            entries[name] = theirs
        elif isinstance(mine.value, Sequence) and isinstance(theirs.value, Sequence):
            known = set(_keys(mine.value.items, _LISTS.get(name, "")))
            key = _LISTS.get(name, "")
            more = [item for item in theirs.value.items if known.isdisjoint(_keys([item], key))]
            items = (*mine.value.items, *more)
            entries[name] = replace(mine, value=replace(mine.value, items=items))
    return replace(own, entries=entries)


def _keys(items: Iterable[Node], key: str) -> Iterator[str]:
    for item in items:
        value = item.get(key) if isinstance(item, Mapping) else None
        if isinstance(value, Scalar):
            try:
                yield msisdn.normalise(value.text)
            except ValueError:
                yield value.text


def _placed(node: Node, source: Source) -> Mapping:
    """A tree that remembers which file it stands in."""
    placed = _in(node, source)
    if not isinstance(placed, Mapping):
        raise TypeError("expected a mapping")
    return placed


def _in(node: Node, source: Source) -> Node:
    place = replace(node.place, file=source)
    if isinstance(node, Scalar):
        return replace(node, place=place)
    if isinstance(node, Sequence):
        return Sequence(tuple(_in(item, source) for item in node.items), place, node.origin)
    entries = {
        name: Entry(replace(entry.key, place=replace(entry.key.place, file=source)),
                    _in(entry.value, source))
        for name, entry in node.entries.items()
    }  # fmt: skip
    return Mapping(entries, place, node.origin)
