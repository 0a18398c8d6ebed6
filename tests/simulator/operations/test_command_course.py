"""When the result of a command comes, whatever the command is."""

import json

import pytest

from darajasim.core.rules import CallbackPlan, Plan, Rule
from support.commands import COMMANDS, example
from support.daraja import daraja, in_virtual_time

FIRST = {"before_acknowledgement": True}


@pytest.mark.parametrize("path", COMMANDS)
@pytest.mark.parametrize(
    ("plan", "seconds"),
    [
        (CallbackPlan(**FIRST), 3.5),
        (CallbackPlan(**FIRST, times=2, apart=60), 3.5),
        (CallbackPlan(**FIRST, timeout="only"), 30),
        (CallbackPlan(**FIRST, timeout="first"), 30),
    ],
    ids=["once", "twice", "timeout-only", "timeout-first"],
)
def test_the_first_callback_comes_before_the_acknowledgement(path, plan, seconds):
    async def main():
        async with daraja() as d:
            d.namespace.rules.rules.append(Rule("any", plan=Plan(callback=plan)))
            began = d.simulator.clock.time()
            answer = await d.post(path, example(path))
            assert d.simulator.clock.time() - began == pytest.approx(seconds)
            told = [json.loads(raw)["Result"] for _at, _headers, raw in d.merchant.received]
            assert [each["ConversationID"] for each in told] == [answer.json["ConversationID"]]
            await d.simulator.settled()

    in_virtual_time(main())
