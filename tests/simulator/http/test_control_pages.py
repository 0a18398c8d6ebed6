"""The control API: journal, scenarios, clock, callbacks, namespaces, for any language."""

import asyncio
import json

import pytest

from darajasim.core.events import CallbackAttempted, RequestReceived
from darajasim.core.profile import Profile
from support.daraja import daraja, in_virtual_time, push_body

BLUE = "?namespace=blue"
CANCELS = b"""
scenario: cancels
about: The customer cancels.
world:
  customers:
    - {phone: 0722000000, name: JANE WANJIKU, balance: 500}
rules:
  - on: stk_push
    when: {phone: 0722000000}
    customer: {does: cancel, after: 5s}
"""


def go(main, **options):
    async def wrapped():
        async with daraja(seed=7, **options) as d:
            return await main(d)

    return in_virtual_time(wrapped())


async def ask(d, method, path, body=b"", status=200):
    answer = await d.request(method, f"/_sim/{path}", body=body)
    assert answer.status == status, answer.raw
    assert answer.headers["content-type"] == "application/json"
    return answer.json


# ------------------------------------------------------------------------------------- journal


def test_the_journal_by_kind_subject_and_operation():
    async def main(d):
        first = (await d.push()).json["CheckoutRequestID"]
        await d.simulator.settled()
        await d.push(PhoneNumber=254722000001)
        await d.simulator.settled()
        page = await ask(d, "GET", f"journal?subject={first}")
        assert {event["subject"] for event in page["events"]} == {first}
        kinds = [event["kind"] for event in page["events"]]
        assert kinds[0] == "request-answered"
        assert kinds[-1] == "callback-attempted"
        page = await ask(d, "GET", f"journal?subject={first}&kind=callback-attempted")
        assert len(page["events"]) == 1
        both = await ask(d, "GET", "journal?kind=prompt-sent&kind=money-moved")
        assert {event["kind"] for event in both["events"]} == {"prompt-sent", "money-moved"}
        oauth = await ask(d, "GET", "journal?operation=oauth")
        assert {event["operation"] for event in oauth["events"]} == {"oauth"}
        assert len(oauth["events"]) == 2

    go(main)


def test_counting():
    async def main(d):
        for number in range(3):
            await d.push(PhoneNumber=254722000000 + number)
        await d.simulator.settled()
        found = await ask(d, "GET", "journal/count?kind=callback-attempted")
        assert found["count"] == 3
        whole = (await ask(d, "GET", "journal"))["events"]
        assert found["last"] == whole[-1]["number"]
        last = found["last"]
        assert (await ask(d, "GET", f"journal/count?after={last}"))["count"] == 0
        assert (await ask(d, "GET", "journal/count"))["count"] == len(whole)
        await ask(d, "GET", "journal/count?namespace=nobody", status=404)

    go(main)


def test_waiting_returns_with_the_last_event_that_was_wanted():
    async def main(d):
        loop = asyncio.get_running_loop()
        waiting = loop.create_task(
            ask(d, "GET", "journal/wait?kind=callback-attempted&count=2&timeout=60")
        )
        await asyncio.sleep(0)
        await d.push()
        await d.push(PhoneNumber=254722000001)
        page = await waiting
        assert page["complete"] is True
        assert [event["kind"] for event in page["events"]] == ["callback-attempted"] * 2
        assert d.simulator.clock.elapsed() == pytest.approx(15)

    go(main)


def test_waiting_counts_what_has_happened_already_unless_told_to_begin_later():
    async def main(d):
        await d.push()
        await d.simulator.settled()
        before = d.simulator.clock.elapsed()
        page = await ask(d, "GET", "journal/wait?kind=callback-attempted")
        assert page["complete"] is True
        assert d.simulator.clock.elapsed() == before
        last = len(d.namespace.journal)
        page = await ask(d, "GET", f"journal/wait?kind=callback-attempted&after={last}&timeout=3")
        assert page == {"complete": False, "events": [], "dropped": 0}
        assert d.simulator.clock.elapsed() == pytest.approx(before + 3)

    go(main)


def test_waiting_may_make_time_pass():
    async def main(d):
        async def later():
            await asyncio.sleep(0.5)
            await d.push()

        pushing = asyncio.get_running_loop().create_task(later())
        page = await ask(d, "GET", "journal/wait?kind=callback-attempted&advance=true&timeout=2")
        assert page["complete"] is True
        await pushing
        assert asyncio.get_running_loop().time() == pytest.approx(0.5, abs=0.1)
        assert d.namespace.clock.elapsed() == pytest.approx(15.5, abs=0.1)

    go(main)


def test_a_wait_leaves_no_listener_behind():
    async def main(d):
        before = len(d.namespace.journal._listeners)
        await ask(d, "GET", "journal/wait?timeout=1")
        assert len(d.namespace.journal._listeners) == before

    go(main)


@pytest.mark.parametrize(
    ("path", "says"),
    [
        ("journal?opertaion=oauth", "did you mean `operation`?"),
        ("journal/count?limit=3", "found the parameter 'limit'"),
        ("journal/count?after=-1", "whole number of at least 0 for `after`"),
        ("journal/wait?count=0", "from 1 to 10000 for `count`"),
        ("journal/wait?count=x", "from 1 to 10000 for `count`, found 'x'"),
        ("journal/wait?timeout=-1", "0 to 300 seconds"),
        ("journal/wait?timeout=301", "0 to 300 seconds"),
        ("journal/wait?timeout=nan", "0 to 300 seconds"),
        ("journal/wait?timeout=soon", "for `timeout`, found 'soon'"),
        ("journal/wait?advance=yes", "expected true or false for `advance`"),
        ("clock?tz=x", "found the parameter 'tz'"),
        ("namespaces?x=1", "found the parameter 'x'"),
    ],
)
def test_what_is_wrong_with_a_query_is_said(path, says):
    async def main(d):
        answer = await ask(d, "GET", path, status=400)
        assert answer["error"].startswith("expected ")
        assert says in answer["error"]

    go(main)


# ----------------------------------------------------------------------------------- scenarios


def test_a_scenario_is_laid_over_a_namespace_and_over_no_other():
    async def main(d):
        laid = await ask(d, "POST", f"scenarios{BLUE}", CANCELS)
        assert laid == {
            "scenario": "cancels",
            "rules": [{"on": "stk_push", "where": "cancels.yaml:8", "seen": 0}],
        }
        blue = d.simulator.namespaces["blue"]
        assert blue.world.customer("254722000000").name == "JANE WANJIKU"
        assert d.namespace.rules.rules == []
        headers = {"x-darajasim-namespace": "blue"}
        d._token = None
        await d.post("/mpesa/stkpush/v1/processrequest", push_body(), headers=headers)
        await d.simulator.settled()
        page = await ask(d, "GET", "journal?namespace=blue&kind=callback-attempted")
        assert page["events"] == []  # the token was the default namespace's, so it was refused
        token = await d.request(
            "GET", "/oauth/v1/generate?grant_type=client_credentials",
            headers={**headers, "authorization": "Basic a2V5OnNlY3JldA=="},
        )  # fmt: skip
        d._token = token.json["access_token"]
        await d.post("/mpesa/stkpush/v1/processrequest", push_body(), headers=headers)
        await d.simulator.settled()
        (callback,) = (await ask(d, "GET", "journal?namespace=blue&kind=callback-attempted"))[
            "events"
        ]
        assert json.loads(callback["body"])["Body"]["stkCallback"]["ResultCode"] == 1032
        found = await ask(d, "GET", f"scenarios{BLUE}")
        assert found["scenarios"][0]["rules"][0]["seen"] == 1

    go(main)


def test_mistakes_come_back_with_their_places():
    async def main(d):
        text = CANCELS.replace(b"customer: {", b"custmer: {").replace(
            b"balance: 500", b"balance: x"
        )
        answer = await ask(d, "POST", "scenarios", text, status=422)
        wheres = [mistake["where"] for mistake in answer["mistakes"]]
        assert wheres == ["cancels.yaml:6:56", "cancels.yaml:10:5"]
        assert "did you mean `customer`?" in answer["mistakes"][1]["help"]
        assert answer["error"].startswith("cancels.yaml:6:56: ")
        assert "^" in answer["error"]
        assert d.namespace.rules.rules == []

    go(main)


def test_loading_again_replaces_and_unloading_leaves_the_others():
    async def main(d):
        other = CANCELS.replace(b"cancels", b"other").replace(b"0722000000", b"0733000000")
        await ask(d, "POST", "scenarios", CANCELS)
        await ask(d, "POST", "scenarios", other)
        await ask(d, "POST", "scenarios", CANCELS)
        names = [each["scenario"] for each in (await ask(d, "GET", "scenarios"))["scenarios"]]
        assert names == ["other", "cancels"]
        assert len(d.namespace.rules.rules) == 2
        answer = await ask(d, "DELETE", "scenarios/cansels", status=404)
        assert "loaded: other, cancels" in answer["error"]
        assert await ask(d, "DELETE", "scenarios/cancels") == {"removed": ["cancels"]}
        assert [rule.where for rule in d.namespace.rules.rules] == ["other.yaml:8"]
        assert await ask(d, "GET", "scenarios/other")
        assert await ask(d, "DELETE", "scenarios") == {"removed": ["other"]}
        assert d.namespace.rules.rules == []

    go(main)


def test_a_bundled_scenario_by_name_and_a_row_by_its_case():
    async def main(d):
        laid = await ask(d, "POST", "scenarios?name=customer-cancels")
        assert laid["scenario"] == "customer-cancels"
        answer = await ask(d, "POST", "scenarios?name=customer-cancel", status=404)
        assert "customer-cancels" in answer["error"]
        answer = await ask(d, "POST", "scenarios?name=/etc/hostname", status=404)
        assert "expected the name of a bundled scenario" in answer["error"]
        await ask(d, "POST", "scenarios?name=paid", CANCELS, status=400)
        answer = await ask(d, "POST", "scenarios?name=phones", status=422)
        assert "phones[" in answer["error"]
        case = answer["error"].split("phones[")[1].split("]")[0]
        laid = await ask(d, "POST", f"scenarios?name=phones&case={case}")
        assert laid["scenario"] == f"phones[{case}]"
        await ask(d, "POST", "scenarios?name=phones&case=nothing", status=422)
        await ask(d, "POST", "scenarios?name=paid&case=nothing", status=422)

    go(main)


@pytest.mark.parametrize(
    ("body", "status"),
    [(b"", 400), (b"x" * 1_100_000, 400), (b"[]", 422), (b"\xff", 422), (b"{", 422),
     (b"scenario: ../../etc", 422)],
)  # fmt: skip
def test_what_is_no_scenario_is_refused(body, status):
    async def main(d):
        answer = await ask(d, "POST", "scenarios", body, status=status)
        assert "expected" in answer["error"]

    go(main)


def test_json_is_a_scenario_too_and_profile_and_start_are_taken():
    async def main(d):
        d.namespace.clock.set(0)
        body = {
            "scenario": "as-documented", "about": "Another Daraja.", "profile": "documented",
            "world": {"start": "2026-03-02 09:00:00"},
            "rules": [{"on": "stk_push", "when": {"phone": "0722000000"}, "customer": "cancel"}],
        }  # fmt: skip
        await ask(d, "POST", "scenarios", body)
        clock = await ask(d, "GET", "clock")
        assert clock["time"] == "2026-03-02T06:00:00.000+00:00"
        assert d.namespace.profile == Profile.named("documented")
        seen = set()
        for _ in range(2):
            seen.add((await d.push(PhoneNumber=254733000000)).json["CheckoutRequestID"])
            await ask(d, "POST", "scenarios", body | {"profile": "legacy"})
            await ask(d, "POST", "clock", {"settle": True})
        assert len(seen) == 2

    go(main)


# --------------------------------------------------------------------------------------- clock


def test_the_clock_goes_ahead_and_returns_when_all_is_delivered():
    async def main(d):
        await d.push()
        clock = await ask(d, "GET", "clock")
        assert (clock["due"], clock["speed"]) == (1, 1.0)
        assert clock["next"] == "2026-10-11T11:05:10.000+00:00"
        clock = await ask(d, "POST", "clock", {"advance": 14})
        assert clock["settled"] is False
        assert d.merchant.received == []
        clock = await ask(d, "POST", "clock", {"advance": "1s"})
        assert clock["settled"] is True
        assert len(d.merchant.received) == 1
        assert clock["time"] == "2026-10-11T11:05:24.000+00:00"
        assert asyncio.get_running_loop().time() == 0

    go(main)


def test_settling_goes_as_far_as_it_must():
    async def main(d):
        await d.push()
        clock = await ask(d, "POST", "clock", {"settle": True, "within": 5})
        assert clock["settled"] is False
        clock = await ask(d, "POST", "clock", {"settle": True})
        assert clock["settled"] is True
        assert clock["next"] is None
        (event,) = d.namespace.journal.of(CallbackAttempted)
        assert event.at == pytest.approx(d.simulator.clock.time() + 15)

    go(main)


def test_a_time_is_set_while_nothing_has_happened_and_later_only_ahead():
    async def main(d):
        clock = await ask(d, "POST", "clock", {"set": "2020-01-01 00:00:00"})
        assert clock["time"] == "2019-12-31T21:00:00.000+00:00"
        await d.push()
        answer = await ask(d, "POST", "clock", {"set": "2019-12-31 00:00:00"}, status=422)
        assert "time goes only ahead" in answer["error"]
        clock = await ask(d, "POST", "clock", {"set": "2020-01-02T00:00:00+03:00"})
        assert clock["settled"] is True
        assert len(d.merchant.received) == 1

    go(main)


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"{", 400), (b"[]", 400), (b"7", 400), ({}, 422), ({"advance": -1}, 422),
        ({"advance": "soon"}, 422), ({"advance": True}, 422), ({"advance": None}, 422),
        ({"advance": 1e400}, 400), ({"advance": 1e12}, 422), ({"advance": 1, "settle": True}, 422),
        ({"settle": False}, 422), ({"advance": 1, "within": 1}, 422),
        ({"settle": True, "within": []}, 422),
        ({"set": 12}, 422), ({"set": "tomorrow"}, 422), ({"set": "1815-06-18"}, 422),
        ({"speed": 60}, 422), ({"advence": 5}, 422),
    ],
)  # fmt: skip
def test_what_no_clock_can_do_is_refused_in_words(body, status):
    async def main(d):
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        answer = await ask(d, "POST", "clock", raw, status=status)
        assert answer["error"].startswith("expected ")
        assert d.namespace.clock.elapsed() == 0

    go(main)


# ----------------------------------------------------------------------------------- callbacks


def test_a_callback_comes_again_byte_for_byte():
    async def main(d):
        await d.push()
        await d.simulator.settled()
        (event,) = (await ask(d, "GET", "journal?kind=callback-attempted"))["events"]
        answer = await ask(d, "POST", "callbacks/resend", {"number": event["number"]})
        assert answer["resent"] == 1
        (again,) = answer["events"]
        assert (again["attempt"], again["body"]) == (2, event["body"])
        (_, headers, body), (_, same_headers, same_body) = d.merchant.received
        assert body == same_body
        assert headers == same_headers
        assert headers["businessshortcode"] == "174379"

    go(main)


def test_a_range_comes_again_in_its_order():
    async def main(d):
        for number in range(3):
            await d.push(PhoneNumber=254722000000 + number)
            await d.simulator.settled()
        bodies = [body for _, _, body in d.merchant.received]
        answer = await ask(d, "POST", "callbacks/resend", {"from": 1})
        assert answer["resent"] == 3
        assert [body for _, _, body in d.merchant.received] == bodies * 2
        middle = (await ask(d, "GET", "journal?kind=callback-attempted"))["events"][1]["number"]
        await ask(d, "POST", "callbacks/resend", {"from": middle, "to": middle + 1})
        assert [body for _, _, body in d.merchant.received] == [*bodies, *bodies, bodies[1]]
        events = d.namespace.journal.of(CallbackAttempted)
        assert [event.attempt for event in events] == [1, 1, 1, 2, 2, 2, 3]

    go(main)


@pytest.mark.parametrize(
    ("body", "status"),
    [({}, 422), ({"to": 3}, 422), ({"number": 0}, 422), ({"number": "1"}, 422),
     ({"number": True}, 422), ({"number": 1, "from": 1}, 422), ({"number": 1}, 404),
     ({"from": 9, "to": 8}, 404), ({"nummer": 1}, 422), (b"x", 400)],
)  # fmt: skip
def test_what_cannot_come_again_is_said(body, status):
    async def main(d):
        await d.push()
        await d.simulator.settled()
        answer = await ask(d, "POST", "callbacks/resend", body, status=status)
        assert answer["error"].startswith("expected ")
        assert len(d.merchant.received) == 1

    go(main)


def test_a_customer_pays_from_the_phone():
    async def main(d):
        body = {"phone": "0722000000", "amount": 100, "reference": "INV-9"}
        answer = await ask(d, "POST", "pay", body)
        await ask(d, "POST", "clock", {"settle": True})
        page = await ask(d, "GET", f"journal?subject={answer['subject']}&kind=payment-settled")
        assert page["events"][0]["code"] == "0"
        world = await ask(d, "GET", "world")
        assert world["customers"][0]["balance_cents"] == 49_900_00

    go(main)


@pytest.mark.parametrize(
    "body",
    [{}, {"phone": "0722000000"}, {"phone": "12", "amount": 1},
     {"phone": "0722000000", "amount": 0},
     {"phone": "0722000000", "amount": "1"}, {"phone": "0722000000", "amount": True},
     {"phone": "0722000000", "amount": 10**12}, {"phone": ["x"], "amount": 1},
     {"phone": "0722000000", "amount": 1, "shortcode": "12"}, {"fone": "0722000000", "amount": 1}],
)  # fmt: skip
def test_what_no_phone_can_pay_is_said(body):
    async def main(d):
        answer = await ask(d, "POST", "pay", body, status=422)
        assert answer["error"].startswith("expected ")
        assert len(d.namespace.journal) == 0

    go(main)


# ---------------------------------------------------------------------------------- namespaces


def test_namespaces_are_listed_and_begin_afresh():
    async def main(d):
        await ask(d, "POST", f"scenarios{BLUE}", CANCELS)
        await d.push()
        found = {each["name"]: each for each in (await ask(d, "GET", "namespaces"))["namespaces"]}
        assert found.keys() == {"default", "blue"}
        assert found["blue"]["rules"] == 1
        assert found["default"]["due"] == 1
        assert await ask(d, "POST", f"reset{BLUE}") == {"namespace": "blue", "existed": True}
        assert await ask(d, "POST", f"reset{BLUE}") == {"namespace": "blue", "existed": False}
        await ask(d, "GET", f"journal{BLUE}", status=404)
        assert len(d.namespace.journal.of(RequestReceived)) == 2
        await ask(d, "POST", "reset")
        assert (await ask(d, "GET", "journal"))["events"] == []
        assert (await ask(d, "GET", "health"))["due"] == 0

    go(main)


def test_one_namespace_goes_ahead_and_the_others_stay():
    async def main(d):
        await d.push()
        await ask(d, "POST", f"clock{BLUE}", {"advance": "1d"})
        assert d.merchant.received == []
        assert (await ask(d, "GET", "clock"))["time"] == "2026-10-11T11:05:09.000+00:00"
        blue = await ask(d, "GET", f"clock{BLUE}")
        assert blue["time"] == "2026-10-12T11:05:09.000+00:00"

    go(main)


def test_too_many_namespaces_are_refused(monkeypatch):
    monkeypatch.setattr("darajasim.core.simulator.MAX_NAMESPACES", 1)

    async def main(d):
        answer = await ask(d, "POST", f"clock{BLUE}", {"advance": 1}, status=503)
        assert answer["error"] == "expected at most 1 namespaces"

    go(main)
