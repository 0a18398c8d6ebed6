"""`${…}` in a target file: which names there are in which place, and filling them in."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from darajasim.scenarios.complaint import Complaint, Unfit
from darajasim.scenarios.nodes import Scalar, described
from darajasim.scenarios.wording import did_you_mean, listing, quoted

PLACES = ("daraja.url", "app.url", "app.port", "callback.base")
ACCOUNT = ("consumer.key", "consumer.secret", "shortcode", "passkey")
SETTINGS = (*PLACES, *ACCOUNT, "scratch")
"""What the application may be told when it starts."""
PHONES = ("phone", "phone.local", "phone.international")
ORDER = (*PHONES, "amount", "reference", "description", "unique")
PAYMENT = "payment"
CHECKOUT = "checkout_request_id"

_HOLE = re.compile(r"\$\{([^{}]*)\}")

Values = Mapping[str, str | int]


def strange(raw: object, allowed: Collection[str]) -> Iterator[Complaint]:
    """A complaint for each placeholder in a text, or below a mapping or list, that has no value."""
    if isinstance(raw, dict):
        for key, value in raw.items():
            yield from _below(key, value, allowed)
    elif isinstance(raw, list):
        for index, item in enumerate(raw):
            yield from _below(index, item, allowed)
    elif isinstance(raw, Scalar) and not raw.unknown:
        for name in _HOLE.findall(raw.text):
            if name not in allowed:
                yield Complaint(
                    f"nothing is filled in for {quoted(f'${{{name}}}')} here",
                    listing(f"${{{each}}}" for each in allowed) if allowed else "no `${…}`",
                    described(raw),
                    did_you_mean(name, allowed),
                )


def _below(step: str | int, value: object, allowed: Collection[str]) -> Iterator[Complaint]:
    for found in strange(value, allowed):
        yield Complaint(found.message, found.expected, found.found, found.advice, (step, *found.at))


def known(raw: object, allowed: Collection[str]) -> None:
    """Refuse placeholders that have no value.

    Raises:
        Unfit: with all of them.
    """
    if complaints := tuple(strange(raw, allowed)):
        raise Unfit(*complaints)


def filled(text: str, values: Values) -> str:
    """The text with its placeholders filled in."""
    return _HOLE.sub(lambda hole: str(values.get(hole[1], hole[0])), text)


def document(tree: Any, values: Values) -> Any:
    """A JSON value with its placeholders filled in; one that stands alone keeps its type."""
    if isinstance(tree, dict):
        return {key: document(value, values) for key, value in tree.items()}
    if isinstance(tree, list):
        return [document(item, values) for item in tree]
    if isinstance(tree, str):
        whole = _HOLE.fullmatch(tree)
        return values.get(whole[1], tree) if whole else filled(tree, values)
    return tree


def holes(text: str) -> list[str]:
    """The names of the placeholders in a text."""
    return _HOLE.findall(text)
