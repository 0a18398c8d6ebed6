"""From a target file to its model, or to every mistake in it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from pydantic import ValidationError

from darajasim.harness.target.model import TargetFile
from darajasim.scenarios.encoding import decode
from darajasim.scenarios.errors import Mistake, ScenarioErrors
from darajasim.scenarios.finding import read, shown
from darajasim.scenarios.nodes import Mapping, plain
from darajasim.scenarios.shape import all_parts, misshapen
from darajasim.scenarios.source import Place, Source
from darajasim.scenarios.validation import named, placed, wrong_values
from darajasim.scenarios.vocabulary import default_vocabulary
from darajasim.scenarios.wording import listing
from darajasim.scenarios.yaml_tree import read_document

_OTHER_HOME = "is the indentation right?"


@dataclass(frozen=True, slots=True)
class Target:
    """A target file that has been read.

    Attributes:
        path: the file; folders in it are relative to its folder.
    """

    path: Path
    file: TargetFile

    @property
    def name(self) -> str:
        """What the file calls the application."""
        return self.file.target


def load_target(path: Path) -> Target:
    """Read a target file.

    Raises:
        ScenarioError: it cannot be read, or whatever is wrong in it, all mistakes at once.
    """
    source = decode(read(path), shown(path))
    root, mistakes = read_document(source)
    if root is None:
        raise ScenarioErrors(_of_targets(mistake) for mistake in mistakes)
    model, wrong = _validated(root, source)
    if model is None or mistakes:
        raise ScenarioErrors([*mistakes, *wrong])
    return Target(path, model)


def _validated(root: Mapping, source: Source) -> tuple[TargetFile | None, list[Mistake]]:
    words, model = default_vocabulary(), None
    found = [
        (path, named(complaint, path)) for path, complaint in misshapen(TargetFile, root, words)
    ]
    try:
        model = TargetFile.model_validate(plain(root), context=words)
    except ValidationError as error:
        found += wrong_values(error, root)
    mistakes = [_at_home(mistake, source) for mistake in placed(found, root, source)]
    return (None, mistakes) if mistakes else (model, [])


def _at_home(mistake: Mistake, source: Source) -> Mistake:
    """The advice about keys that belong elsewhere speaks of scenarios; here it is of targets."""
    unknown = "has no key" in mistake.message and not mistake.advice
    if mistake.place is None or not (unknown or mistake.advice.endswith(_OTHER_HOME)):
        return mistake
    name = source.after(mistake.place)[: mistake.place.length]
    homes = [
        part.title for part in all_parts(TargetFile) if name in part.keys(default_vocabulary())
    ]
    told = f"`{name}` is a key of {listing(homes, 'and')}: {_OTHER_HOME}" if homes else ""
    return replace(mistake, advice=told)


def _of_targets(mistake: Mistake) -> Mistake:
    """What is said of a file that is no mapping at all, in words for this kind of file."""
    if mistake.message not in ("the file is empty", "this is not a scenario"):
        return mistake
    return replace(
        mistake,
        message=mistake.message.replace("a scenario", "a target"),
        place=mistake.place or Place(1, 1),
        expected="lines that begin with `target:`, `url:`, `start:`, `pay:`, `status:`",
        advice="begin with `target: my-shop` and `url: http://127.0.0.1:${app.port}`",
    )
