import asyncio

import pytest

from darajasim.core.rules import Fault
from darajasim.harness.inbox import Inbox, kind_of, url
from darajasim.harness.memory import ConnectionFaultError, Wire
from darajasim.scenarios.products import products
from darajasim.scenarios.scenario import AnswerSpec
from support.daraja import in_virtual_time

ACCEPTED = (200, b'{"ResultCode":0,"ResultDesc":"Accepted"}')
FORBIDDEN = ("mpesa", "m-pesa", "safaricom", ".exe", "exec", "cmd", "sql", "query")
"""What C2B forbids in URLs (documented)."""


def test_every_callback_of_every_operation_is_known_by_its_url():
    for product in products().values():
        for version in product.versions:
            for kind, field in version.callbacks.items():
                home = url(version, field)
                assert kind_of(home.removeprefix("http://inbox.test")) == kind
                if product.name.startswith("c2b_"):
                    assert not any(word in home.lower() for word in FORBIDDEN)


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/stk_push/CallBackURL", "stk"),
        ("/stk_push/ValidationURL", "validation"),
        ("/stk_push/ConfirmationURL", "confirmation"),
        ("/stk_push/QueueTimeOutURL", "timeout"),
        ("/stk_push/ResultURL", "result"),
        ("/stk_push", "stk"),
        ("/stk_query/x", ""),
        ("/other", ""),
        ("/", ""),
        ("", ""),
    ],
)
def test_kinds_by_the_name_of_the_field(path, kind):
    assert kind_of(path) == kind


def answered(*answers, paths):
    """Status and body of each call in order, and when the last one came."""

    async def main():
        wire = Wire(Inbox(answers))
        found = []
        for path in paths:
            try:
                answer = await wire.call(
                    "POST", f"http://inbox.test{path}", headers=[], body=b"{}", seconds=60
                )
                found.append((answer.status, answer.body))
            except ConnectionFaultError as error:
                found.append(error.fault)
            except TimeoutError:
                found.append(None)
        return found, asyncio.get_running_loop().time()

    return in_virtual_time(main())


STK, RESULT = "/stk_push/CallBackURL", "/x/ResultURL"


def test_without_answers_everything_is_accepted():
    found, seconds = answered(paths=[STK, "/anything"])
    assert found == [ACCEPTED, ACCEPTED]
    assert seconds < 1


def test_the_first_answer_that_matches_wins_and_counts_its_own_callbacks():
    answers = (
        AnswerSpec("stk", frozenset({2}), 503, b"busy", "text/plain"),
        AnswerSpec("timeout", status=400),
        AnswerSpec("any", frozenset({1, 3}), 202, b"{}"),
    )
    found, _ = answered(*answers, paths=[STK, STK, STK, "/stk_push/QueueTimeOutURL", STK])
    assert [status for status, _ in found] == [202, 503, 200, 400, 202]


def test_an_answer_may_take_its_time():
    _, seconds = answered(AnswerSpec("any", after=9.0), paths=[STK])
    assert seconds == pytest.approx(9, abs=0.1)


@pytest.mark.parametrize("fault", [Fault.RESET, Fault.EMPTY])
def test_a_connection_may_fail(fault):
    assert answered(AnswerSpec("any", fault=fault), paths=[STK])[0] == [fault]


def test_a_silent_one_is_waited_for_as_long_as_the_caller_likes():
    assert answered(AnswerSpec("any", fault=Fault.HANG), paths=[STK])[0] == [None]
