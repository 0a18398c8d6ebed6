"""A QR symbol as a square PNG of exactly the pixels that were asked for."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterable, Sequence

QUIET_MODULES = 4
"""The light border that a reader needs, in modules (ISO/IEC 18004)."""
DARK, LIGHT = b"\x00\x00\x00\xff", b"\xff\xff\xff\xff"

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_BITS, _RGBA = 8, 6
_NO_FILTER = b"\x00"


class TooSmallError(ValueError):
    """Fewer pixels than the symbol has modules."""


def png(text: str, pixels: int) -> bytes:
    """A PNG of `pixels` by `pixels`, 8-bit RGBA as the sandbox sends (seen), that says `text`.

    Every module is the same whole number of pixels; what is left over widens the border.

    Args:
        text: ASCII, at most 2,300 characters.

    Raises:
        TooSmallError: the symbol does not fit; the message says how many pixels it needs.
    """
    import segno  # noqa: PLC0415  # only who asks for a QR code waits for it

    matrix = segno.make_qr(text, error="m").matrix
    modules = len(matrix) + 2 * QUIET_MODULES
    scale = pixels // modules
    if scale < 1:
        raise TooSmallError(f"expected at least {modules} pixels, found {pixels}")
    return _file(pixels, _rows(matrix, scale, pixels))


def _rows(matrix: Sequence[Sequence[int]], scale: int, pixels: int) -> Iterable[bytes]:
    """Rows of pixels, each with the filter byte that PNG wants before it."""
    before = (pixels - len(matrix) * scale) // 2
    after = pixels - len(matrix) * scale - before
    blank = _NO_FILTER + LIGHT * pixels
    yield blank * before
    for line in matrix:
        modules = b"".join((DARK if dark else LIGHT) * scale for dark in line)
        yield (_NO_FILTER + LIGHT * before + modules + LIGHT * after) * scale
    yield blank * after


def _file(pixels: int, rows: Iterable[bytes]) -> bytes:
    packer = zlib.compressobj()
    packed = b"".join(map(packer.compress, rows)) + packer.flush()
    head = struct.pack(">IIBBBBB", pixels, pixels, _BITS, _RGBA, 0, 0, 0)
    return _SIGNATURE + _chunk(b"IHDR", head) + _chunk(b"IDAT", packed) + _chunk(b"IEND", b"")


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
