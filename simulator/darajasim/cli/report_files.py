"""Where reports go: files that are opened before anything runs, or standard output."""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import BinaryIO

import click

STANDARD_OUTPUT = "-"


class ReportFile:
    """A file that can be written: it is open already. What it held stays until it is written.

    Args:
        path: the file, or `-` for standard output.
        append: whether what it holds stays before what is written.

    Raises:
        click.UsageError: it cannot be written, and why.
    """

    def __init__(self, path: Path, *, append: bool = False) -> None:
        self.path = path
        self.standard = str(path) == STANDARD_OUTPUT
        self._append = append
        self._begun = False
        self._file = None if self.standard else _open(path, append=append)

    def write(self, content: bytes) -> None:
        """Write, from the beginning of the file the first time.

        Raises:
            click.UsageError: it could not be written.
        """
        target: BinaryIO = sys.stdout.buffer if self._file is None else self._file
        try:
            if self._file is not None and not self._begun and not self._append:
                _empty(self._file)
            self._begun = True
            target.write(content)
            target.flush()
        except OSError as error:
            raise cannot_write(self.path, error) from None

    def close(self) -> None:
        """Close the file."""
        if self._file is not None:
            self._file.close()


@contextmanager
def opened(paths: dict[str, Path | None], summary: str | None) -> Iterator[dict[str, ReportFile]]:
    """The report files by their options; `summary` is the file that a page is appended to.

    Raises:
        click.UsageError: one of them cannot be written, or two reports would go to one place.
    """
    asked = {option: path for option, path in paths.items() if path is not None}
    _apart(asked)
    with ExitStack() as stack:
        files = {}
        for option, path in asked.items():
            files[option] = ReportFile(path)
            stack.callback(files[option].close)
        if summary:
            files["summary"] = ReportFile(Path(summary), append=True)
            stack.callback(files["summary"].close)
        yield files


def _apart(asked: dict[str, Path]) -> None:
    seen: dict[str, str] = {}
    for option, path in asked.items():
        place = STANDARD_OUTPUT if str(path) == STANDARD_OUTPUT else str(path.absolute())
        if place in seen and not _is_device(path):
            raise click.UsageError(f"{seen[place]} and {option} would both write {path}")
        seen[place] = option


def _is_device(path: Path) -> bool:
    """Whether it is something like /dev/null, which takes what many write."""
    return path.exists() and stat.S_ISCHR(path.stat().st_mode)


def _open(path: Path, *, append: bool) -> BinaryIO:
    flags = os.O_WRONLY | os.O_CREAT | (os.O_APPEND if append else 0) | getattr(os, "O_BINARY", 0)
    try:
        return os.fdopen(os.open(path, flags, 0o666), "wb")
    except FileNotFoundError:
        raise click.UsageError(
            f"cannot write {path}: there is no folder {path.parent}; make it first"
        ) from None
    except (OSError, ValueError) as error:
        raise cannot_write(path, error) from None


def _empty(file: BinaryIO) -> None:
    if stat.S_ISREG(os.fstat(file.fileno()).st_mode):
        file.truncate(0)


def cannot_write(path: Path, error: OSError | ValueError) -> click.UsageError:
    """The refusal of a file."""
    reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return click.UsageError(f"cannot write {path}: {reason}")
