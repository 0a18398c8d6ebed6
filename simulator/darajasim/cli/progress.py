"""How far a run is: a line that moves on a terminal, and nothing anywhere else."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, TextIO

import click

if TYPE_CHECKING:
    from rich.progress import Progress

    from darajasim.harness.run_events import RunEvent

Write = Callable[[str], None]
Take = Callable[["RunEvent"], None]


@contextmanager
def progress(target: TextIO, *, moving: bool) -> Iterator[tuple[Write, Take]]:
    """What writes a line to `target`, and what is told how far the run is.

    Args:
        moving: whether `target` is a terminal that somebody watches.
    """
    if not moving:
        yield (lambda line: click.echo(line, file=target)), (lambda _event: None)
        return
    with _bar(target) as bar:
        yield _above(bar), _Watch(bar)


def _bar(target: TextIO) -> Progress:
    # Only a terminal needs it, and it takes longer to import than a scenario to run.
    from rich.console import Console  # noqa: PLC0415
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn  # noqa: PLC0415

    return Progress(
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[failed]}", style="red"),
        TextColumn("{task.description}"),
        console=Console(file=target, highlight=False, markup=False, emoji=False),
        transient=True,
    )


def _above(bar: Progress) -> Write:
    from rich.text import Text  # noqa: PLC0415  # as above

    def write(line: str) -> None:
        bar.console.print(Text.from_ansi(line), soft_wrap=True)

    return write


class _Watch:
    """Moves the bar as the run goes on."""

    def __init__(self, bar: Progress) -> None:
        self._bar = bar
        self._task = bar.add_task("", total=None, failed="")
        self._failed = 0

    def __call__(self, event: RunEvent) -> None:
        # Here, so that asking for help imports no engine.
        from rich.markup import escape  # noqa: PLC0415

        from darajasim.harness.report_escape import one_line, shortened  # noqa: PLC0415
        from darajasim.harness.run_events import (  # noqa: PLC0415
            RunStarted,
            ScenarioEnded,
            ScenarioStarted,
        )

        match event:
            case RunStarted():
                self._bar.update(self._task, total=event.total)
            case ScenarioStarted():
                shown = escape(shortened(one_line(event.title), 60))
                self._bar.update(self._task, description=shown)
            case ScenarioEnded():
                self._failed += event.failed
                failed = f"{self._failed} failed" if self._failed else ""
                self._bar.update(self._task, advance=1, failed=failed)
