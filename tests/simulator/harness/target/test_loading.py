"""Target files: what is read, and every mistake in its place."""

import json

import jsonschema
import pytest

from compat.prepare import CHECKOUT
from darajasim.harness.target.loading import load_target
from darajasim.harness.target.schema import target_schema
from darajasim.scenarios import ScenarioError
from darajasim.scenarios.nodes import plain
from darajasim.scenarios.source import Source
from darajasim.scenarios.yaml_tree import read_document

GOOD = """\
target: my-shop
url: http://127.0.0.1:${app.port}
start: {command: [python, shop.py]}
pay:
  url: /payments
  json: {phone: "${phone}", amount: "${amount}"}
  find: {payment: id}
status:
  url: /payments/${payment}
  find: {status: status}
  means: {success: [paid], failed: [failed]}
"""


def mistakes(tmp_path, text):
    path = tmp_path / "shop.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ScenarioError) as caught:
        load_target(path)
    return caught.value.mistakes


def test_a_good_file_is_read(tmp_path):
    path = tmp_path / "shop.yaml"
    path.write_text(GOOD, encoding="utf-8")
    file = load_target(path).file
    assert file.start.command == ("python", "shop.py")
    assert file.pay.json_ == {"phone": "${phone}", "amount": "${amount}"}
    assert file.status.means.success == {"paid"}


@pytest.mark.parametrize(
    ("old", "new", "place", "message", "help_"),
    [
        ("target:", "targt:", (1, 1), "a target has no key `targt`", "did you mean `target`?"),
        ("${phone}", "${fone}", (6, 17), "nothing is filled in for `${fone}` here", "`phone`"),
        (
            "[python, shop.py]",
            "python shop.py",
            (3, 18),
            "a command is a list",
            "[python, shop.py]",
        ),
        ("{payment: id}", "{payment: a..b}", (7, 19), "this says nowhere where to look", ""),
        ("{payment: id}", "{payment: /a/}", (7, 19), "this says nowhere where to look", ""),
        ("  json:", "  form: {a: b}\n  json:", (7, 3), "`form` and `json` exclude each other", ""),
        ("[failed]}", "[paid]}", (11, 28), "`paid` cannot mean both success and failed", ""),
        ("http://127", "127", (2, 6), "this is not the URL of an application", ""),
        ("start: {command: [python, shop.py]}", "", (1, 1), "an application that runs already", ""),
        ("  means: {", "  means: {paid: x, ", (11, 11), "`means` has no key `paid`", ""),
        ("  url: /payments\n", "", (4, 1), "`pay` must have `url`", ""),
        (
            "  find: {status",
            "  credits: x\n  find: {status",
            (10, 3),
            "`status` has no key",
            "find",
        ),
    ],
)
def test_a_mistake_is_told_in_its_place(tmp_path, old, new, *, place, message, help_):
    assert old in GOOD
    found = mistakes(tmp_path, GOOD.replace(old, new, 1))
    told = next(each for each in found if message in each.message)
    assert (told.place.line, told.place.column) == place
    assert help_ in told.advice


def test_all_mistakes_are_told_at_once(tmp_path):
    text = GOOD.replace("${phone}", "${fone}").replace("target:", "targt:")
    assert len(mistakes(tmp_path, text)) == 2


@pytest.mark.parametrize("text", ["", "- a\n", "42\n"])
def test_a_file_that_is_no_mapping_is_told_to_be_no_target(tmp_path, text):
    (found,) = mistakes(tmp_path, text)
    assert "scenario" not in str(found).replace("scenario:", "")
    assert "target:" in found.advice


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(ScenarioError, match="cannot be read"):
        load_target(tmp_path / "none.yaml")


@pytest.mark.parametrize("shop", ["flask_shop", "express_shop"])
def test_the_published_schema_takes_the_examples(shop):
    text = (CHECKOUT / "examples" / shop / "target.yaml").read_text(encoding="utf-8")
    root, wrong = read_document(Source("target.yaml", text))
    assert wrong == []
    tree = json.loads(json.dumps(plain(root), default=lambda scalar: scalar.value))
    jsonschema.validate(tree, target_schema())
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({**tree, "pay": {"url": "/x"}}, target_schema())
