"""The pytest plugin, in runs of its own: what tests that use it see."""

import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import mpesa_pochi.client  # noqa: F401
from darajasim.testing import daraja, daraja_scenarios, remote  # noqa: F401

# What a run of pytester imports it forgets, but PyYAML's C part does not survive that; and what is
# imported here already takes no time there.
pytest_plugins = ("pytester",)

PYPROJECT = Path(__file__).parents[2] / "pyproject.toml"
PLUGIN = ("-p", "darajasim.pytest_plugin", "-W", "error")


@pytest.fixture(autouse=True)
def alone(monkeypatch):
    """Only the plugins that a test names."""
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    monkeypatch.delenv("PYTEST_ADDOPTS", raising=False)


@pytest.fixture
def run(pytester):
    """Runs a test module under the plugin."""

    def run(source, *options, name="test_shop"):
        pytester.makepyfile(**{name: source})
        return pytester.runpytest_inprocess(*PLUGIN, *options)

    return run


def test_it_is_an_entry_point():
    declared = tomllib.loads(PYPROJECT.read_text(encoding="utf-8"))["project"]["entry-points"]
    assert declared["pytest11"] == {"darajasim": "darajasim.pytest_plugin"}


def test_a_run_that_does_not_use_it_imports_nothing_heavy(pytester):
    pytester.makepyfile("""
        import sys

        def test_nothing():
            loaded = {name for name in sys.modules if name.startswith("darajasim")}
            assert loaded == {"darajasim", "darajasim.pytest_plugin"}
            heavy = {"faker", "httpx", "sqlalchemy", "starlette", "pydantic", "yaml", "simplejson",
                     "mpesa_pochi", "httptools", "uvicorn", "anyio", "click"}
            assert not heavy & {name.partition(".")[0] for name in sys.modules}
    """)
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *PLUGIN, "-q"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout


def test_fixtures_and_marker_are_listed(run):
    done = run("def test(): pass", "--fixtures", "--markers", "--strict-markers")
    done.stdout.fnmatch_lines(
        [
            "@pytest.mark.daraja(scenario=*",
        ]
    )
    done = run("def test(): pass", "--fixtures")
    done.stdout.fnmatch_lines_random(["daraja -- *", "daraja_server -- *"])


def test_a_payment_in_virtual_time(run):
    done = run("""
        def test_paid(daraja):
            began = daraja.now()
            payment = daraja.push("0722 000 000".replace(" ", ""), 100, reference="INV-7")
            ending = daraja.settle(payment)
            assert ending.paid and ending.receipt
            assert daraja.balance("174379") == 100
            assert daraja.balance("0722000000") == 49_900
            assert (daraja.now() - began).total_seconds() == 15
            callback = daraja.expect.callback(code=0, payment=payment, Amount=100)
            assert callback.value("MpesaReceiptNumber") == ending.receipt
            assert daraja.callbacks == [callback]

        def test_cancelled(daraja):
            daraja.rule("stk_push", {"phone": "0722000000"}, customer="cancel")
            daraja.push()
            daraja.expect.callback(code=1032)
            daraja.expect.no_callback(code=0)

        def test_nothing_is_shared(daraja):
            daraja.push()
            daraja.expect.callback(code=0)
            assert len(daraja.callbacks) == 1

        def test_no_callback(daraja):
            daraja.rule("stk_push", callback="never")
            daraja.push()
            daraja.expect.no_callback()

        def test_twice(daraja):
            daraja.rule("stk_push", callback={"times": 2, "apart": "0s"})
            daraja.push()
            daraja.expect.callbacks(2, code=0)

        def test_a_customer(daraja):
            daraja.customer("0722000000", balance=50, name="JANE WANJIKU")
            daraja.push(amount=100)
            daraja.expect.callback(code=1)
            assert daraja.world.customers["254722000000"].name == "JANE WANJIKU"

        def test_from_the_phone_and_time(daraja):
            began = daraja.now()
            payment = daraja.pay("0722000000", 250)
            daraja.advance(3_600)
            assert daraja.settle(payment).paid
            assert (daraja.now() - began).total_seconds() == 3_600
            assert daraja.balance("174379") == 250

        def test_any_operation(daraja):
            paid = daraja.call("b2c_payment", amount=500)
            assert daraja.settle(paid).code == "0"
            assert daraja.expect.callback(kind="result").value("TransactionAmount") == "500"
    """)
    done.assert_outcomes(passed=8)


def test_clients_of_both_kinds_and_any_host(run):
    done = run("""
        import httpx

        def test_ours(daraja):
            with daraja.sync_client() as mpesa:
                accepted = mpesa.stk_push(
                    phone="0722000000", amount=5, reference="INV-1", description="Shoes"
                )
                assert daraja.settle(accepted).paid

        def test_theirs(daraja):
            with httpx.Client(transport=daraja.sync_transport) as http:
                answer = http.get(
                    "https://sandbox.safaricom.co.ke/oauth/v1/generate",
                    params={"grant_type": "client_credentials"}, auth=("key", "secret"),
                )
                assert answer.json()["expires_in"]

        def test_a_slow_answer_costs_nothing(daraja):
            daraja.rule("stk_push", reply={"after": "20s"})
            began = daraja.now()
            with daraja.sync_client() as mpesa:
                mpesa.stk_push(phone="0722000000", amount=5, reference="INV-1", description="Shoes")
            assert (daraja.now() - began).total_seconds() == 20
    """)
    done.assert_outcomes(passed=3)


APPLICATIONS = """
    import json
    import httpx
    import pytest

    seen = []

    async def asgi(scope, receive, send):
        body = (await receive())["body"]
        seen.append(json.loads(body)["Body"]["stkCallback"]["ResultCode"])
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"{}"})

    def wsgi(environ, start_response):
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or -1))
        seen.append(json.loads(body)["Body"]["stkCallback"]["ResultCode"])
        assert environ["PATH_INFO"] == "/pesa/callback"
        start_response("200 OK", [("content-type", "application/json")])
        return [b"{}"]

    class Callable:
        def __call__(self, request):
            seen.append(json.loads(request.content)["Body"]["stkCallback"]["ResultCode"])

    def function(request):
        seen.append(json.loads(request.content)["Body"]["stkCallback"]["ResultCode"])
        return httpx.Response(201)

    @pytest.mark.parametrize("application", [asgi, wsgi, Callable(), function])
    def test_it_is_called_back(daraja, application):
        seen.clear()
        base = daraja.mount(application)
        assert base == "http://merchant.test"
        daraja.push(callback_url=f"{base}/pesa/callback?x=1")
        daraja.expect.callback(code=0)
        assert seen == [0]

    def test_what_is_no_application(daraja):
        with pytest.raises(TypeError, match="expected an ASGI application"):
            daraja.mount(lambda: None)
            daraja.push()

    def test_an_application_may_ask_daraja_while_it_is_called(daraja):
        asked = []

        def handler(request):
            push = json.loads(request.content)["Body"]["stkCallback"]["CheckoutRequestID"]
            with daraja.sync_client() as mpesa:
                asked.append(mpesa.stk_query(push).code)

        daraja.mount(handler)
        daraja.push(callback_url="http://merchant.test/cb")
        daraja.settle()
        assert asked == ["0"]
"""


def test_applications_of_every_kind(run):
    run(APPLICATIONS).assert_outcomes(passed=6)


LEFT = """
    import httpx
    import pytest

    def test_nobody_listens(daraja):
        daraja.push(callback_url="http://nobody.test/cb")
        daraja.settle()

    def test_answered_500(daraja):
        daraja.mount(lambda request: httpx.Response(500))
        daraja.push(callback_url="http://merchant.test/cb")
        daraja.settle()

    def test_no_rule(daraja):
        daraja.rule("stk_push", {"phone": "0733000000"}, customer="cancel")
        daraja.push("0722000000")

    def test_malformed(daraja):
        with httpx.Client(transport=daraja.sync_transport, base_url=daraja.base_url) as http:
            token = http.get(
                "/oauth/v1/generate?grant_type=client_credentials", auth=("k", "s")
            ).json()["access_token"]
            http.post("/mpesa/stkpush/v1/processrequest", json={"Amount": 1},
                      headers={"authorization": f"Bearer {token}"})

    def test_no_such_path(daraja):
        with httpx.Client(transport=daraja.sync_transport, base_url=daraja.base_url) as http:
            http.post("/mpesa/stkpush/v2/processrequest")
"""


def test_what_is_left_behind_fails_the_test(run):
    done = run(LEFT)
    done.assert_outcomes(passed=5, errors=5)
    done.stdout.fnmatch_lines_random([
        "*a callback was not delivered: stk code 0*nobody.test*nothing listens*",
        "*a callback was not delivered: stk code 0*HTTP 500*",
        "*no rule allowed: stk_push: the nearest rule, rule 1:*, met 0 of 1 conditions; phone:*",
        "*no rule allowed: stk_push: HTTP 400*",
        "*no rule allowed: unknown-path:*did you mean /mpesa/stkpush/v1/processrequest*",
        "*darajasim timeline*",
        "*callback   stk no. 1*",
    ])  # fmt: skip


@pytest.mark.parametrize(
    ("allowed", "errors"),
    [("allow_undelivered=True", 3), ("allow_unmatched=True", 2),
     ("allow_undelivered=True, allow_unmatched=True", 0)],
)  # fmt: skip
def test_opting_out(run, allowed, errors):
    mark = f"    import pytest\n\n    pytestmark = pytest.mark.daraja({allowed})\n"
    run(mark + LEFT).assert_outcomes(passed=5, errors=errors)


def test_what_is_expected_is_no_failure(run):
    done = run("""
        import pytest
        from darajasim.testing import DarajaTestError

        def test_undelivered(daraja):
            daraja.push(callback_url="http://nobody.test/cb")
            (callback,) = daraja.expect.undelivered()
            assert "nothing listens" in callback.error

        def test_refused(daraja):
            daraja.rule("stk_push", {"phone": "0733000000"}, customer="cancel")
            daraja.push("0722000000")
            (why,) = daraja.expect.refused("phone")
            assert "0733000000" in why or "254733000000" in why

        def test_its_own_mistake(daraja):
            with pytest.raises(DarajaTestError, match="HTTP 400"):
                daraja.push(amount=0)

        def test_a_rule_that_refuses(daraja):
            daraja.rule("stk_push", reply={"error": "invalid-amount"})
            with pytest.raises(DarajaTestError, match="Invalid Amount") as caught:
                daraja.push()
            assert caught.value.status == 400

        def test_left_early(daraja):
            daraja.push(callback_url="http://nobody.test/cb")
            daraja.settle()
            pytest.skip("not today")

        def test_the_second_try(daraja):
            daraja.rule("stk_push", {"call": 1}, customer="cancel")
            first = daraja.push()
            assert daraja.settle(first).code == "1032"
            assert daraja.settle(daraja.push()).paid

        def test_delivered_at_the_second_try(daraja):
            import httpx
            answers = [500, 200]
            daraja.mount(lambda request: httpx.Response(answers.pop(0)))
            daraja.rule("stk_push", callback={"times": 2, "apart": "5s"})
            daraja.push(callback_url="http://merchant.test/cb")
            daraja.expect.callback(code=0)
    """)
    done.assert_outcomes(passed=6, skipped=1)


def test_a_failure_shows_what_happened_and_nothing_else_fails(run):
    done = run("""
        def test_wrong(daraja):
            daraja.push(callback_url="http://nobody.test/cb")
            daraja.settle()
            assert daraja.balance("174379") == 7
    """)
    done.assert_outcomes(failed=1)
    done.stdout.fnmatch_lines(
        ["*darajasim timeline*", "*merchant   → stk_push*", "*nothing listens*"]
    )


@pytest.mark.parametrize(
    ("call", "says"),
    [
        ("expect.callback(code=1)", "expected a callback with code 1, found*stk code 0*"),
        ("expect.callback(Amount=7)", "expected a callback with Amount 7, found*"),
        ("expect.callbacks(2)", "expected 2 callbacks, found*"),
        ("expect.no_callback()", "expected no callback, found stk code 0*"),
        ("expect.undelivered()", "expected a callback that is not delivered, found*"),
        ("expect.refused('x')", "expected a request that is refused with 'x', found none*"),
        ("rule('stk_pusch', customer='cancel')", "*did you mean `stk_push`?*"),
        ("rule('stk_push', custmer='cancel')", "*rule 1:*did you mean `customer`?*"),
        ("load('customer-cancel')", "*did you mean `customer-cancels`?*"),
        ("load('none/such.yaml')", "*expected a scenario file, found none of*"),
        ("load('phones')", "*expected one scenario, found phones with phones*"),
        ("push(amuont=3)", "*expected a field of stk_push*found 'amuont'; did you mean `amount`?*"),
        ("call('stk')", "*expected an operation*found 'stk'*"),
        ("call('stk_pus')", "*found 'stk_pus'; did you mean `stk_push`?*"),
        ("lay(world='none.yaml')", "*expected a world file, found none of*none.yaml*"),
        ("settle(7)", "*expected a payment, a checkout request id or a conversation id, found 7*"),
        ("settle('ws_CO_1')", "*expected that ws_CO_1 ends, but nothing is due*"),
    ],
)  # fmt: skip
def test_assertions_and_mistakes_say_what_was_found(run, call, says):
    done = run(f"""
        def test_wrong(daraja):
            daraja.push()
            daraja.settle()
            daraja.{call}
    """)
    done.assert_outcomes(failed=1)
    text = done.stdout.str().replace("\n", " ")
    import fnmatch

    assert fnmatch.fnmatch(text, f"*{says.replace('[', '[[]')}*"), done.stdout.str()


def test_a_mistake_is_shown_where_it_is_and_not_inside_of_us(run):
    done = run("def test_wrong(daraja):\n    daraja.push(amuont=3)")
    done.assert_outcomes(failed=1)
    done.stdout.fnmatch_lines([">*daraja.push(amuont=3)", "test_shop.py:2: DarajaTestError"])
    assert "darajasim/testing/" not in done.stdout.str()


def test_marks_lay_scenarios_worlds_and_rules(run, pytester):
    pytester.makefile(".yaml", busy="""
        scenario: busy
        about: The gateway is busy once.
        rules:
          - on: stk_push
            when: {call: 1}
            reply: {error: system-busy}
    """.replace("system-busy", "gateway-busy"))  # fmt: skip
    pytester.makefile(".yaml", poor="customers: [{phone: 0722000000, balance: 7}]")
    done = run("""
        import pytest
        from darajasim.testing import DarajaTestError

        POOR = {"customers": [{"phone": "0722000000", "balance": 7}]}
        pytestmark = pytest.mark.daraja(world=POOR)

        @pytest.mark.daraja(scenario="customer-cancels")
        def test_bundled(daraja):
            daraja.push(amount=100)
            daraja.expect.callback(code=1032)
            assert daraja.scenario.name == "customer-cancels"

        @pytest.mark.daraja(scenario="busy.yaml")
        def test_a_file(daraja):
            with pytest.raises(DarajaTestError, match="HTTP 50"):
                daraja.push()
            assert daraja.balance("0722000000") == 7

        @pytest.mark.daraja(rules=[{"on": "stk_push", "customer": "cancel"}], profile="documented")
        def test_rules(daraja):
            daraja.push(amount=5)
            daraja.expect.callback(code=1032)

        def test_a_world(daraja):
            daraja.push(amount=8)
            daraja.expect.callback(code=1)

        @pytest.mark.daraja(world="poor.yaml")
        def test_a_world_in_a_file(daraja):
            assert daraja.balance("0722000000") == 7
            assert daraja.balance("0733000000") == 50_000
    """)
    done.assert_outcomes(passed=5)


@pytest.mark.parametrize(
    ("mark", "says"),
    [("scenaro='paid'", "*did you mean scenario?*"), ("'paid'", "*an argument without a name*"),
     ("world={'customrs': []}", "*did you mean `customers`?*"),
     ("world='none.yaml'", "*@pytest.mark.daraja: expected a world file, found none of*")],
)  # fmt: skip
def test_a_wrong_mark_is_an_error(run, mark, says):
    done = run(f"""
        import pytest

        @pytest.mark.daraja({mark})
        def test(daraja):
            pass
    """)
    done.assert_outcomes(errors=1)
    done.stdout.fnmatch_lines([says])


def test_one_test_a_scenario(run, pytester):
    for name, customer, code in (("cancels", "cancel", 1032), ("times-out", "ignore", 1037)):
        (pytester.path / "flows").mkdir(exist_ok=True)
        (pytester.path / "flows" / f"{name}.yaml").write_text(
            f"scenario: {name}\nabout: They do.\ntags: ['{code}']\n"
            f"rules:\n  - on: stk_push\n    customer: {customer}\n",
            encoding="utf-8",
        )
    done = run("""
        import pytest
        from darajasim.testing import daraja_scenarios

        @daraja_scenarios("flows/*.yaml", "paid")
        def test_flow(daraja, daraja_scenario):
            payment = daraja.push()
            code = daraja_scenario.tags[0] if daraja_scenario.name != "paid" else 0
            daraja.expect.callback(code=code, payment=payment)
    """, "-v")  # fmt: skip
    done.assert_outcomes(passed=3)
    done.stdout.fnmatch_lines_random(
        ["*test_flow?cancels? PASSED*", "*test_flow?times-out? PASSED*"]
    )
    done = run("""
        from darajasim.testing import daraja_scenarios

        @daraja_scenarios("nothing/*.yaml")
        def test_flow(daraja):
            pass
    """)
    done.assert_outcomes(errors=1)
    done.stdout.fnmatch_lines(["*expected scenario files, found none for 'nothing/*"])


ASYNCHRONOUS = """
    import asyncio
    import pytest
    from darajasim.testing import DarajaTestError

    MARK

    async def test_paid(daraja):
        payment = daraja.push()
        assert daraja.callbacks == []
        ending = await daraja.settled(payment)
        assert ending.paid
        assert daraja.expect.callback(code=0).payload if False else True

    async def test_a_client_and_an_application_on_the_same_loop(daraja):
        seen = []

        async def application(scope, receive, send):
            await receive()
            await asyncio.sleep(0)
            seen.append(asyncio.get_running_loop())
            await send({"type": "http.response.start", "status": 200, "headers": []})
            await send({"type": "http.response.body", "body": b""})

        base = daraja.mount(application)
        async with daraja.client(callback_url=f"{base}/cb") as mpesa:
            accepted = await mpesa.stk_push(
                phone="0722000000", amount=5, reference="INV-1", description="Shoes"
            )
            assert (await daraja.settled(accepted)).paid
            assert (await mpesa.stk_query(accepted.checkout_request_id)).code == "0"
        assert seen == [asyncio.get_running_loop()]

    async def test_time(daraja):
        began = daraja.now()
        daraja.pay("0722000000", 10)
        await daraja.advanced(86_400)
        assert 86_400 <= (daraja.now() - began).total_seconds() < 86_410
        assert daraja.balance("174379") == 10

    async def test_what_would_block_says_so(daraja):
        daraja.push()
        with pytest.raises(DarajaTestError, match="await"):
            daraja.settle()
        with pytest.raises(AssertionError, match="await daraja.settled"):
            daraja.expect.no_callback()
        with pytest.raises(AssertionError, match="await daraja.settled"):
            daraja.expect.callback(code=0)

    async def test_from_a_thread(daraja):
        daraja.push()
        await asyncio.to_thread(daraja.settle)
        daraja.expect.callback(code=0)

    @pytest.fixture
    def shop(daraja):
        daraja.rule("stk_push", customer="cancel")
        return daraja

    async def test_a_fixture_before_the_loop(shop):
        shop.push()
        await shop.settled()
        shop.expect.callback(code=1032)

    async def test_left_behind(daraja):
        daraja.push(callback_url="http://nobody.test/cb")
        await daraja.settled()

    async def test_something_is_still_due_at_the_end(daraja):
        daraja.push()
        await daraja.advanced(5)
"""


def asynchronous(mark):
    return ASYNCHRONOUS.replace("MARK", mark)


def test_asynchronous_tests_with_anyio(run):
    done = run(asynchronous("""
    pytestmark = pytest.mark.anyio

    @pytest.fixture
    def anyio_backend():
        return "asyncio"
    """), "-p", "anyio.pytest_plugin")  # fmt: skip
    done.assert_outcomes(passed=8, errors=1)
    done.stdout.fnmatch_lines(["ERROR *test_left_behind*a callback was not delivered*"])


@pytest.mark.parametrize(
    ("mode", "mark"), [("strict", "pytestmark = pytest.mark.asyncio"), ("auto", "")]
)
def test_asynchronous_tests_with_pytest_asyncio(run, mode, mark):
    done = run(
        asynchronous(mark), "-p", "pytest_asyncio.plugin", "-o", f"asyncio_mode={mode}",
        "-o", "asyncio_default_fixture_loop_scope=function",
    )  # fmt: skip
    done.assert_outcomes(passed=8, errors=1)
    done.stdout.fnmatch_lines(["ERROR *test_left_behind*a callback was not delivered*"])


def test_an_asynchronous_test_in_virtual_time(run):
    done = run("""
        import asyncio
        import time
        import pytest
        from darajasim.testing import VirtualLoop

        pytestmark = pytest.mark.anyio

        @pytest.fixture
        def anyio_backend():
            return "asyncio", {"loop_factory": VirtualLoop}

        async def test_polling(daraja):
            began = time.perf_counter()
            async with daraja.client() as mpesa:
                accepted = await mpesa.stk_push(
                    phone="0722000000", amount=5, reference="INV-1", description="Shoes"
                )
                outcome = await mpesa.wait_for_payment(accepted.checkout_request_id)
                assert outcome.code == "0"
                await asyncio.sleep(3_600)
            assert time.perf_counter() - began < 5
            daraja.expect.callback(code=0)
    """, "-p", "anyio.pytest_plugin")  # fmt: skip
    done.assert_outcomes(passed=1)
