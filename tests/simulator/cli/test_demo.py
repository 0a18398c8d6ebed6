import json
import re

import pytest
from click.testing import CliRunner

from darajasim.cli.demo import SCENARIO, demo
from darajasim.scenarios import bundled


def run(*arguments):
    return CliRunner().invoke(demo, arguments)


@pytest.fixture(scope="module")
def said():
    ended = run()
    assert ended.exit_code == 0, ended.output
    return ended.output


def test_every_part_of_the_flow_is_told_in_its_order(said):
    order = (
        "Merchant → Daraja: oauth",
        "Merchant → Daraja: stk_push",
        "Daraja → Phone: 254722000000 shows:",
        "Phone → Daraja: 254722000000: approve",
        "Daraja → Merchant: callback stk",
        "Merchant → Daraja: b2c_payment",
        "Daraja → Merchant: callback result",
        "Merchant → Daraja: account_balance",
        "cancelled: 254700001032",
        "Phone → Daraja: 254700001032: cancel",
        "timed-out: 254700001037",
        '"ResultCode": "1037"',
    )
    places = [said.index(part) for part in order]
    assert places == sorted(places)


def test_the_payments_end_as_they_should(said):
    assert re.search(r"^paid +success +code 0 +receipt \w{10}$", said, re.MULTILINE)
    assert re.search(r"^cancelled +failed +code 1032$", said, re.MULTILINE)
    assert re.search(r"^timed-out +failed +code 1037$", said, re.MULTILINE)


def test_bodies_are_json_that_can_be_copied(said):
    bodies = re.findall(r"^ {13}\{\n(?:.*\n)*?^ {13}\}$", said, re.MULTILINE)
    read = [json.loads(body) for body in bodies]
    assert any("Body" in body for body in read)
    assert any(body.get("Amount") == "100" for body in read)


def test_no_secret_is_shown(said):
    shown = re.findall(r'"(?:Password|SecurityCredential|access_token)": "([^"]*)"', said)
    assert set(shown) == {"***"}


def test_another_seed_draws_other_ids(said):
    other = run("--seed", "2").output
    receipt = re.compile(r"receipt (\w{10})")
    assert receipt.search(said)[1] != receipt.search(other)[1]


def test_what_does_not_hold_is_told_and_is_the_exit_code(tmp_path, monkeypatch):
    text = bundled.files()[SCENARIO].read_text(encoding="utf-8")
    broken = tmp_path / "demo.yaml"
    broken.write_text(text.replace("code: 1032", "code: 1"), encoding="utf-8")
    monkeypatch.setattr(bundled, "files", lambda: {SCENARIO: broken})
    ended = run()
    assert ended.exit_code == 1
    assert "payment cancelled: code: expected 1, found 1032" in ended.stderr
