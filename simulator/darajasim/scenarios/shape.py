"""The keys of a file against the models: unknown ones, missing ones, ones that exclude each other.

Values are pydantic's business. Keys are looked at here, because here it is known which mapping a
key stands in, what else that mapping may have, and what was probably meant.
"""

from collections.abc import Iterator
from functools import cache
from types import UnionType
from typing import Any, get_args, get_origin

from darajasim.scenarios.complaint import Complaint, Unfit
from darajasim.scenarios.model.part import Part
from darajasim.scenarios.nodes import Mapping, Node, Path, Scalar, Sequence
from darajasim.scenarios.vocabulary import Vocabulary
from darajasim.scenarios.wording import listing, nearest, quoted

Found = tuple[Path, Complaint]


def misshapen(
    part: type[Part], node: Node, vocabulary: Vocabulary, path: Path = ()
) -> Iterator[Found]:
    """Every complaint about keys, from this mapping down, with the path of the mapping it is in."""
    if not isinstance(node, Mapping):
        return
    keys = part.keys(vocabulary)
    unknown = [
        entry.key for name, entry in node.entries.items() if name not in keys and not part.open
    ]
    meant = {nearest(key.text, keys) for key in unknown}
    for key in unknown:
        if not _told_by_sibling(part, node, key.text, vocabulary):
            yield path, _unknown(part, node, key, vocabulary)
    for name, field in part.model_fields.items():
        key_name = field.alias or name
        missing = field.is_required() and key_name not in node.entries
        if missing and key_name not in meant and key_name not in part.checked_elsewhere:
            example = (field.examples or ["…"])[0]
            message, line = f"{part.title} must have `{key_name}`", f"`{key_name}: {example}`"
            yield path, Complaint(message, f"a line such as {line}", on_key=True)
    yield from ((path, complaint) for complaint in part.complaints(node, vocabulary))
    for name, inner in nested(part).items():
        value = node.get(name)
        if value is not None:
            single = name in part.one_or_more and not isinstance(value, Sequence)
            container = None if single else inner[1]
            for deeper, child in _parts_below(value, (*path, name), container):
                yield from misshapen(inner[0], child, vocabulary, deeper)


def _parts_below(value: Node, path: Path, container: type | None) -> Iterator[tuple[Path, Node]]:
    if container is None:
        yield path, value
    elif container is list and isinstance(value, Sequence):
        yield from (((*path, index), item) for index, item in enumerate(value.items))
    elif container is dict and isinstance(value, Mapping):
        yield from (((*path, name), entry.value) for name, entry in value.entries.items())


@cache
def nested(part: type[Part]) -> dict[str, tuple[type[Part], type | None]]:
    """The keys of a part whose values are parts again, alone or in a list or dict."""
    found = {}
    for name, field in part.model_fields.items():
        container, inner = _unwrapped(field.annotation)
        if isinstance(inner, type) and issubclass(inner, Part):
            found[field.alias or name] = (inner, container)
    return found


def _unwrapped(annotation: Any) -> tuple[type | None, Any]:
    """`list[X] | None` as (list, X), `X | None` as (None, X)."""
    if isinstance(annotation, UnionType):
        annotation = get_args(annotation)[0]
    container = get_origin(annotation)
    if container in (list, dict):
        return container, get_args(annotation)[-1]
    return None, annotation


def all_parts(part: type[Part]) -> list[type[Part]]:
    """The part and every part below it, each once."""
    found = [part]
    for one in found:
        below = dict.fromkeys(inner for inner, _ in nested(one).values())
        found += [inner for inner in below if inner not in found]
    return found


def _unknown(part: type[Part], node: Mapping, key: Scalar, vocabulary: Vocabulary) -> Complaint:
    keys = part.keys(vocabulary)
    written = key.text if key.text.isascii() else ascii(key.text)[1:-1]
    return Complaint(
        f"{part.title} has no key {quoted(written)}" if written else "this key is empty",
        part.expected(vocabulary),
        quoted(written),
        _indent(part, node, key.text, vocabulary)
        or part.about_unknown(key.text)
        or _near(key.text, keys)
        or _elsewhere(key.text, vocabulary),
        at=(key.text,),
        on_key=True,
    )


def _owners(
    part: type[Part], node: Mapping, name: str, vocabulary: Vocabulary
) -> Iterator[tuple[str, type[Part], Scalar]]:
    """Empty siblings that the key would belong to, if it were indented."""
    for sibling, (inner, container) in nested(part).items():
        value = node.get(sibling)
        alone = container is None or sibling in part.one_or_more
        if alone and isinstance(value, Scalar) and name in inner.keys(vocabulary):
            yield from [(sibling, inner, value)] if value.is_null else []


def _told_by_sibling(part: type[Part], node: Mapping, name: str, vocabulary: Vocabulary) -> bool:
    """Whether the empty sibling is a mistake already, which says what to do."""
    for _, inner, value in _owners(part, node, name, vocabulary):
        try:
            inner.long_form(value)
        except Unfit:
            return True
    return False


def _indent(part: type[Part], node: Mapping, name: str, vocabulary: Vocabulary) -> str:
    for sibling, _, _ in _owners(part, node, name, vocabulary):
        return f"indent it deeper than `{sibling}`, to which it belongs"
    return ""


def _near(name: str, keys: tuple[str, ...]) -> str:
    found = nearest(name, keys)
    return f"did you mean `{found}`?" if found else ""


def _elsewhere(name: str, vocabulary: Vocabulary) -> str:
    """Advice when the key exists, but in other places."""
    from darajasim.scenarios.model.file import ScenarioFile  # noqa: PLC0415  # it is the root

    parts = [part for part in all_parts(ScenarioFile) if name in part.keys(vocabulary)]
    homes = list(dict.fromkeys("a step" if hasattr(part, "bare") else part.title for part in parts))
    if not homes or len(homes) > 5:
        return ""
    return f"`{name}` is a key of {listing(homes, 'and')}: is the indentation right?"
