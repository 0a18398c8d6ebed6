"""What two sides answered differently: statuses, types, keys and values; volatile values aside."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from decimal import Decimal
from itertools import zip_longest

from darajasim.comparing.playing import Play, Played, fields_of
from darajasim.comparing.side import Heard
from darajasim.core.wire import MalformedJson, loads
from darajasim.harness.exchanges import HIDDEN, SECRETS
from darajasim.harness.leaves import text
from darajasim.recording.volatile import is_volatile

ABSENT = "absent"
LONGEST = 120
_SECRETS = frozenset(map(str.lower, SECRETS))
_ID = re.compile(rb"[\w.-]*\d[\w.-]{3,}")


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that differs. `left` and `right` are in words: `"0" (string)`, `absent`.

    Attributes:
        where: `answer: ResponseCode`, `callback result 1: Amount`, `status`.
    """

    scenario: str
    step: str
    operation: str
    where: str
    left: str
    right: str

    def as_json(self) -> dict[str, str]:
        """As plain JSON."""
        return asdict(self)

    def swapped(self) -> Difference:
        """The same, seen from the other side."""
        return Difference(
            self.scenario, self.step, self.operation, self.where, self.right, self.left
        )


@dataclass(frozen=True, slots=True)
class Comparison:
    """What is compared, and what is left out.

    Attributes:
        ignored: keys, in lower case, that are volatile beside the usual.
    """

    scenario: str
    ignored: frozenset[str] = frozenset()

    def differences(self, left: Play, right: Play) -> Iterator[Difference]:
        """Everything that differs, request by request."""
        theirs = {played.name: played for played in right.played}
        for played in left.played:
            other = theirs.pop(played.name, None)
            if other is None:
                yield self._of(played, "request", "sent", "not sent")
            else:
                yield from self._request(played, other)
        for played in theirs.values():
            yield self._of(played, "request", "not sent", "sent")

    def _request(self, left: Played, right: Played) -> Iterator[Difference]:
        ours, theirs = left.answer, right.answer
        for where, one, two in (
            ("status", ours.status or ours.fault, theirs.status or theirs.fault),
            ("content type", _media(ours.media), _media(theirs.media)),
        ):
            if one != two:
                yield self._of(left, where, str(one), str(two))
        yield from self._bodies(left, "answer", ours.body, theirs.body)
        for kind in dict.fromkeys(heard.kind for heard in (*left.heard, *right.heard)):
            yield from self._callbacks(left, kind, _of_kind(left, kind), _of_kind(right, kind))

    def _callbacks(
        self, played: Played, kind: str, left: list[Heard], right: list[Heard]
    ) -> Iterator[Difference]:
        if len(left) != len(right):
            yield self._of(played, f"callbacks {kind}", str(len(left)), str(len(right)))
        for number, (one, two) in enumerate(zip(left, right, strict=False), 1):
            yield from self._bodies(played, f"callback {kind} {number}", one.body, two.body)

    def _bodies(self, played: Played, what: str, left: bytes, right: bytes) -> Iterator[Difference]:
        if not (_is_json(left) and _is_json(right)):
            if _masked(left) != _masked(right):
                yield self._of(played, what, _raw(left), _raw(right))
            return
        ours, theirs = fields_of(left), fields_of(right)
        for key in dict.fromkeys((*ours, *theirs)):
            volatile = is_volatile(key, self.ignored)
            for one, two in zip_longest(ours.get(key, ()), theirs.get(key, ()), fillvalue=ABSENT):
                same = _kind(one) == _kind(two) if volatile else _shown(one) == _shown(two)
                if not same and key.lower() not in self.ignored:
                    where = f"{what}: {key}" if key else what
                    secret = key.lower() in _SECRETS
                    yield self._of(played, where, _shown(one, secret), _shown(two, secret))

    def _of(self, played: Played, where: str, left: str, right: str) -> Difference:
        return Difference(self.scenario, played.name, played.operation, where, left, right)


def _of_kind(played: Played, kind: str) -> list[Heard]:
    return [heard for heard in played.heard if heard.kind == kind]


def _masked(body: bytes) -> bytes:
    """What is no JSON, without whatever looks like an id: incident numbers of a firewall's page."""
    return _ID.sub(b"#", body)


def _media(header: str) -> str:
    """The content type without its parameters: servers write charset as they like."""
    return header.partition(";")[0].strip().lower() or ABSENT


def _is_json(body: bytes) -> bool:
    try:
        loads(body)
    except MalformedJson:
        return False
    return True


def _kind(value: object) -> str:
    match value:
        case bool():
            return "boolean"
        case int() | Decimal():
            return "number"
        case str() if value is not ABSENT:
            return "string"
        case None:
            return "null"
        case _:
            return ABSENT


def _shown(value: object, secret: bool = False) -> str:  # noqa: FBT001, FBT002  # of one line's use
    kind = _kind(value)
    if kind in ("null", ABSENT):
        return kind
    written = f'"{value}"' if kind == "string" else text(value)
    if secret:
        written = HIDDEN
    return f"{_cut(written)} ({kind})"


def _raw(body: bytes) -> str:
    return _cut(repr(body.decode("utf-8", "replace"))) if body else "nothing"


def _cut(written: str) -> str:
    return written if len(written) <= LONGEST else f"{written[: LONGEST - 1]}…"
