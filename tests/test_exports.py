"""What a program that installs the distribution finds: names, types, a version, and no weight."""

import subprocess
import sys
from importlib.metadata import distribution, version
from pathlib import Path

import pytest

import darajasim
import mpesa_pochi
from darajasim import scenarios

PACKAGES = (darajasim, mpesa_pochi)
HEAVY = {
    "anyio", "asyncio", "click", "faker", "httpx", "httptools", "pydantic", "rich", "simplejson",
    "sqlalchemy", "starlette", "uvicorn", "uvloop", "yaml",
}  # fmt: skip


def test_the_version_is_the_installed_one():
    assert darajasim.__version__ == version("darajasim")


@pytest.mark.parametrize("package", PACKAGES, ids=lambda package: package.__name__)
def test_importing_it_imports_nothing_heavy(package):
    program = f"import {package.__name__}, sys; print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-I", "-c", program], capture_output=True, text=True, check=True
    )
    assert {name.partition(".")[0] for name in done.stdout.split()} & HEAVY == set()


@pytest.mark.parametrize("package", PACKAGES, ids=lambda package: package.__name__)
def test_it_says_that_it_is_typed(package):
    assert (Path(package.__file__).parent / "py.typed").is_file()


def test_the_command_is_declared():
    commands = {
        script.name: script.value
        for script in distribution("darajasim").entry_points
        if script.group == "console_scripts"
    }
    assert commands == {"darajasim": "darajasim.cli.main:main"}


@pytest.mark.parametrize("name", scenarios.__all__)
def test_the_names_of_the_scenario_loader_are_there(name):
    assert getattr(scenarios, name).__name__ == name
