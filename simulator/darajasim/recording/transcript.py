"""What a recorder saw, as it was: full of secrets, and so never shown, never written as it is."""

from __future__ import annotations

from dataclasses import dataclass, field

RECENT = 5_000
"""Exchanges that are kept; what comes after is passed on, and counted as not recorded."""


@dataclass(slots=True)
class Exchange:
    """One request of the application, and its answer.

    Attributes:
        asked, answered: seconds since the epoch; `answered` is None while it is open.
        headers: of the request, lower-case names.
        status: HTTP's; None when no answer came.
        fault: `reset`, `empty` or `hang` in place of an answer, or "".
        failure: what the recorder itself answered for an upstream that could not be asked.
    """

    asked: float
    method: str
    path: str
    query: str
    headers: dict[str, str] = field(repr=False)
    body: bytes = field(repr=False)
    answered: float | None = None
    status: int | None = None
    content_type: str = ""
    answer: bytes = field(default=b"", repr=False)
    fault: str = ""
    failure: str = ""


@dataclass(slots=True)
class Delivery:
    """One callback of Daraja's, and what the application answered.

    Attributes:
        url: number of the callback URL that it came to.
    """

    asked: float
    url: int
    body: bytes = field(repr=False)
    answered: float | None = None
    status: int | None = None
    content_type: str = ""
    answer: bytes = field(default=b"", repr=False)
    fault: str = ""


@dataclass(frozen=True, slots=True)
class CallbackUrl:
    """A URL of the application's that stood in a request.

    Attributes:
        exchange: the exchange in whose request it stood first.
        name: its key there.
    """

    exchange: Exchange = field(repr=False)
    name: str
    url: str = field(repr=False)


@dataclass(slots=True)
class Transcript:
    """Everything in the order in which it began."""

    exchanges: list[Exchange] = field(default_factory=list)
    deliveries: list[Delivery] = field(default_factory=list)
    urls: list[CallbackUrl] = field(default_factory=list)
    missed: int = 0

    def __len__(self) -> int:
        return len(self.exchanges) + len(self.deliveries)

    def keep(self, seen: Exchange | Delivery) -> None:
        """Add what begins now, unless there is too much already."""
        if len(self) >= RECENT:
            self.missed += 1
        elif isinstance(seen, Exchange):
            self.exchanges.append(seen)
        else:
            self.deliveries.append(seen)
