"""Ten thousand requests against each endpoint, from valid to absurd, over real sockets."""

import asyncio
import json
import os
import re
from collections.abc import Callable
from functools import partial

import pytest
import uvloop

from darajasim.core.catalogue import catalogue
from darajasim.operations import operations
from support.caller import OAUTH_PATH, Answer, Caller, Line, caller, lines
from support.daraja import PUSH_PATH, QUERY_PATH
from support.garbage import Garbage
from support.recorder import recorder
from support.served import served

SEED = 20261011
REQUESTS = int(os.environ.get("FUZZ_REQUESTS", "2000"))
"""For each of STK push, query and OAuth; before a release 10000."""
CONNECTIONS = 4
DEPTH = 16
CLOSELY = 60
EACH = REQUESTS // 30
"""Requests to each of the other products."""


@pytest.fixture(scope="module")
def server():
    with served("--seed", "1", "--speed", "500", "-v") as running:
        yield running


def defined() -> dict[tuple[int, str], list[re.Pattern[str]]]:
    """What the catalogue lets an answer other than 200 say, by status and errorCode."""
    found: dict[tuple[int, str], list[re.Pattern[str]]] = {}
    for row in catalogue().rows:
        if row.surface == "http":
            text = re.escape(row.text).replace(r"\{incident\}", r"\d{15,}-\d+")
            text = re.sub(r"\\\{(token|field|shortcode)\\\}", r"[\\s\\S]*", text)
            found.setdefault((row.http_status, row.code), []).append(re.compile(text))
    return found


DEFINED = defined()
ACCEPTED = [
    ["access_token", "expires_in"],
    ["MerchantRequestID", "CheckoutRequestID", "ResponseCode", "ResponseDescription",
     "CustomerMessage"],
    ["ResponseCode", "ResponseDescription", "MerchantRequestID", "CheckoutRequestID", "ResultCode",
     "ResultDesc"],
]  # fmt: skip


def problem(answer: Answer) -> str | None:
    """What the specification does not define about an answer."""
    if answer.hint is not None and not re.fullmatch(r"[ -~]{1,500}", answer.hint):
        return "its hint is not one printable line"
    if "injected" in map(str.lower, answer.headers):
        return "a header was injected"
    is_json = answer.headers.get("content-type") == "application/json"
    body = json.loads(answer.body) if is_json else {}
    if answer.status == 200 and list(body) in ACCEPTED:
        return None
    code = body.get("errorCode", "")
    text = body.get("errorMessage", "") if is_json else answer.body.decode()
    if is_json and list(body) != ["requestId", "errorCode", "errorMessage"]:
        return f"its keys are {list(body)}"
    if not any(known.fullmatch(text) for known in DEFINED.get((answer.status, code), [])):
        return f"the catalogue has no {answer.status} {code!r} {text!r}"
    return None


def business_problem(answer: Answer) -> str | None:
    """The same for products that answer in shapes of their own."""
    if answer.status == 200 or answer.headers.get("content-type") != "application/json":
        return None if answer.status == 200 else problem(answer)
    body = json.loads(answer.body)
    if "errorCode" in body or "fault" in body or "Envelope" in body:
        return problem(answer)
    return None if answer.status in INLINE else f"no inline answer has the status {answer.status}"


INLINE = {row.http_status for row in catalogue().rows if row.surface == "inline"}


async def bombard(
    server,
    draw: Callable[[], bytes],
    judge: Callable[[Answer], None],
    requests: int = REQUESTS,
    problem: Callable[[Answer], str | None] = problem,
) -> list[str]:
    """Send `requests` requests over a few connections, pipelined; everything that is wrong."""
    left, wrong = requests, []

    async def work(line: Line) -> None:
        nonlocal left
        while left > 0 and not wrong:
            left -= DEPTH
            sent = [draw() for _ in range(DEPTH)]
            number = requests - left
            for raw, asked in [(raw, line.ask(raw)) for raw in sent]:
                try:
                    async with asyncio.timeout(CLOSELY):
                        answer = await asked
                except (ConnectionError, TimeoutError) as error:
                    wrong.append(f"near {number}: {type(error).__name__} {error}: {raw[:3000]!r}")
                    return
                if (found := problem(answer)) is not None:
                    wrong.append(f"near {number}: {found}: {answer} to {raw[:3000]!r}")
                judge(answer)

    async with lines(server.host, server.port, CONNECTIONS) as made:
        await asyncio.gather(*map(work, made))
    return wrong


def run(main):
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(main)


@pytest.mark.parametrize("endpoint", ["oauth", "push", "query"])
def test_nothing_undefined_is_answered(server, endpoint):
    async def main():
        async with caller(server) as app:
            await app.token()
            garbage = Garbage(
                f"{SEED}/{endpoint}", inbox=f"{server.base}/_sim/inbox", bearer=app.bearer
            )
            if endpoint == "query":
                await _issue(app, garbage)
            statuses: dict[int, int] = {}

            def judge(answer: Answer) -> None:
                statuses[answer.status] = statuses.get(answer.status, 0) + 1

            wrong = await bombard(server, getattr(garbage, endpoint), judge)
            assert not wrong, f"seed {SEED}: " + "\n".join(wrong[:3])
            assert statuses[200] > REQUESTS / 50, statuses
            assert statuses[400] > REQUESTS / 50, statuses
            await _still_serves(server)
            await _journal_can_be_read(server)

    run(main())
    server.check_log()
    assert "\nX-Injected" not in server.log


OTHERS = sorted(set(operations()) - {OAUTH_PATH, PUSH_PATH, QUERY_PATH})


def test_nothing_undefined_is_answered_by_any_other_product(server):
    """Fewer requests each: what reads, checks and refuses them is shared."""

    async def main():
        async with caller(server) as app:
            inbox = f"{server.base}/_sim/inbox"
            for path in OTHERS:
                await app.token()  # an hour of the simulator's passes in seconds
                garbage = Garbage(f"{SEED}{path}", inbox=inbox, bearer=app.bearer)
                statuses: set[int] = set()
                wrong = await bombard(
                    server,
                    partial(garbage.business, path),
                    lambda answer, seen=statuses: seen.add(answer.status),
                    EACH,
                    business_problem,
                )
                assert not wrong, f"{path}, seed {SEED}: " + "\n".join(wrong[:3])
                assert 200 in statuses, (path, statuses)
            await _still_serves(server)
            await _journal_can_be_read(server)

    run(main())
    server.check_log()


async def _issue(app: Caller, garbage: Garbage) -> None:
    for number in range(20):
        answer = await app.push(PhoneNumber=254_100_000_000 + number, CallBackURL=garbage.inbox)
        garbage.issued.append(answer.json["CheckoutRequestID"])


async def _still_serves(server) -> None:
    """A payment goes through, and no cent has been made or lost."""
    async with recorder() as merchant, caller(server) as app:
        await app.token()
        before = (await app.get("/_sim/world")).json
        assert before["ledger_total_cents"] == 0
        amount = 2 + len(before["customers"]) % 1_000
        answer = await app.push(
            Amount=amount, PhoneNumber=254_733_000_001, CallBackURL=f"{merchant.url}/cb"
        )
        assert answer.status == 200, answer
        await merchant.wait_for(1)
        assert merchant.received[0].callback["ResultCode"] in (0, 17)
        assert (await app.get("/_sim/world")).json["ledger_total_cents"] == 0


async def _journal_can_be_read(server) -> None:
    """Whatever was sent, the journal is JSON."""
    after, more = 0, True
    async with caller(server) as app:
        while more:
            answer = await app.get(f"/_sim/journal?limit=5000&after={after}")
            assert answer.status == 200, answer
            page = answer.json
            more = page["more"]
            after = page["events"][-1]["number"]
