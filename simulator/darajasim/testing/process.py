"""Starting and ending the simulator that `daraja_server` asks."""

from __future__ import annotations

import itertools
import re
import subprocess
import sys
from types import TracebackType
from typing import Self

from darajasim.testing.control import open_line
from darajasim.testing.errors import DarajaTestError
from darajasim.testing.served import ANNOUNCED

STOP_SECONDS = 10.0
_LONGEST = 60


class ServedProcess:
    """A simulator in a process of its own. Use it as a context manager.

    Attributes:
        base: its URL, without a namespace.
        line: what requests to it go out on.
    """

    def __init__(self) -> None:
        self.base = ""
        self.line = open_line()
        self._process: subprocess.Popen[str] | None = None
        self._numbers = itertools.count(1)

    def next_name(self, test: str) -> str:
        """A namespace that no other test of this process has."""
        plain = re.sub(r"[^A-Za-z0-9._-]+", "-", test).strip("-")[:_LONGEST]
        return f"{plain}-{next(self._numbers)}"

    def __enter__(self) -> Self:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "darajasim.testing.served"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._process.stdout is not None  # noqa: S101  # it is a pipe
        line = self._process.stdout.readline()  # at its end if the process ends
        if not line.startswith(ANNOUNCED):
            self._end()
            raise DarajaTestError(
                "expected that `python -m darajasim.testing.served` starts a simulator; it ended "
                f"with exit code {self._process.returncode} after saying {line!r}"
            )
        self.base = line.removeprefix(ANNOUNCED).strip()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._end()

    def _end(self) -> None:
        self.line.close()
        process = self._process
        if process is None:
            return
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                pipe.close()
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
