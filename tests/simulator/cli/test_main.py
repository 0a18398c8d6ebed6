import importlib
import subprocess
import sys

import click
import pytest
from click.testing import CliRunner

import darajasim
from darajasim.cli.main import COMMANDS, main

HEAVY = {
    "starlette", "pydantic", "httpx", "yaml", "faker", "sqlalchemy", "uvicorn", "uvloop", "rich",
    "httptools", "simplejson", "anyio", "asyncio", "mpesa_pochi.client",
}  # fmt: skip


def run(*arguments):
    return CliRunner().invoke(main, arguments, prog_name="darajasim")


def modules_after(program):
    """The modules of a fresh process once it has run a program."""
    code = f"import sys\n{program}\nprint(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-I", "-c", code], capture_output=True, text=True, check=True
    )
    return set(done.stdout.splitlines()[-1].split())


def test_look(snapshot):
    result = run("--help")
    assert result.exit_code == 0
    assert result.output == snapshot


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_is_listed_with_what_it_is_for(name):
    assert f"\n  {name}  " in run("--help").output
    assert COMMANDS[name] in run("--help").output


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_is_there_and_explains_itself(name):
    command = getattr(importlib.import_module(f"darajasim.cli.{name}"), name)
    assert isinstance(command, click.Command)
    result = run(name, "--help")
    assert result.exit_code == 0
    assert result.output.startswith(f"Usage: darajasim {name} ")


def test_help_is_short_too():
    assert run("-h").output == run("--help").output


@pytest.mark.parametrize("name", COMMANDS)
def test_every_option_says_what_it_does(name):
    command = getattr(importlib.import_module(f"darajasim.cli.{name}"), name)
    options = [option for option in command.params if isinstance(option, click.Option)]
    assert [option.name for option in options if not option.help] == []


def test_without_a_command_there_is_help_and_exit_2():
    result = run()
    assert result.exit_code == 2
    assert "Commands:" in result.output


@pytest.mark.parametrize(
    ("typed", "meant"), [("rn", "run"), ("code", "codes"), ("serv", "serve"), ("chekc", "check")]
)
def test_a_slip_of_the_finger(typed, meant):
    result = run(typed)
    assert result.exit_code == 2
    assert f"No such command '{typed}'." in result.output
    assert f"'{meant}'" in result.output


def test_a_command_like_no_other():
    result = run("xyzzy")
    assert result.exit_code == 2
    assert result.output.splitlines()[-1] == "Error: No such command 'xyzzy'."


def test_an_option_that_does_not_exist():
    result = run("--verbos")
    assert result.exit_code == 2
    assert "No such option" in result.output


def test_the_version():
    result = run("--version")
    assert (result.exit_code, result.output) == (0, f"darajasim {darajasim.__version__}\n")


def test_the_command_is_installed_as_a_module_and_as_a_script():
    for command in ([sys.executable, "-m", "darajasim"], [sys.executable, "-c", SCRIPT]):
        done = subprocess.run([*command, "--version"], capture_output=True, text=True, check=True)
        assert done.stdout == f"darajasim {darajasim.__version__}\n"


SCRIPT = """
from importlib.metadata import entry_points
(script,) = entry_points(group="console_scripts", name="darajasim")
script.load()()
"""


def after_running(*arguments):
    call = f"main({list(arguments)!r})"
    return modules_after(
        f"from darajasim.cli.main import main\ntry: {call}\nexcept SystemExit: pass"
    )


@pytest.mark.parametrize("argument", ["--version", "--help", "nonsense"])
def test_nothing_heavy_is_imported_for_what_needs_none(argument):
    assert after_running(argument) & HEAVY == set()


@pytest.mark.parametrize("name", COMMANDS)
def test_asking_a_command_for_help_imports_little(name):
    assert after_running(name, "--help") & (HEAVY - {"asyncio"}) == set()
