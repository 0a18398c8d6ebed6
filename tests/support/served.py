"""`darajasim serve` in a process of its own, as a developer runs it."""

import os
import signal
import subprocess
import sys
import tempfile
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

START_SECONDS = 20
STOP_SECONDS = 10


@dataclass
class Served:
    """A running simulator.

    Attributes:
        base: its base URL, from the banner.
        banner: everything it printed before it answered requests.
        output: everything it printed afterwards; there once it has stopped.
    """

    process: subprocess.Popen[str]
    errors: IO[str]
    base: str = ""
    banner: list[str] = field(default_factory=list)
    output: str = ""
    last_log: str | None = None

    @property
    def host(self) -> str:
        return self.base.partition("//")[2].rpartition(":")[0].strip("[]")

    @property
    def port(self) -> int:
        return int(self.base.rpartition(":")[2])

    @property
    def log(self) -> str:
        """What it has written to standard error so far."""
        if self.last_log is not None:
            return self.last_log
        return Path(self.errors.name).read_text(encoding="utf-8", errors="replace")

    def check_log(self) -> None:
        """No stack trace and nothing of uvicorn's about an application that failed."""
        log = self.log
        for bad in ("Traceback", "Exception", "ASGI", "never retrieved", "Task was destroyed"):
            place = log.find(bad)
            assert place < 0, log[max(0, place - 500) : place + 4000]

    def stop(self, signal_number: int = signal.SIGINT) -> int:
        """Stop it, and give back its exit code."""
        if self.process.poll() is None:
            self.process.send_signal(signal_number)
        rest, _ = self.process.communicate(timeout=STOP_SECONDS)
        self.output += rest
        return self.process.returncode


@contextmanager
def served(*options: str, command: tuple[str, ...] = ("serve", "--port", "0")):
    """A served simulator that has printed its banner; at the end it stops on Ctrl-C, in silence."""
    with tempfile.NamedTemporaryFile("w+", suffix=".log") as errors:
        process = subprocess.Popen(
            [sys.executable, "-W", "error", "-m", "darajasim", *command, *options],
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
            encoding="utf-8",
            env={**os.environ, "PYTHONIOENCODING": "utf-8", "PYTHONUNBUFFERED": "1"},
        )
        server = Served(process, errors)
        try:
            _read_banner(server)
            yield server
            if process.poll() is None:
                assert server.stop() == 0, server.log[-3000:]
            server.check_log()
        finally:
            process.kill()
            process.wait()
            server.last_log = server.log
            process.stdout.close()


def _read_banner(server: Served) -> None:
    """Wait for the last line of the banner; a server that never prints it is killed."""
    watchdog = threading.Timer(START_SECONDS, server.process.kill)
    watchdog.start()
    try:
        for line in server.process.stdout:
            server.banner.append(line.rstrip("\n"))
            name, _, text = line.partition(" ")
            if name == "Daraja":
                server.base = text.split()[0]
            if name == "Try":
                return
    finally:
        watchdog.cancel()
    raise AssertionError(f"it ended before it answered: {server.banner}\n{server.log[-3000:]}")
