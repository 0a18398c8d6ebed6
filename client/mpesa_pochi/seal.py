"""`python -m mpesa_pochi seal`: settings from a `.env` file or standard input, encrypted.

No secret is shown, except a new key, once, when it is not written to a file.
"""

import os
import tempfile
from pathlib import Path
from typing import BinaryIO

import click
from cryptography.fernet import Fernet

from mpesa_pochi import sealed
from mpesa_pochi.sealed import LARGEST, VARIABLES, SealError
from mpesa_pochi.secret import Secret

_KEYS = f"{VARIABLES['key']} or {VARIABLES['key_file']}"


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("settings", type=click.File("rb"), default="-")
@click.option(
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    required=True,
    help="The encrypted file.",
)
@click.option(
    "--key-file",
    envvar=VARIABLES["key_file"],
    show_envvar=True,
    type=click.Path(dir_okay=False, path_type=Path),
    help="Where the key is, or goes with --new-key.",
)
@click.option("--new-key", is_flag=True, help="Make a key; without --key-file it is shown, once.")
@click.option("--force", is_flag=True, help="Write over an encrypted file that is there.")
def seal(
    settings: BinaryIO, *, output: Path, key_file: Path | None, new_key: bool, force: bool
) -> None:
    """Encrypt SETTINGS, a file as .env.example is, or what comes on standard input.

    The application reads the result when MPESA_POCHI_SECRETS_FILE names it, with its key in
    MPESA_POCHI_SECRETS_KEY or in the file that MPESA_POCHI_SECRETS_KEY_FILE names.
    """
    try:
        text = _text(settings)
        names = sorted(sealed.parse(text))
        _check(output, names, force=force)
        key = _made(key_file) if new_key else _given(key_file)
        _write(output, sealed.sealed(text, key), over=force)
    except SealError as error:
        raise click.ClickException(str(error)) from None
    ours = [name for name in names if name.startswith("MPESA_")]
    click.echo(f"{output}: {len(names)} variables: {', '.join(ours)}", err=True)
    if new_key and key_file is None:
        click.echo("the key, shown once; keep it apart from the file:", err=True)
        click.echo(key.reveal())


def _check(output: Path, names: list[str], *, force: bool) -> None:
    """Before a key is made: whether there is something to seal, and somewhere to put it."""
    if not names:
        raise SealError("expected NAME=value lines, found none")
    if output.exists() and not force:
        raise SealError(f"{output} is there already; --force writes over it")


def _text(settings: BinaryIO) -> str:
    content = settings.read(LARGEST + 1)
    if len(content) > LARGEST:
        raise SealError(f"expected at most {LARGEST} bytes of settings")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise SealError("expected settings in UTF-8") from None


def _given(key_file: Path | None) -> Secret:
    key = os.environ.get("MPESA_POCHI_SECRETS_KEY", "").strip()
    if key_file is None and not key:
        raise SealError(f"expected a key in {_KEYS}, or --new-key to make one")
    if key_file is not None and key:
        raise SealError(f"expected either {_KEYS}, found both")
    return Secret(key) if key_file is None else sealed.key_from(key_file)


def _made(key_file: Path | None) -> Secret:
    key = Secret(Fernet.generate_key().decode())
    if key_file is not None:
        # Before what it opens, and never over another key: that would close other files for good.
        _write(key_file, key.reveal().encode() + b"\n", over=False)
    return key


def _write(path: Path, content: bytes, *, over: bool) -> None:
    """All of it or nothing, for its owner only."""
    beside = None
    try:
        # Made with mode 0600.
        handle, beside = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        with open(handle, "wb") as file:  # noqa: PTH123 - what was opened already
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        if over:
            Path(beside).replace(path)
        else:
            path.hardlink_to(beside)
    except FileExistsError:
        raise SealError(f"{path} is there already, and is not written over") from None
    except OSError as error:
        raise SealError(f"{path} cannot be written: {error.strerror}") from None
    finally:
        if beside is not None:
            Path(beside).unlink(missing_ok=True)
