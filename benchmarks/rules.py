"""What rules cost a request: ten of them and a thousand, one for each phone or shortcode, or each
for a phone and above a rate. The ratio is what counts: a thousand are to cost what ten do.
"""

from __future__ import annotations

import asyncio
import json
import sys
import timeit
from collections.abc import Callable
from decimal import Decimal
from functools import partial

from darajasim.core.rate import Rate
from darajasim.core.rule_book import RuleBook
from darajasim.core.rules import Compare, Condition, Equals, Plan, Reply, Rule
from darajasim.core.simulator import Simulator
from darajasim.operations import operations
from darajasim.operations.call import Call

ROUNDS = 500
TIMES = 20
"""Of each, in turns: what else the machine does then hits both."""
FEW, MANY = 10, 1_000
MOST = 1.2
"""How many times more a whole request may take with MANY rules than with FEW."""
PUSH = "/mpesa/stkpush/v1/processrequest"
Maker = Callable[[int], Rule]


def for_phone(number: int) -> Rule:
    """As a scenario with many customers has them."""
    when = (Condition("phone", Equals(f"2547{number:08d}")), _dear())
    return Rule("stk_push", when, plan=_refusal(), where=f"rules.yaml:{number}")


def for_shortcode(number: int) -> Rule:
    """As one with many merchants has them."""
    when = (Condition("shortcode", Equals(f"{600_000 + number}")), _dear())
    return Rule("stk_push", when, plan=_refusal(), where=f"rules.yaml:{number}")


def above_a_rate(number: int) -> Rule:
    """As one has them that limits each customer."""
    when = (Condition("phone", Equals(f"2547{number:08d}")),)
    return Rule("stk_push", when, plan=_refusal(), where=f"rules.yaml:{number}", rate=Rate(5))


def _dear() -> Condition:
    return Condition("amount", Compare(">=", Decimal(100)))


def _refusal() -> Plan:
    return Plan(reply=Reply(error="spike-arrest"))


MAKERS: dict[str, Maker] = {
    "one for each phone": for_phone,
    "one for each shortcode": for_shortcode,
    "one for each phone, above a rate": above_a_rate,
}


def microseconds(*calls: Callable[[], object]) -> list[float]:
    """The best time of each call."""
    best = [float("inf")] * len(calls)
    for _ in range(TIMES):
        for place, call in enumerate(calls):
            best[place] = min(best[place], timeit.timeit(call, number=ROUNDS))
    return [each / ROUNDS * 1e6 for each in best]


def fields(number: int) -> dict[str, str]:
    """What the rule with this number takes."""
    return {"phone": f"2547{number:08d}", "shortcode": f"{600_000 + number}", "amount": "150"}


def in_the_book(make: Maker) -> list[tuple[float, ...]]:
    """For FEW and MANY rules: the last matches; none does; the nearest is looked for."""
    books = [RuleBook([make(number) for number in range(size)]) for size in (FEW, MANY)]
    miss = fields(99_999_999)
    hits = [partial(book.first_match, "stk_push", fields(len(book.rules) - 1)) for book in books]
    misses = [partial(book.first_match, "stk_push", miss) for book in books]
    nearest = [partial(book.nearest, "stk_push", miss) for book in books]
    return list(zip(*(microseconds(*each) for each in (hits, misses, nearest)), strict=True))


async def whole_request(make: Maker) -> list[float]:
    """For FEW and MANY rules: a push that the last one refuses, from its bytes to its answer."""
    simulators = [Simulator(seed=1), Simulator(seed=1)]
    calls = []
    for simulator, size in zip(simulators, (FEW, MANY), strict=True):
        namespace = simulator.default
        namespace.rules.rules += [make(number) for number in range(size)]
        namespace.tokens.issue("token", "key", now=namespace.clock.time(), lifetime=3_600)
        sent = fields(size - 1)
        body = {"PhoneNumber": sent["phone"], "BusinessShortCode": sent["shortcode"], "Amount": 150}
        headers = {"authorization": "Bearer token", "content-type": "application/json"}
        call = Call("POST", PUSH, headers, {}, json.dumps(body).encode())
        calls.append(partial(operations()[PUSH].respond, namespace, call))
    found = microseconds(*calls)
    for simulator in simulators:
        await simulator.close()
    return found


def main() -> int:
    print(f"µs, the best of {TIMES} times {ROUNDS}\n")
    print("| rules | how many | first match | no match | nearest | whole request |")
    print("|---|---|---|---|---|---|")
    worst = 0.0
    for name, make in MAKERS.items():
        whole = asyncio.run(whole_request(make))
        rows = zip((FEW, MANY), in_the_book(make), whole, strict=True)
        for size, (hit, miss, near), one in rows:
            print(f"| {name} | {size:,} | {hit:.2f} | {miss:.2f} | {near:.1f} | {one:.0f} |")
        worst = max(worst, whole[1] / whole[0])
    met = worst <= MOST
    print(f"\nwhole request, {MANY:,} rules / {FEW}: at most {worst:.2f} (target {MOST}): ", end="")
    print("met" if met else "missed")
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main())
