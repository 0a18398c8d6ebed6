"""Loading: from paths and names to compiled scenarios, or to every mistake in them."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from darajasim.scenarios import bundled
from darajasim.scenarios.encoding import decode
from darajasim.scenarios.errors import Mistake, ScenarioError, ScenarioErrors
from darajasim.scenarios.finding import PathLike, find, read, shown
from darajasim.scenarios.scenario import Scenario
from darajasim.scenarios.source import Place, Source
from darajasim.scenarios.vocabulary import Knob, Vocabulary, default_vocabulary

if TYPE_CHECKING:
    from darajasim.scenarios.cases import Variant


def bundled_names() -> list[str]:
    """The names of the scenarios that come with darajasim."""
    return list(bundled.files())


def load_file(
    path: PathLike,
    *,
    knobs: Mapping[str, Knob] | None = None,
    vocabulary: Vocabulary | None = None,
) -> list[Scenario]:
    """The scenarios of one file: one, or one for each row of its `cases:`.

    Args:
        path: a file, or the name of a bundled scenario.
        knobs: what a profile may set (default: the knobs of `darajasim.core.profile`).
        vocabulary: rows and knobs together, in place of `knobs`.

    Raises:
        ScenarioError: whatever is wrong, all mistakes at once.
    """
    scenarios: list[Scenario] = []
    words = vocabulary or default_vocabulary(knobs)
    for file in find(path):
        scenarios += _load(file, words)
    return scenarios


def load_each(
    paths: Iterable[PathLike], *, knobs: Mapping[str, Knob] | None = None
) -> Iterator[tuple[str, list[Scenario] | ScenarioError]]:
    """Each file that `paths` stand for, once, as it is shown to people, with what came of it."""
    words = default_vocabulary(knobs)
    seen: set[Path] = set()
    for named in paths:
        try:
            files = find(named)
        except ScenarioError as error:
            yield shown(Path(named)), error
            continue
        for file in files:
            key = file.absolute()
            if key not in seen:
                seen.add(key)
                yield shown(file), _result(file, words)


def load_paths(
    paths: Iterable[PathLike], *, knobs: Mapping[str, Knob] | None = None
) -> list[Scenario]:
    """The scenarios of files, folders and bundled names, in the order given.

    Raises:
        ScenarioError: whatever is wrong in any of them, all mistakes of all files at once.
    """
    scenarios: list[Scenario] = []
    errors: list[ScenarioError] = []
    for _, result in load_each(paths, knobs=knobs):
        if isinstance(result, ScenarioError):
            errors.append(result)
        else:
            scenarios += result
    if len(errors) == 1:
        raise errors[0]
    if errors:
        raise ScenarioErrors(mistake for error in errors for mistake in error.mistakes)
    return scenarios


def _result(file: Path, vocabulary: Vocabulary) -> list[Scenario] | ScenarioError:
    try:
        return _load(file, vocabulary)
    except ScenarioError as error:
        return error


def _load(file: Path, vocabulary: Vocabulary) -> list[Scenario]:
    return load_source(decode(read(file), shown(file)), file, vocabulary, on_disk=True)


def load_source(
    source: Source, path: Path, vocabulary: Vocabulary, *, on_disk: bool = False
) -> list[Scenario]:
    """The scenarios of a text that has been read from `path`.

    Args:
        on_disk: whether it was; what comes otherwise cannot include files.

    Raises:
        ScenarioErrors: what is wrong with it.
    """
    # PyYAML and pydantic take longer to import than most files take to load: on first use only.
    from darajasim.scenarios import cases, including, repeats, validation  # noqa: PLC0415
    from darajasim.scenarios.compiler.whole import compiled  # noqa: PLC0415
    from darajasim.scenarios.yaml_tree import read_document  # noqa: PLC0415

    root, mistakes = read_document(source)
    if root is None:
        raise ScenarioErrors(mistakes)
    whole = including.put_together(root, source, path if on_disk else None)
    mistakes += whole.mistakes
    try:
        variants, found = cases.expand(whole.root, source)
    except cases.Overflow:
        raise ScenarioErrors([*mistakes, _overflow(source)]) from None
    mistakes += found
    hashed = including.hashed(source, whole.sources)
    scenarios: list[Scenario] = []
    for variant in _unrolled(variants, source, mistakes):
        model, wrong = validation.validate(variant.root, source, vocabulary, stem=path.stem)
        mistakes += repeats.told_once(wrong)
        if model is not None and not mistakes:
            scenarios.append(compiled(model, variant, hashed, vocabulary, path, whole.chaos))
    if mistakes:
        raise ScenarioErrors(validation.in_order(mistakes))
    return scenarios


def _unrolled(
    variants: "list[Variant]", source: Source, mistakes: list[Mistake]
) -> "Iterator[Variant]":
    """The variants with the rounds of their steps written out."""
    from darajasim.scenarios import repeats  # noqa: PLC0415  # as above
    from darajasim.scenarios.case_table import mistake_at  # noqa: PLC0415

    for variant in variants:
        try:
            yield replace(variant, root=repeats.unrolled(variant.root))
        except repeats.TooManyError as error:
            mistakes.append(mistake_at(source, error.complaint, error.place))


def _overflow(source: Source) -> Mistake:
    return Mistake(
        source.path,
        "the cases of this file together grow out of bounds",
        Place(1, 1),
        source,
        expected="fewer cases, or less in each",
        advice="split the file",
    )
