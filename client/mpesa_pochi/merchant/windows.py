"""Moving windows in this process's memory, on a clock that is given.

The storages that `limits` brings read the wall clock themselves, and its memory starts a thread for
every hit. This one is what its moving windows need and no more, so that limits hold in simulated
time as in real time.
"""

from collections import deque
from collections.abc import Callable
from datetime import datetime
from typing import Never

from limits.storage import MovingWindowSupport, Storage

SWEEP = 60.0
"""Seconds between two sweeps for what has ended, so that memory holds only what still counts."""


class ClockedWindows(Storage, MovingWindowSupport):
    """A storage of `limits` for moving windows. Of one event loop: it takes no locks.

    Args:
        now: the wall clock; gives aware datetimes.
    """

    STORAGE_SCHEME = None

    def __init__(self, now: Callable[[], datetime]) -> None:
        super().__init__()
        self._now = now
        self._hits: dict[str, deque[float]] = {}
        self._lasts: dict[str, int] = {}
        self._swept_at = 0.0

    @property
    def base_exceptions(self) -> type[Exception]:
        return OSError  # nothing here can fail

    def acquire_entry(self, key: str, limit: int, expiry: int, amount: int = 1) -> bool:
        at = self._seconds()
        self._sweep(at)
        hits = self._open(key, expiry, at)
        if len(hits) + amount > limit:
            return False
        hits.extend([at] * amount)
        self._hits[key], self._lasts[key] = hits, expiry
        return True

    def get_moving_window(self, key: str, limit: int, expiry: int) -> tuple[float, int]:
        at = self._seconds()
        hits = self._open(key, expiry, at)
        return (hits[0], len(hits)) if hits else (at, 0)

    def check(self) -> bool:
        return True

    def clear(self, key: str) -> None:
        self._hits.pop(key, None)
        self._lasts.pop(key, None)

    def reset(self) -> int:
        count = len(self._hits)
        self._hits.clear()
        self._lasts.clear()
        return count

    def incr(self, key: str, expiry: int, amount: int = 1) -> Never:
        raise NotImplementedError("expected a moving window, found a fixed one")

    def get(self, key: str) -> Never:
        raise NotImplementedError("expected a moving window, found a fixed one")

    def get_expiry(self, key: str) -> Never:
        raise NotImplementedError("expected a moving window, found a fixed one")

    def _open(self, key: str, expiry: int, at: float) -> deque[float]:
        """The hits that still count, oldest first."""
        hits = self._hits.get(key, deque())
        while hits and hits[0] <= at - expiry:
            hits.popleft()
        return hits

    def _sweep(self, at: float) -> None:
        if at - self._swept_at < SWEEP:
            return
        self._swept_at = at
        for key in [key for key, last in self._lasts.items() if not self._open(key, last, at)]:
            self.clear(key)

    def _seconds(self) -> float:
        return self._now().timestamp()
