"""`/_sim/inbox` answers callbacks as a laid scenario says, and accepts the others."""

import json

import pytest

from darajasim.harness.memory import ConnectionFaultError
from darajasim.http.control_inbox import kind_of
from support.daraja import daraja, in_virtual_time

STK = {"Body": {"stkCallback": {}}}
RESULT = {"Result": {}}
BUSY = {
    "scenario": "busy",
    "about": "The merchant is not well.",
    "rules": [{"on": "stk_push", "customer": "cancel"}],
    "answers": [
        {"to": "stk", "call": 1, "status": 503, "body": "later", "after": "2s"},
        {"to": "stk", "call": 1, "fault": "reset"},
    ],
}


@pytest.mark.parametrize(
    ("path", "body", "kind"),
    [
        ("/_sim/inbox", STK, "stk"),
        ("/_sim/inbox/", RESULT, "result"),
        ("/_sim/inbox/shop/timeout", RESULT, "timeout"),
        ("/_sim/inbox/shop", {"TransID": "A", "OrgAccountBalance": ""}, "validation"),
        ("/_sim/inbox", {"TransID": "A", "OrgAccountBalance": "1.00"}, "confirmation"),
        ("/_sim/inbox/ratiba", {}, "ratiba"),
        ("/_sim/inbox/nothing", {}, ""),
        ("/_sim/inbox", None, ""),
    ],
)
def test_the_kind_of_a_callback(path, body, kind):
    assert kind_of(path, body) == kind


def test_a_scenario_says_what_is_answered():
    async def main():
        async with daraja() as d:

            async def call(body, path="/_sim/inbox"):
                return await d.request("POST", path, body=json.dumps(body).encode())

            laid = await d.request("POST", "/_sim/scenarios", body=json.dumps(BUSY).encode())
            assert laid.status == 200, laid.raw
            before = d.simulator.clock.time()
            first = await call(STK)
            assert (first.status, first.raw) == (503, b"later")
            assert d.simulator.clock.time() - before >= 2
            with pytest.raises(ConnectionFaultError):
                await call(STK)
            assert (await call(STK)).json["ResultCode"] == 0
            assert (await call(RESULT)).status == 200
            assert (await call(STK, "/_sim/inbox?namespace=other")).status == 200
            await d.request("DELETE", "/_sim/scenarios/busy")
            assert (await call(STK)).status == 200

    in_virtual_time(main())
