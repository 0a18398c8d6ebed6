import json

from darajasim.core.catalogue import catalogue
from support.commands import example
from support.daraja import daraja, in_virtual_time

PATH = "/standingorder/v1/createStandingOrderExternal"
PHONE = "254722000000"
DAY = 86_400


def run(main, *, world=None, rules=(), **knobs):
    async def whole():
        async with daraja(**knobs) as d:
            if world is not None:
                d.namespace.world.lay(world)
            d.namespace.rules.rules.extend(rules)
            await main(d)
            assert d.namespace.ledger.total() == 0

    in_virtual_time(whole())


async def order(d, **changes):
    """Ask for an order and wait for the callback; the acknowledgement and the callback's body."""
    before = len(d.merchant.received)
    answer = await d.post(PATH, example(PATH, **changes))
    await d.simulator.settled()
    received = [raw for _, _, raw in d.merchant.received[before:]]
    return answer, received[0] if received else None


def events(d, kind):
    return [event for event in d.namespace.journal if isinstance(event, kind)]


def text_of(code):
    return catalogue().coded("notice", code, "standing_order").text


def code_of(raw):
    found = json.loads(raw)
    return (found.get("responseHeader") or found["ResponseHeader"])["responseCode"]
