"""Assertions that read well: `daraja.expect.callback(code=1032)`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

from darajasim.harness.leaves import text
from darajasim.testing.seen import Callback, Numbered, callbacks_in, ids_of
from darajasim.testing.verdict import Allowed, refusals


class Scene(Protocol):
    """What expectations look at."""

    def happened(self) -> Sequence[Numbered]:
        """The journal so far."""

    def catch_up(self) -> bool:
        """Let everything that is due happen, if that can be done without awaiting; else whether
        nothing is due.
        """


class Expect:
    """What a test expects of Daraja. In a synchronous test, everything that is due happens first;
    an asynchronous one awaits `settled()` before.

    Args:
        allowed: what has been expected is allowed to be left behind.
    """

    def __init__(self, scene: Scene, allowed: Allowed) -> None:
        self._scene = scene
        self._allowed = allowed

    def callback(
        self,
        *,
        code: int | str | None = None,
        kind: str | None = None,
        payment: object = None,
        **values: object,
    ) -> Callback:
        """There was a callback like this and the application took it; the first of them.

        Args:
            code: its ResultCode.
            kind: what the journal calls it: stk, result, timeout, validation, ….
            payment: what it is about.
            values: further values by their keys on the wire: `PhoneNumber=254722000000`.
        """
        __tracebackhide__ = True
        found = self._found(_like(code, kind, payment, values))
        if not found:
            self._fail("expected a callback", code, kind, payment, values)
        taken = next((each for each in found if each.acknowledged), None)
        if taken is None:
            raise AssertionError(
                f"expected a callback that the application answers with 2xx; {found[0].told()}"
            )
        return taken

    def callbacks(
        self,
        count: int | None = None,
        *,
        code: int | str | None = None,
        kind: str | None = None,
        payment: object = None,
        **values: object,
    ) -> list[Callback]:
        """All callbacks like this, duplicates too; exactly `count` of them, if that is given."""
        __tracebackhide__ = True
        found = self._found(_like(code, kind, payment, values))
        if count is not None and len(found) != count:
            self._fail(f"expected {count} callbacks", code, kind, payment, values)
        return found

    def no_callback(
        self,
        *,
        code: int | str | None = None,
        kind: str | None = None,
        payment: object = None,
        **values: object,
    ) -> None:
        """There was no callback like this, and none is on its way."""
        __tracebackhide__ = True
        found, over = self._found(_like(code, kind, payment, values)), self._scene.catch_up()
        if found:
            raise AssertionError(
                f"expected no callback{_told(code, kind, payment, values)}, found {found[0].told()}"
            )
        if not over:
            raise AssertionError(
                "expected no callback, but something is still due: `await daraja.settled()` first"
            )

    def undelivered(self, *, kind: str | None = None, payment: object = None) -> list[Callback]:
        """The application did not take at least one callback; that is then no failure."""
        __tracebackhide__ = True
        every = self._found(_like(None, kind, payment, {}))
        found = [each for each in every if not each.acknowledged]
        if not found:
            self._fail("expected a callback that is not delivered", None, kind, payment, {})
        self._allowed.numbers.update(each.number for each in found)
        return found

    def refused(self, said: str = "") -> list[str]:
        """At least one request was wrong, or no rule took it; that is then no failure.

        Args:
            said: part of the code, the message or the hint.
        """
        __tracebackhide__ = True
        found = {number: why for number, why in refusals(self._scene.happened()) if said in why}
        if not found:
            wanted = f" with {said!r}" if said else ""
            raise AssertionError(f"expected a request that is refused{wanted}, found none")
        self._allowed.numbers.update(found)
        return list(found.values())

    def _found(self, like: Callable[[Callback], bool]) -> list[Callback]:
        self._scene.catch_up()
        return [each for each in callbacks_in(self._scene.happened()) if like(each)]

    def _fail(
        self,
        wanted: str,
        code: int | str | None,
        kind: str | None,
        payment: object,
        values: dict[str, object],
    ) -> None:
        __tracebackhide__ = True
        every = callbacks_in(self._scene.happened())
        lines = [f"{wanted}{_told(code, kind, payment, values)}, found"]
        lines += [f"  {each.told()}" for each in every] or ["  no callback at all"]
        if not self._scene.catch_up():
            lines.append("  and something is still due: `await daraja.settled()` first")
        raise AssertionError("\n".join(lines))


def _like(
    code: int | str | None, kind: str | None, payment: object, values: dict[str, object]
) -> Callable[[Callback], bool]:
    ids = None if payment is None else ids_of(payment)

    def like(each: Callback) -> bool:
        return (
            (code is None or each.code == str(code))
            and (kind is None or each.kind == kind)
            and (ids is None or each.subject in ids)
            and all(_has(each, name, value) for name, value in values.items())
        )

    return like


def _has(each: Callback, name: str, wanted: object) -> bool:
    found = each.values.get(name, ())
    return any(value == wanted or text(value) == text(wanted) for value in found)


def _told(
    code: int | str | None, kind: str | None, payment: object, values: dict[str, object]
) -> str:
    given = {"code": code, "kind": kind, "payment": payment and min(ids_of(payment)), **values}
    parts = [f"{name} {value}" for name, value in given.items() if value is not None]
    return f" with {', '.join(parts)}" if parts else ""
