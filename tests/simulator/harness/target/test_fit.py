"""Which scenarios say anything of an application, and which of their expectations."""

import pytest

from darajasim.harness.target.fit import fitted, misfit
from darajasim.harness.target.loading import load_target
from darajasim.scenarios import bundled, load_file
from simulator.harness.target.test_loading import GOOD


def target(tmp_path, text=GOOD):
    path = tmp_path / "shop.yaml"
    path.write_text(text, encoding="utf-8")
    return load_target(path)


def scenario(name):
    return load_file(bundled.files()[name])[0]


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("paid", None),
        ("wrong-passkey", None),
        ("unknown-app", None),
        ("c2b-paid", "no `pay` step"),
        ("paid-and-awaited", "`await`"),
        ("merchant-pays-out", "`pay_out`"),
        ("callback-never", "need `query`"),
    ],
)
def test_a_scenario_that_says_nothing_of_the_application_is_skipped_with_the_reason(
    tmp_path, name, reason
):
    found = misfit(scenario(name), target(tmp_path))
    assert found == reason or (reason and reason in found)


@pytest.mark.parametrize(
    ("daraja", "name", "reason"),
    [
        ("{shortcode: 600100}", "paid", "shortcode"),
        ("{consumer_key: mine}", "unknown-app", "consumer key"),
        ("{passkey: mine}", "wrong-passkey", "passkey"),
        ("{passkey: mine}", "paid", None),
    ],
)
def test_an_account_that_is_not_the_worlds(tmp_path, daraja, name, reason):
    found = misfit(scenario(name), target(tmp_path, f"{GOOD}daraja: {daraja}\n"))
    assert found == reason or (reason and reason in found)


def test_an_application_that_runs_already_cannot_begin_afresh(tmp_path):
    text = GOOD.replace("start: {command: [python, shop.py]}", "daraja: {port: 8700}")
    running = target(tmp_path, text.replace("${app.port}", "5000"))
    assert misfit(scenario("paid"), running) is None
    assert "afresh" in misfit(scenario("unknown-app"), running)


def test_expectations_about_the_bundled_client_are_left_out_and_named(tmp_path):
    whole = scenario("acknowledgement-lost")
    left, names = fitted(whole, target(tmp_path))
    assert {"client", "query", "requests stk_push", "payment receipt"} <= set(names)
    assert left.expect.client is None
    assert left.expect.callbacks == whole.expect.callbacks
    assert left.expect.payments[0].status == whole.expect.payments[0].status
    assert left.expect.payments[0].receipt is None
