"""A scenario and what it includes as one text, for those who cannot see our files."""

import json
from pathlib import Path

from darajasim.scenarios import including
from darajasim.scenarios.encoding import decode
from darajasim.scenarios.errors import ScenarioErrors
from darajasim.scenarios.finding import read, shown
from darajasim.scenarios.nodes import Mapping, Node, Sequence
from darajasim.scenarios.source import Source
from darajasim.scenarios.yaml_tree import read_document


def of_file(path: Path) -> bytes:
    """The text of a scenario file. Profiles of chaos stay named: the bundled ones are everywhere.

    Raises:
        ScenarioErrors: it cannot be read, or what it includes cannot.
    """
    return of_source(decode(read(path), shown(path)), path)


def of_source(source: Source, path: Path) -> bytes:
    """The text of a scenario that stands, or would stand, at `path`.

    Raises:
        ScenarioErrors: it cannot be read, or what it includes cannot.
    """
    root, mistakes = read_document(source)
    if root is None:
        raise ScenarioErrors(mistakes)
    whole = including.put_together(root, source, path)
    if mistakes or whole.mistakes:
        raise ScenarioErrors([*mistakes, *whole.mistakes])
    if not whole.sources:
        return source.text.encode()
    return json.dumps(_values(whole.root), ensure_ascii=False, indent=1).encode()


def _values(node: Node) -> object:
    """As JSON has it; what was unquoted and means a number stays one."""
    if isinstance(node, Mapping):
        return {key: _values(entry.value) for key, entry in node.entries.items()}
    if isinstance(node, Sequence):
        return [_values(item) for item in node.items]
    return node.value
