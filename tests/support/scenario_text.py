"""Writing scenario texts in tests, and loading them without a file."""

from pathlib import Path

from darajasim.scenarios import Mistake, Scenario, ScenarioError
from darajasim.scenarios.encoding import decode
from darajasim.scenarios.load import load_source
from darajasim.scenarios.vocabulary import default_vocabulary

HEAD = "scenario: shown\nabout: A customer pays.\n"
PAY = "steps: [{pay: {phone: 0722000000, amount: 100}}]\nexpect: {payment: {}}\n"


def load(text: str) -> list[Scenario]:
    """The scenarios of a text, as if it stood in shown.yaml."""
    source = decode(text.encode(), "shown.yaml")
    return load_source(source, Path("shown.yaml"), default_vocabulary())


def one(text: str) -> Scenario:
    """The only scenario of a text."""
    (scenario,) = load(text)
    return scenario


def mistakes(text: str) -> tuple[Mistake, ...]:
    """What is wrong with a text; nothing when it loads."""
    try:
        load(text)
    except ScenarioError as error:
        return error.mistakes
    return ()


def mistake(text: str) -> Mistake:
    """The only mistake of a text."""
    (found,) = mistakes(text)
    return found


def rule(text: str) -> str:
    """A file with one rule, given as a flow mapping."""
    return f"{HEAD}rules:\n  - {text}\n"
