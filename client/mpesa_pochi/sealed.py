"""Settings in an encrypted file: `MPESA_POCHI_SECRETS_FILE`, and the key that opens it.

The file holds lines as `.env` has them, encrypted and authenticated with Fernet (AES-128-CBC and
HMAC-SHA-256, from the `cryptography` package). What the environment itself says wins over the file,
so that one value can be changed for one process; an empty variable says nothing.

No error shows a value, a key or a line.
"""

import os
import re
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from mpesa_pochi.errors import SettingsError
from mpesa_pochi.secret import Secret

if TYPE_CHECKING:
    from cryptography.fernet import Fernet

VARIABLES = {
    "file": "MPESA_POCHI_SECRETS_FILE",
    "key": "MPESA_POCHI_SECRETS_KEY",
    "key_file": "MPESA_POCHI_SECRETS_KEY_FILE",
}
LARGEST = 1024 * 1024
"""Bytes of such a file."""

_FILE, _KEY, _KEY_FILE = VARIABLES.values()
_LINE = re.compile(r"(?:export\s+)?([A-Z][A-Z0-9_]*)\s*=\s*(.*)")
_FORBIDDEN = stat.S_IRWXO | stat.S_IWGRP
"""What others than the owner and his group may do with a key's file, and the group with writing."""


class SealError(Exception):
    """What cannot be sealed or opened, in a sentence without secrets."""


def environment(environ: Mapping[str, str]) -> Mapping[str, str]:
    """`environ`, and what the encrypted file that it names adds to it; without one as it is.

    Raises:
        SettingsError: the file or its key cannot be used.
    """
    path = environ.get(_FILE, "").strip()
    if not path:
        return environ
    complaint = ""
    try:
        added = parse(opened(Path(path), key_in(environ)))
    except SealError as error:
        complaint = str(error)
    if complaint:
        del environ  # a traceback that shows local variables must show none of it
        raise SettingsError(
            "the encrypted settings cannot be read, 1 mistake:", mistakes=(complaint,)
        )
    given = {name: text for name, text in environ.items() if text.strip()}
    return {**added, **given}


def key_in(environ: Mapping[str, str]) -> Secret:
    """The key that the environment gives, or names a file of.

    Raises:
        SealError: neither, both, or a file that cannot be used.
    """
    key, path = environ.get(_KEY, "").strip(), environ.get(_KEY_FILE, "").strip()
    if bool(key) == bool(path):
        found = "both" if key else "neither"
        raise SealError(f"expected either {_KEY} or {_KEY_FILE}, found {found}")
    return key_from(Path(path)) if path else Secret(key)


def key_from(path: Path) -> Secret:
    """The key in a file that only its owner, and his group for reading, can open.

    Raises:
        SealError: it cannot be read, or others can read it too.
    """
    try:
        with path.open("rb") as file:
            mode = os.fstat(file.fileno()).st_mode
            content = file.read(LARGEST)
    except OSError as error:
        raise SealError(f"the key file {path} cannot be read: {error.strerror}") from None
    if os.name == "posix" and mode & _FORBIDDEN:
        raise SealError(
            f"the key file {path} is open to others (mode {stat.S_IMODE(mode):04o}): "
            f"chmod 600 it, and make a new key if anybody may have read it"
        )
    return Secret(content.decode("ascii", "replace").strip())


def sealed(text: str, key: Secret) -> bytes:
    """The text, encrypted.

    Raises:
        SealError: it is not as `.env` has it, or the key is none.
    """
    parse(text)
    return _box(key).encrypt(text.encode()) + b"\n"


def opened(path: Path, key: Secret) -> str:
    """The text that a file holds.

    Raises:
        SealError: it cannot be read, was not sealed with this key, or was changed since.
    """
    box = _box(key)
    try:
        with path.open("rb") as file:
            content = file.read(LARGEST + 1)
    except OSError as error:
        raise SealError(f"{path} ({_FILE}) cannot be read: {error.strerror}") from None
    if len(content) > LARGEST:
        raise SealError(f"{path} ({_FILE}) has more than {LARGEST} bytes; is it the right file?")
    try:
        return box.decrypt(content.strip()).decode()
    except (_invalid_token(), UnicodeDecodeError):
        raise SealError(
            f"{path} ({_FILE}) cannot be opened: this is not the key that it was sealed with, or "
            "the file is not whole, or was changed; seal it again"
        ) from None


def parse(text: str) -> dict[str, str]:
    """Variables as `.env` has them: `NAME=value` on a line, in quotes or not; `#` begins a comment
    on a line of its own.

    Raises:
        SealError: with the numbers of the lines that are none.
    """
    found: dict[str, str] = {}
    mistakes: list[str] = []
    for number, line in enumerate(text.splitlines(), start=1):
        stripped = line.strip()
        if not stripped or stripped.startswith("#"):
            continue
        pair = _LINE.fullmatch(stripped)
        if pair is None:
            mistakes.append(f"line {number} is no NAME=value")
        elif pair[1] in found:
            mistakes.append(f"line {number} gives {pair[1]} again")
        elif pair[1] in VARIABLES.values():
            mistakes.append(f"line {number} gives {pair[1]}, which cannot be in the file itself")
        else:
            found[pair[1]] = _unquoted(pair[2])
    if mistakes:
        raise SealError("; ".join(mistakes))
    return found


def _unquoted(value: str) -> str:
    if len(value) >= 2 and value[0] == value[-1] and value[0] in "'\"":
        return value[1:-1]
    return value


def _invalid_token() -> type[Exception]:
    from cryptography.fernet import InvalidToken  # noqa: PLC0415 - on first use

    return InvalidToken


def _box(key: Secret) -> "Fernet":
    from cryptography.fernet import Fernet  # noqa: PLC0415 - on first use: it takes a while

    try:
        return Fernet(key.reveal())
    except ValueError:
        raise SealError(
            "the key is none: expected 44 characters of base64, as "
            "`python -m mpesa_pochi seal --new-key` makes them; was it pasted whole?"
        ) from None
