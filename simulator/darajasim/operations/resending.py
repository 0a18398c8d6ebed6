"""Sending a callback again: the same bytes to the same URL, as something new that happened."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from darajasim.core.courier import JSON_HEADERS, Letter
from darajasim.core.events import CallbackAttempted
from darajasim.core.namespace import Namespace
from darajasim.operations import callbacks
from darajasim.operations.callbacks import Callback, Envelopes


async def resend(namespace: Namespace, events: Sequence[CallbackAttempted]) -> None:
    """Send these again, one after the other; each is journalled as one more attempt. Returns when
    the last has been answered. It counts as due until then.
    """
    await namespace.timeline.start(_all(namespace, tuple(events)))


async def _all(namespace: Namespace, events: Sequence[CallbackAttempted]) -> None:
    attempts = _last_attempts(namespace)
    for event in events:
        key = event.subject, event.callback
        attempts[key] = attempts.get(key, 0) + 1
        headers = namespace.book(Envelopes).headers(*key) or JSON_HEADERS
        again = Callback(
            event.callback, event.subject, _copy(event, headers), altered=event.altered
        )
        await callbacks.deliver(namespace, again, attempts[key])


def _last_attempts(namespace: Namespace) -> dict[tuple[str, str], int]:
    last: dict[tuple[str, str], int] = {}
    for event in namespace.journal.of(CallbackAttempted):
        key = event.subject, event.callback
        last[key] = max(last.get(key, 0), event.attempt)
    return last


def _copy(event: CallbackAttempted, headers: Mapping[str, str]) -> Callable[[], Letter]:
    letter = Letter(event.url, headers, event.body.encode())
    return lambda: letter
