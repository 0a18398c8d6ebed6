"""The pages' files: read once from the package, and addressed by what is in them."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from importlib import resources
from pathlib import PurePosixPath
from types import MappingProxyType

TYPES = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}


@dataclass(frozen=True, slots=True)
class StaticFile:
    """One file as it is served."""

    name: str
    content: bytes

    @property
    def media_type(self) -> str:
        """For `Content-Type`."""
        return TYPES[PurePosixPath(self.name).suffix]

    @property
    def etag(self) -> str:
        """For `ETag`: another one for other bytes."""
        return etag(self.content)


@dataclass(frozen=True, slots=True)
class StaticFiles:
    """All files, and one version for all: it changes when any of them does.

    Modules import one another by relative addresses, so a version in the path covers them too.
    """

    files: Mapping[str, StaticFile]
    version: str


def etag(content: bytes) -> str:
    """A strong entity tag of these bytes."""
    return f'"{sha256(content).hexdigest()[:32]}"'


@cache
def packaged() -> StaticFiles:
    """The files beside this module."""
    home = resources.files("mpesa_pochi.merchant").joinpath("static")
    entries = sorted(home.iterdir(), key=lambda entry: entry.name)
    found = [entry for entry in entries if PurePosixPath(entry.name).suffix in TYPES]
    files = {entry.name: StaticFile(entry.name, entry.read_bytes()) for entry in found}
    digest = sha256()
    for file in files.values():
        digest.update(f"{file.name} {len(file.content)}\n".encode() + file.content)
    return StaticFiles(MappingProxyType(files), digest.hexdigest()[:12])
