"""Servers under measurement, each a process of its own on a core of its own."""

from __future__ import annotations

import contextlib
import os
import re
import select
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent
DARAJASIM = (sys.executable, "-m", "darajasim")
START_SECONDS = 20.0


class StartError(Exception):
    """A server that did not come up; the text has what it printed."""


@dataclass(frozen=True, slots=True)
class Cores:
    """Which core serves and which one loads; None where the system does not pin processes."""

    server: int | None
    load: int | None

    def __str__(self) -> str:
        if self.server is None:
            return "not pinned: this system has one core or no sched_setaffinity"
        return f"server on core {self.server}, load and callback receiver on core {self.load}"


def two_cores() -> Cores:
    """The last two cores this process may use."""
    if not hasattr(os, "sched_getaffinity"):
        return Cores(None, None)
    cores = sorted(os.sched_getaffinity(0))
    return Cores(cores[-1], cores[-2]) if len(cores) > 1 else Cores(None, None)


def pin(core: int | None) -> None:
    """Keep this process, and those it starts from now on, on one core; None: leave it be."""
    if core is not None:
        os.sched_setaffinity(0, {core})


@dataclass(frozen=True, slots=True)
class Server:
    """A running server."""

    port: int
    pid: int

    def cpu_seconds(self) -> float | None:
        """Processor time so far, in steps of 10 ms; None where /proc does not say."""
        try:
            text = Path(f"/proc/{self.pid}/stat").read_text(encoding="ascii")
        except OSError:
            return None
        user, system = text.rpartition(")")[2].split()[11:13]
        return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")


@contextlib.contextmanager
def darajasim(cores: Cores, *options: str) -> Iterator[Server]:
    """`darajasim serve --port 0` with more options."""
    with _running((*DARAJASIM, "serve", "--port", "0", *options), cores) as process:
        yield Server(_announced_port(process), process.pid)


@contextlib.contextmanager
def bare(cores: Cores) -> Iterator[Server]:
    """The bare ASGI callable of bare.py."""
    with _running((sys.executable, str(HERE / "bare.py")), cores) as process:
        yield Server(_announced_port(process), process.pid)


@contextlib.contextmanager
def receiver(cores: Cores) -> Iterator[Server]:
    """The callback receiver of receiver.py, on the core of the load."""
    swapped = Cores(cores.load, cores.server)
    with _running((sys.executable, str(HERE / "receiver.py")), swapped) as process:
        yield Server(_announced_port(process), process.pid)


@contextlib.contextmanager
def merchant(cores: Cores, database: str) -> Iterator[Server]:
    """`python -m mpesa_pochi --port 0` on this database; its settings are the environment's."""
    command = (sys.executable, "-u", "-m", "mpesa_pochi", "--port", "0", "--database", database)
    with _running(command, cores) as process:
        yield Server(_announced_port(process), process.pid)


@contextlib.contextmanager
def daraja_mock(cores: Cores, python: str) -> Iterator[Server]:
    """PyPI's daraja-mock, started as its documentation says.

    Args:
        python: an interpreter that has it.
    """
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with _running((python, "-m", "daraja_mock", "--port", str(port)), cores) as process:
        _wait_for(port, process)
        yield Server(port, process.pid)


def has_daraja_mock(python: str) -> bool:
    """Whether this interpreter can run daraja-mock."""
    probe = (python, "-c", "import importlib.util as u; exit(u.find_spec('daraja_mock') is None)")
    return subprocess.run(probe, check=False).returncode == 0


@contextlib.contextmanager
def _running(command: Sequence[str], cores: Cores) -> Iterator[subprocess.Popen[bytes]]:
    pin(cores.server)
    try:
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )
    finally:
        pin(cores.load)
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(5)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        if process.stdout is not None:
            process.stdout.close()


def _announced_port(process: subprocess.Popen[bytes]) -> int:
    """The port in the first URL that the process prints."""
    assert process.stdout is not None
    printed, until = b"", time.monotonic() + START_SECONDS
    while time.monotonic() < until:
        ready, _, _ = select.select([process.stdout], [], [], 0.1)
        if not ready:
            continue
        piece = os.read(process.stdout.fileno(), 65_536)
        printed += piece
        found = re.search(rb"http://127\.0\.0\.1:(\d+)[/\s]", printed)
        if found:
            return int(found[1])
        if not piece:
            break
    raise StartError(f"{process.args!r} announced no port; it printed {printed!r}")


def _wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until and process.poll() is None:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.02)
    raise StartError(f"{process.args!r} does not listen on port {port}")
