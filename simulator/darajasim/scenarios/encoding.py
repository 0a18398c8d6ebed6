"""From the bytes of a file to its text: UTF-8, not too long, without control characters."""

import hashlib
import re

from darajasim.scenarios.errors import Mistake, ScenarioErrors
from darajasim.scenarios.source import Place, Source

MAX_BYTES = 1 << 20
"""The largest scenario file that is read: 1 MiB."""

_OTHER_ENCODINGS = (
    (b"\xff\xfe\x00\x00", "UTF-32"),
    (b"\x00\x00\xfe\xff", "UTF-32"),
    (b"\xff\xfe", "UTF-16"),
    (b"\xfe\xff", "UTF-16"),
)
_NOT_TEXT = re.compile(
    "[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]"
)
"""What YAML forbids, and a byte order mark that is not at the start."""


def decode(data: bytes, path: str) -> Source:
    """The text of a file whose bytes are `data`.

    Raises:
        ScenarioErrors: it is not a text file that we read; the message says where and why.
    """
    if len(data) > MAX_BYTES:
        raise ScenarioErrors([_too_long(path)])
    for mark, encoding in _OTHER_ENCODINGS:
        if data.startswith(mark):
            raise ScenarioErrors([_wrong_encoding(path, encoding)])
    body = data.removeprefix(b"\xef\xbb\xbf")
    try:
        text = body.decode()
    except UnicodeDecodeError as error:
        raise ScenarioErrors([_not_utf8(body, error.start, path)]) from None
    source = Source(path, text, hashlib.sha256(data).hexdigest())
    strange = _NOT_TEXT.search(text)
    if strange:
        raise ScenarioErrors([_not_text(source, strange)])
    return source


def _too_long(path: str) -> Mistake:
    return Mistake(
        path,
        "the file is too large for a scenario",
        expected=f"at most {MAX_BYTES >> 20} MiB",
        advice="split it: one file holds one behaviour",
    )


def _wrong_encoding(path: str, encoding: str) -> Mistake:
    return Mistake(
        path,
        "the file is not UTF-8",
        expected="UTF-8 text",
        found=f"{encoding}, by its first bytes",
        advice="save the file again with the encoding UTF-8",
    )


def _not_utf8(body: bytes, offset: int, path: str) -> Mistake:
    source = Source(path, body.decode(errors="replace"))
    place = _place(source, len(body[:offset].decode(errors="replace")))
    return Mistake(
        path,
        "the file is not UTF-8",
        place,
        source,
        expected="UTF-8 text",
        found=f"byte 0x{body[offset]:02X}, which is no UTF-8 here",
        advice="save the file again with the encoding UTF-8",
    )


def _not_text(source: Source, strange: re.Match[str]) -> Mistake:
    return Mistake(
        source.path,
        "an invisible character stands here",
        _place(source, strange.start()),
        source,
        expected="text, tabs and line ends only",
        found=f"U+{ord(strange.group()):04X}",
        advice="delete the character (it may be at either side of the caret)",
    )


def _place(source: Source, offset: int) -> Place:
    before = Source(source.path, source.text[:offset]).lines
    return Place(len(before), len(before[-1]) + 1)
