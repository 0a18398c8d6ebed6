import pytest

from darajasim.scenarios.checks import disagreements
from darajasim.scenarios.encoding import decode
from darajasim.scenarios.yaml_tree import read_document
from support.scenario_text import HEAD, PAY, mistake, mistakes


def messages(text, stem="shown"):
    root, _ = read_document(decode(text.encode(), "f"))
    return [complaint.message for _, complaint in disagreements(root, stem)]


def test_the_name_is_that_of_the_file():
    assert messages(HEAD + PAY) == []
    assert messages(HEAD + PAY, "other") == ["the scenario is not named like its file"]


def test_a_file_whose_name_is_no_name():
    text = "about: x\nrules: []\n"
    assert mistake(text).advice == "write `scenario: shown`"
    root, _ = read_document(decode(text.encode(), "f"))
    ((_, complaint),) = disagreements(root, "My File")
    assert complaint.advice.startswith("rename the file")


def test_a_scenario_must_say_something():
    assert mistake(HEAD).message == "the scenario says nothing yet"
    assert mistakes(f"{HEAD}rules: []\n") == ()
    assert mistakes(f"{HEAD}world: {{}}\n") == ()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "steps: [wait: 5s]\n",
            "nothing is expected of these steps, so that the scenario could never fail",
        ),
        ("expect: {callbacks: {sent: 0}}\n", "something is expected, but nothing is done"),
        ("steps: []\nexpect: {callbacks: {sent: 0}}\n", "there is no step in the list"),
    ],
)
def test_steps_and_expectations_belong_together(text, message):
    assert mistake(HEAD + text).message == message


def test_the_same_phone_in_another_spelling_is_the_same_customer():
    world = (
        "world: {customers: [{phone: 0722000000}, {phone: 0733000000}, {phone: +254722000000}]}\n"
    )
    assert mistake(HEAD + world + PAY).message == "this phone number is listed twice"


def test_the_same_shortcode_twice():
    world = "world: {organisations: [{shortcode: 600111}, {shortcode: '600111'}]}\n"
    assert mistake(HEAD + world + PAY).message == "this shortcode is listed twice"
