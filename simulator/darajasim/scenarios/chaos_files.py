"""Chaos profiles from files: those that come with darajasim, and others."""

from pathlib import Path

from darajasim.scenarios import bundled
from darajasim.scenarios.chaos import Chaos
from darajasim.scenarios.encoding import decode
from darajasim.scenarios.errors import Mistake, ScenarioErrors, ScenarioNotFound
from darajasim.scenarios.finding import read, shown
from darajasim.scenarios.vocabulary import Vocabulary, default_vocabulary
from darajasim.scenarios.wording import did_you_mean, listing

FOLDER = "_chaos"


def files() -> dict[str, Path]:
    """The bundled profiles by name, in alphabetical order."""
    home = bundled.folder()
    found = (home / FOLDER).glob("*.yaml") if home else ()
    return {path.stem: path for path in sorted(found)}


def names() -> tuple[str, ...]:
    """The names of the bundled profiles."""
    return tuple(files())


def chaos(named: str) -> Chaos:
    """The profile of a bundled name, or of a file.

    Raises:
        ScenarioError: there is none, or whatever is wrong with it.
    """
    known = files()
    path = known.get(named) or Path(named)
    if named not in known and not path.is_file():
        mistake = Mistake(
            named,
            "no chaos profile has this name, and there is no such file",
            expected=f"{listing(known)}, or a file" if known else "a file",
            advice=did_you_mean(path.stem, tuple(known)),
        )
        raise ScenarioNotFound([mistake])
    return load(path)


def load(path: Path, vocabulary: Vocabulary | None = None) -> Chaos:
    """The profile of one file.

    Raises:
        ScenarioError: whatever is wrong with it, all mistakes at once.
    """
    # PyYAML and pydantic: on first use only.
    from darajasim.scenarios import validation  # noqa: PLC0415
    from darajasim.scenarios.compiler.chaos import compiled  # noqa: PLC0415
    from darajasim.scenarios.model.chaos import ChaosFile  # noqa: PLC0415
    from darajasim.scenarios.yaml_tree import read_document  # noqa: PLC0415

    words = vocabulary or default_vocabulary(None)
    source = decode(read(path), shown(path))
    root, mistakes = read_document(source)
    if root is None:
        raise ScenarioErrors(mistakes)
    model, wrong = validation.checked(ChaosFile, root, source, words)
    if model is None or mistakes or wrong:
        raise ScenarioErrors(validation.in_order([*mistakes, *wrong]))
    return compiled(model, root, source, words)
