"""Where in a file a compiled value stands, as text for reports."""

from dataclasses import dataclass

from darajasim.scenarios.nodes import Node, Path, at, key_at
from darajasim.scenarios.source import Source


@dataclass(frozen=True, slots=True)
class Places:
    """The tree of a file together with its text."""

    root: Node
    source: Source

    def line(self, path: Path) -> str:
        """`file:line` of the value at `path`."""
        return self.source.line_of(at(self.root, path).place)

    def exact(self, path: Path) -> str:
        """`file:line:column` of the value at `path`."""
        return self.source.where(at(self.root, path).place)

    def of_key(self, path: Path) -> str:
        """`file:line:column` of the key that `path` ends with."""
        key = key_at(self.root, path)
        return self.source.where(key.place if key else at(self.root, path).place)
