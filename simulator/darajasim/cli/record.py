"""`darajasim record`: stand between an application and a Daraja, and write a scenario of it."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from darajasim.cli.listening import listen, run_until_stopped


@click.command()
@click.option("--upstream", required=True, metavar="URL", help="Base URL of the Daraja.")
@click.option(
    "--out",
    required=True,
    metavar="FILE.yaml",
    type=click.Path(dir_okay=False, path_type=Path),
    help="The scenario file to write; its name becomes the scenario's.",
)
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option(
    "--port",
    default=8701,
    show_default=True,
    type=click.IntRange(0, 65535),
    help="Port to listen on; 0 picks a free one.",
)
@click.option(
    "--public-url",
    metavar="URL",
    help="Where the Daraja reaches this recorder with callbacks (default: where it listens).",
)
@click.option("--seconds", type=click.FloatRange(0.1, 86_400), help="Stop after this many seconds.")
@click.option(
    "--exchanges",
    type=click.IntRange(1, 5_000),
    help="Stop after so many answered requests, those for tokens included.",
)
@click.option("--force", is_flag=True, help="Write over a file that is there.")
def record(  # noqa: PLR0917  # click passes options by name
    upstream: str,
    out: Path,
    host: str,
    port: int,
    public_url: str | None,
    seconds: float | None,
    exchanges: int | None,
    force: bool,  # noqa: FBT001  # a flag
) -> None:
    """Pass an application's requests on to a Daraja, and its callbacks back, until Ctrl-C; then
    write a scenario that does it again, with a stand-in for every secret, name and phone number.
    """
    from darajasim.recording.proxy import upstream_problem  # noqa: PLC0415
    from darajasim.recording.session import Limits, Session  # noqa: PLC0415

    for option, url in (("--upstream", upstream), ("--public-url", public_url)):
        if url is not None and (problem := upstream_problem(url)) is not None:
            raise click.BadParameter(problem, param_hint=option)
    _check_place(out, force=force)
    listener = listen(host, port)
    bound = listener.getsockname()[1]
    shown = f"[{host}]" if ":" in host else host
    here = f"http://{shown}:{bound}"
    session = Session(upstream, public_url or here, out, Limits(seconds, exchanges))

    def announce() -> None:
        click.echo(f"darajasim record is listening on {here}")
        click.echo(f"Point your application's base URL at it; Ctrl-C writes {out}.")
        sys.stdout.flush()

    try:
        run_until_stopped(lambda: session.run(listener, announce))
    finally:
        _finish(session.transcript, out)


def _finish(transcript: object, out: Path) -> None:
    from darajasim.recording.session import write  # noqa: PLC0415
    from darajasim.recording.settling import draft, finished, name_of  # noqa: PLC0415
    from darajasim.recording.transcript import Transcript  # noqa: PLC0415

    assert isinstance(transcript, Transcript)  # noqa: S101  # the session's own
    name = name_of(out)
    try:
        found = finished(transcript, name)
    except Exception as error:  # noqa: BLE001  # nothing recorded may be lost to a fault of ours
        _write(write, out, draft(transcript, name))
        # Neither the message nor the traceback is shown: they may quote what was recorded.
        click.echo(
            f"{out} is written, but could not be tried out ({type(error).__name__}); "
            f"`darajasim check {out}` says what is wrong with it",
            err=True,
        )
        raise SystemExit(1) from None
    _write(write, out, found.text)
    click.echo(f"{out}: {found.calls} calls, {found.callbacks} callbacks")
    for sentence in found.unmet:
        click.echo(f"  not reproduced: {sentence}", err=True)
    click.echo(f"Replay it with: darajasim run {out}")


def _write(write: object, out: Path, text: str) -> None:
    assert callable(write)  # noqa: S101  # see above
    try:
        write(out, text)
    except OSError as error:
        raise click.UsageError(f"cannot write {out}: {error.strerror or error}") from None


def _check_place(out: Path, *, force: bool) -> None:
    from darajasim.scenarios.scalars import is_slug  # noqa: PLC0415

    if out.suffix != ".yaml" or not is_slug(out.name.removesuffix(".yaml")):
        raise click.BadParameter(
            f"expected a name such as checkout.yaml, in lower-case letters, digits and hyphens, "
            f"found {out.name!r}",
            param_hint="--out",
        )
    if not out.parent.is_dir():
        raise click.BadParameter(
            f"there is no folder {out.parent}; make it first", param_hint="--out"
        )
    if out.exists() and not force:
        raise click.BadParameter(f"{out} is there already; --force replaces it", param_hint="--out")
