"""A tree against the models: either the file as a model, or every mistake with its place."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import TypeVar

from pydantic import ValidationError

from darajasim.scenarios.case_table import mistake_at
from darajasim.scenarios.checks import disagreements
from darajasim.scenarios.complaint import Complaint, Unfit
from darajasim.scenarios.errors import Mistake
from darajasim.scenarios.model.file import ScenarioFile
from darajasim.scenarios.model.part import Part
from darajasim.scenarios.nodes import Node, Path, Scalar, at, described, key_at, plain
from darajasim.scenarios.scalars import NO_VALUE
from darajasim.scenarios.shape import misshapen
from darajasim.scenarios.source import Place, Source
from darajasim.scenarios.vocabulary import Vocabulary
from darajasim.scenarios.wording import short

Found = tuple[Path, Complaint]
P = TypeVar("P", bound=Part)

_ABOUT_KEYS = frozenset({"missing", "extra_forbidden"})
"""Kinds of pydantic errors that `shape` has found already, with more to say."""


def validate(
    root: Node, source: Source, vocabulary: Vocabulary, *, stem: str
) -> tuple[ScenarioFile | None, list[Mistake]]:
    """The model of a scenario, or None and what is wrong with it, in the order of the file."""
    return checked(ScenarioFile, root, source, vocabulary, disagreements(root, stem))


def checked(
    part: type[P],
    root: Node,
    source: Source,
    vocabulary: Vocabulary,
    more: Iterable[Found] = (),
) -> tuple[P | None, list[Mistake]]:
    """The model of a file, or None and what is wrong with it, in the order of the file.

    Args:
        more: what is wrong beside.
    """
    shape = misshapen(part, root, vocabulary)
    found = [(path, named(complaint, path)) for path, complaint in shape]
    found += more
    model = None
    try:
        model = part.model_validate(plain(root), context=vocabulary)
    except ValidationError as error:
        found += wrong_values(error, root)
    mistakes = placed(found, root, source)
    return (None, mistakes) if mistakes else (model, [])


def placed(found: Iterable[Found], root: Node, source: Source) -> list[Mistake]:
    """Complaints as mistakes in a file, in order, each once."""
    mistakes = [
        mistake_at(source, complaint, _place(root, (*path, *complaint.at), on_key=complaint.on_key))
        for path, complaint in found
    ]
    return in_order(mistakes)


def in_order(mistakes: Iterable[Mistake]) -> list[Mistake]:
    """Mistakes by place, each once; what has no place comes first, what was included last."""
    return sorted(dict.fromkeys(mistakes), key=_order)


def _order(mistake: Mistake) -> tuple[str, Place]:
    place = mistake.place or Place(0, 0)
    return (place.file.path if place.file else "", place)


def _place(root: Node, path: Path, *, on_key: bool) -> Place:
    key = key_at(root, path)
    if on_key and key is not None:
        return key.place
    return at(root, path).place


def wrong_values(error: ValidationError, root: Node) -> Iterator[Found]:
    """What pydantic found, beside keys that are missing or unknown."""
    for detail in error.errors(include_url=False, include_input=False):
        kind, path = detail["type"], detail["loc"]
        if kind in _ABOUT_KEYS:
            continue
        reason = detail.get("ctx", {}).get("error")
        if isinstance(reason, Unfit):
            yield from ((path, named(complaint, path)) for complaint in reason.complaints)
        else:
            yield path, _wrong_kind(kind, detail["msg"], at(root, path), path)


def named(complaint: Complaint, path: Path) -> Complaint:
    """The complaint with the name of the key that nothing follows."""
    key = [0, *path, *complaint.at][-1]
    if complaint.message == NO_VALUE and isinstance(key, str):
        return replace(complaint, message=f"`{key}` has no value")
    return complaint


def _wrong_kind(kind: str, message: str, node: Node, path: Path) -> Complaint:
    name = next((step for step in reversed(path) if isinstance(step, str)), "the file")
    if kind == "list_type":
        single = isinstance(node, Scalar) and not node.is_null
        return Complaint(
            f"`{name}` is a list",
            "entries on lines of their own that begin with `- `, or between [ and ]",
            described(node),
            f"write `{name}: [{short(node.text)}]`"
            if isinstance(node, Scalar) and single
            else "begin each entry with `- `",
            on_key=not single,
        )
    if kind == "dict_type":
        return Complaint(f"`{name}` is a mapping", "lines such as `name: …`", described(node))
    return Complaint(short(message), found=described(node))
