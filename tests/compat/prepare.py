"""Install the SDKs of sdks.toml, unmodified, and what the example applications need, each into an
environment of its own.

    python tests/compat/prepare.py

A Python SDK gets a virtual environment, one for Node a folder with `node_modules`. They are kept in
`.compat/` of the checkout, or where DARAJASIM_COMPAT_DIR says; what is there already is left alone.
Packages come from wherever pip and npm are configured to take them from.
"""

import asyncio
import json
import os
import shutil
import sys
import tomllib
from dataclasses import dataclass, field
from pathlib import Path

HERE = Path(__file__).resolve().parent
CHECKOUT = HERE.parent.parent
AT_ONCE = 3
LAST_LINES = 15


@dataclass(frozen=True)
class Sdk:
    """One row of sdks.toml.

    Attributes:
        index: where it is published: `pypi` or `npm`.
        extras: optional parts of it that are installed too.
        licence: SPDX expression.
    """

    name: str
    index: str
    version: str
    licence: str
    extras: list[str] = field(default_factory=list)

    @property
    def home(self) -> Path:
        """Its environment."""
        return environments() / f"{self.name}-{self.version}"

    @property
    def python(self) -> Path:
        """The interpreter of a Python SDK."""
        if sys.platform == "win32":
            return self.home / "Scripts" / "python.exe"
        return self.home / "bin" / "python"

    @property
    def stamp(self) -> str:
        """What a finished environment says of itself; another stamp means it must be made anew."""
        made_by = f"python {sys.version_info[0]}.{sys.version_info[1]}"
        return f"{self.index} {self.requirement} {made_by}\n"

    @property
    def requirement(self) -> str:
        if self.index == "npm":
            return f"{self.name}@{self.version}"
        extras = f"[{','.join(self.extras)}]" if self.extras else ""
        return f"{self.name}{extras}=={self.version}"

    @property
    def manifest(self) -> str:
        """The package.json of its folder."""
        return json.dumps({"private": True, "description": f"{self.name}, to drive darajasim with"})

    @property
    def wanted(self) -> tuple[str, ...]:
        """What the installer is asked for."""
        return (self.requirement,)

    @property
    def ready(self) -> bool:
        marker = self.home / "prepared"
        return marker.is_file() and marker.read_text(encoding="utf-8") == self.stamp


class Shop(Sdk):
    """An example application, with what its own dependency file asks for."""

    @property
    def folder(self) -> Path:
        """Where it is in the checkout."""
        return CHECKOUT / "examples" / self.name

    @property
    def dependencies(self) -> Path:
        """Its dependency file."""
        return self.folder / ("package.json" if self.index == "npm" else "requirements.txt")

    @property
    def requirement(self) -> str:
        return f"examples/{self.name}"

    @property
    def manifest(self) -> str:
        return self.dependencies.read_text(encoding="utf-8")

    @property
    def wanted(self) -> tuple[str, ...]:
        return () if self.index == "npm" else ("--requirement", str(self.dependencies))

    @property
    def stamp(self) -> str:
        return f"{super().stamp}{self.manifest}"


class PreparationError(Exception):
    """An environment could not be made; says which and what its installer said last."""


def environments() -> Path:
    """The folder that holds the environments."""
    return Path(os.environ.get("DARAJASIM_COMPAT_DIR") or CHECKOUT / ".compat").resolve()


def sdks() -> dict[str, Sdk]:
    """The rows of sdks.toml by name."""
    rows = tomllib.loads((HERE / "sdks.toml").read_text(encoding="utf-8"))
    return {name: Sdk(name=name, **row) for name, row in rows.items()}


def shops() -> dict[str, Shop]:
    """The example applications by name."""
    both = (Shop("flask_shop", "pypi", "1", "MIT"), Shop("express_shop", "npm", "1", "MIT"))
    return {shop.name: shop for shop in both}


async def prepare(sdk: Sdk) -> None:
    """Make its environment from nothing.

    Raises:
        PreparationError: an installer is missing or failed.
    """
    shutil.rmtree(sdk.home, ignore_errors=True)
    sdk.home.mkdir(parents=True)
    if sdk.index == "npm":
        (sdk.home / "package.json").write_text(sdk.manifest, encoding="utf-8")
        quiet = ("--no-audit", "--no-fund", "--no-package-lock", "--ignore-scripts")
        await _run(sdk, "npm", "install", "--prefix", str(sdk.home), *quiet, *sdk.wanted)
    else:
        await _run(sdk, sys.executable, "-m", "venv", "--without-pip", str(sdk.home))
        pip = (sys.executable, "-m", "pip", "--python", str(sdk.python))
        await _run(sdk, *pip, "install", "--quiet", "--disable-pip-version-check", *sdk.wanted)
    (sdk.home / "prepared").write_text(sdk.stamp, encoding="utf-8")


async def _run(sdk: Sdk, program: str, *arguments: str) -> None:
    found = shutil.which(program)
    if found is None:
        raise PreparationError(f"{sdk.requirement}: expected {program} on the PATH, found none")
    process = await asyncio.create_subprocess_exec(
        found,
        *arguments,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    said, _ = await process.communicate()
    if process.returncode:
        last = said.decode(errors="replace").splitlines()[-LAST_LINES:]
        command = " ".join((program, *arguments))
        raise PreparationError(
            f"{sdk.requirement}: {command} ended with {process.returncode}:\n" + "\n".join(last)
        )


async def prepare_all() -> int:
    """Make the environments that are missing; how many could not be made."""
    turns = asyncio.Semaphore(AT_ONCE)

    async def one(sdk: Sdk) -> int:
        async with turns:
            try:
                await prepare(sdk)
            except PreparationError as error:
                sys.stderr.write(f"{error}\n")
                return 1
            sys.stdout.write(f"prepared {sdk.requirement}\n")
            return 0

    every = (*sdks().values(), *shops().values())
    return sum(await asyncio.gather(*(one(sdk) for sdk in every if not sdk.ready)))


if __name__ == "__main__":
    sys.exit(1 if asyncio.run(prepare_all()) else 0)
