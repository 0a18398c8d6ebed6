"""The package costs nothing until it is used, and says what it lacks."""

import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis.strategies import SearchStrategy

from darajasim import strategies
from support.every import every

MAKERS = [
    name for name in strategies.__all__ if name[0].islower() and name not in ("as_scenario", "play")
]


def run(program):
    return subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False
    )


def test_importing_it_imports_no_hypothesis():
    done = run("import sys, darajasim.strategies; print('hypothesis' in sys.modules)")
    assert done.stdout.strip() == "False", done.stderr


def test_without_hypothesis_it_says_what_to_install():
    done = run(
        "import sys; sys.modules['hypothesis'] = None\n"
        "import darajasim.strategies\n"
        "try:\n    darajasim.strategies.msisdns\n"
        "except ModuleNotFoundError as error:\n    print(error)"
    )
    assert "darajasim.strategies.msisdns needs Hypothesis" in done.stdout, done.stderr
    assert "pip install 'darajasim[strategies]'" in done.stdout


@every(strategies.__all__)
def test_every_name_is_there(name):
    assert getattr(strategies, name).__name__ == name
    assert name in dir(strategies)


@pytest.mark.parametrize("name", MAKERS)
def test_every_maker_makes_a_strategy_from_nothing(name):
    maker = getattr(strategies, name)
    made = maker()
    assert isinstance(made, SearchStrategy)
    with pytest.raises(TypeError):
        maker(None, None)


def test_no_module_takes_the_place_of_a_name():
    """Importing the submodule `amounts` would put it where the function `amounts` is."""
    modules = {path.stem for path in Path(strategies.__file__).parent.glob("*.py")}
    assert not modules & set(strategies.__all__)


def test_an_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="no attribute 'phones'"):
        _ = strategies.phones
