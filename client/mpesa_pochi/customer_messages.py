"""What to tell the customer about a code, in English and in Swahili.

The sentences have their home in `customer_messages.toml`: each fits into one SMS, names no code and
nothing that only developers know, and says "no money was taken" only where that is certain. What
the merchant should do about the same code is the row's `merchant`.
"""

import tomllib
from collections.abc import Mapping
from enum import StrEnum
from functools import cache
from importlib import resources
from types import MappingProxyType
from typing import Any, Protocol

__all__ = ["Language", "MessageState", "customer_message", "language_of", "parse", "state_message"]


class Keyed(Protocol):
    """What a sentence is found by: a row of the catalogue, whoever read it."""

    @property
    def key(self) -> str: ...


class Language(StrEnum):
    """A language that customers are spoken to in. English is what everyone else gets."""

    ENGLISH = "en"
    SWAHILI = "sw"


class MessageState(StrEnum):
    """How a payment stands when no code says enough."""

    PROMPTED = "prompted"
    UNKNOWN = "unknown"
    FAILED = "failed"
    REVIEW = "review"
    UNREACHABLE = "unreachable"
    REFUSED = "refused"
    TOO_OFTEN = "too-often"


Sentences = Mapping[str, Mapping[Language, str]]


class CustomerMessages:
    """Sentences by the key of a row, and by the state of a payment."""

    def __init__(self, rows: Sentences, states: Sentences) -> None:
        self.rows = rows
        self.states = states


def customer_message(row: Keyed, language: Language | str = Language.ENGLISH) -> str:
    """The sentence for the customer about a row of the catalogue.

    Raises:
        ValueError: a language that nobody wrote sentences in.
    """
    return _packaged().rows[row.key][Language(language)]


def state_message(state: MessageState, language: Language | str = Language.ENGLISH) -> str:
    """The sentence for the customer about a payment of which no code says enough.

    Raises:
        ValueError: a language that nobody wrote sentences in.
    """
    return _packaged().states[state][Language(language)]


def language_of(wish: str | None) -> Language:
    """The language that an `Accept-Language` header, or a tag such as `sw-KE`, asks for.

    A wish that cannot be read, or that names neither language, means English.
    """
    best, language = 0.0, Language.ENGLISH
    for part in (wish or "").split(","):
        tag, *parameters = (piece.strip() for piece in part.split(";"))
        spoken = tag.lower().partition("-")[0]
        weight = _weight(parameters)
        if weight > best and (spoken in set(Language) or spoken == "*"):
            best, language = weight, Language.ENGLISH if spoken == "*" else Language(spoken)
    return language


def parse(text: str) -> CustomerMessages:
    """Reads sentences from TOML.

    Raises:
        ValueError: it is not TOML, a row stands in two messages, or a state is missing.
    """
    document = tomllib.loads(text)
    rows: dict[str, Mapping[Language, str]] = {}
    for message in document["message"]:
        spoken = _spoken(message)
        for key in message["rows"]:
            if key in rows:
                raise ValueError(f"customer messages: expected {key!r} in one message, found two")
            rows[key] = spoken
    states = {name: _spoken(message) for name, message in document["state"].items()}
    if set(states) != set(MessageState):
        found, wanted = ", ".join(sorted(states)), ", ".join(sorted(MessageState))
        raise ValueError(f"customer messages: expected the states {wanted}; found {found}")
    return CustomerMessages(MappingProxyType(rows), MappingProxyType(states))


def _spoken(message: Mapping[str, Any]) -> Mapping[Language, str]:
    return MappingProxyType({language: str(message[language.value]) for language in Language})


def _weight(parameters: list[str]) -> float:
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name.strip().lower() == "q":
            try:
                return float(value)
            except ValueError:
                return 0.0
    return 1.0


@cache
def _packaged() -> CustomerMessages:
    home = resources.files("mpesa_pochi").joinpath("customer_messages.toml")
    return parse(home.read_text(encoding="utf-8"))
