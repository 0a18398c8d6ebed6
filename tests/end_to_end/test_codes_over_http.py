"""Every row of `darajasim codes --json` is had over real HTTP by what its `reproduce` says."""

import asyncio
import json
import re
import subprocess
import sys

import pytest

from darajasim.operations import named
from support.caller import GRANT, caller
from support.commands import example
from support.recorder import recorder
from support.served import served

SPEED = 200


@pytest.fixture(scope="module")
def server():
    with served("--seed", "1", "--speed", str(SPEED)) as running:
        yield running


@pytest.fixture(scope="module")
def rows():
    listed = subprocess.run(
        [sys.executable, "-m", "darajasim", "codes", "--json"],
        capture_output=True,
        check=True,
        timeout=20,
    )
    return json.loads(listed.stdout)


def flattened(value):
    """Every leaf of a JSON value; a pair of Key and Value, or Name and Value, is two leaves."""
    if isinstance(value, dict):
        return [leaf for part in value.values() for leaf in flattened(part)]
    if isinstance(value, list):
        return [leaf for part in value for leaf in flattened(part)]
    return [value]


async def send(app, row, url="http://127.0.0.1:9/nobody"):
    """Send the operation's example with the row's fields in it; its URLs lead to `url`."""
    operation = named()[row["operation"]][-1]
    body = example(operation.path, **row["reproduce"])
    ours = {name: url for name, value in body.items() if str(value).startswith("http://merchant/")}
    if operation.lists:
        return await app.post(operation.path, [body | ours])
    return await app.post(operation.path, body | ours)


async def ask(server, row, number: int):
    """The answer to an otherwise valid request with the row's fields in it."""
    async with caller(server) as app:
        given = row["reproduce"]
        if row["operation"] not in ("oauth", "stk_push", "stk_query"):
            await app.token(f"app-{number}")
            return await send(app, row)
        if row["operation"] == "oauth":
            key = given.get("consumer_key", "key")
            query = f"?grant_type={given['grant_type']}" if "grant_type" in given else GRANT
            return await app.token(key, query=query)
        await app.token()
        if row["operation"] == "stk_query":
            return await app.query("ws_CO_111020261405093708374149", **given)
        phone = 254_722_000_000 + number
        return await app.push(**{"PhoneNumber": phone, "PartyA": phone} | given)


def pattern(text: str) -> str:
    """What matches a row's text, whatever stands in its braces."""
    numbers = re.escape(text).replace(r"\{incident\}", r"\d{15,}-\d+")
    return re.sub(r"\\\{(token|field|shortcode)\\\}", ".*", numbers)


def problems_of_an_answer(row, answer) -> list[str]:
    found = []
    if answer.status != row["http_status"]:
        found.append(f"HTTP {answer.status}")
    if not row["code"]:
        expected = pattern(row["text"])
        if not re.fullmatch(expected, answer.body.decode()):
            found.append(f"body {answer.body!r}")
        kind = "application/json" if row["text"].startswith("{") else "text/"
        if row["text"] and not answer.headers["content-type"].startswith(kind):
            found.append(f"content type {answer.headers['content-type']}")
        return found
    body = answer.json
    if list(body) != ["requestId", "errorCode", "errorMessage"]:
        found.append(f"keys {list(body)}")
    if not all(isinstance(value, str) for value in body.values()):
        found.append(f"types {body}")
    if body["errorCode"] != row["code"]:
        found.append(f"body {body}")
    if not re.fullmatch(pattern(row["text"]), body["errorMessage"]):
        found.append(f"text {body}")
    if answer.headers["content-type"] != "application/json":
        found.append(f"content type {answer.headers['content-type']}")
    return found


def test_every_http_row_is_answered_exactly(server, rows):
    async def main():
        chosen = [row for row in rows if row["surface"] == "http"]
        answers = await asyncio.gather(*(ask(server, row, n) for n, row in enumerate(chosen)))
        assert len(chosen) > 30
        return {
            row["key"]: problems
            for row, answer in zip(chosen, answers, strict=True)
            if (problems := problems_of_an_answer(row, answer))
        }

    assert asyncio.run(main()) == {}


def coded(row):
    """The row's code in its JSON type."""
    return int(row["code"]) if row["json_type"] == "integer" else row["code"]


def problems_of_an_inline_answer(row, answer) -> list[str]:
    if answer.status != row["http_status"]:
        return [f"HTTP {answer.status} {answer.body[:200]!r}"]
    body = answer.json
    leaves = flattened(body)
    found = [] if any(same(leaf, coded(row)) for leaf in leaves) else [f"code {body}"]
    # Bill Manager splits a sentence over two keys.
    texts = [leaf for leaf in leaves if isinstance(leaf, str)]
    texts += [f"{body.get('resmsg')}: {body.get('Status_Message')}"] if "resmsg" in body else []
    if not any(re.fullmatch(pattern(row["text"]), text) for text in texts):
        found.append(f"text {body}")
    return found


def same(one, other) -> bool:
    return type(one) is type(other) and one == other


def test_every_inline_row_is_answered_exactly(server, rows):
    async def main():
        chosen = [row for row in rows if row["surface"] == "inline"]
        assert len(chosen) > 20
        found = {}
        for number, row in enumerate(chosen):
            answer = await ask(server, row, number)
            if problems := problems_of_an_inline_answer(row, answer):
                found[row["key"]] = problems
        return found

    assert asyncio.run(main()) == {}


async def carried_out(server, merchant, row, number: int):
    """Send a request whose outcome comes later; the problems of its callback."""
    async with caller(server) as app:
        await app.token(f"app-{number}")
        path = f"/{row['key']}"
        answer = await send(app, row, merchant.url + path)
        if answer.status != 200:
            return [f"HTTP {answer.status} {answer.body[:200]!r}"]
        await merchant.until(lambda: bool(merchant.of(path)))
        leaves = flattened(json.loads(merchant.of(path)[0].body))
        found = [] if any(same(leaf, coded(row)) for leaf in leaves) else [f"code {leaves}"]
        return found if row["text"] in leaves else [*found, f"text {leaves}"]


def test_every_later_result_arrives_in_its_callback(server, rows):
    async def main():
        chosen = [row for row in rows if row["surface"] in ("result", "notice")]
        assert len(chosen) > 60
        async with recorder() as merchant:
            problems = await asyncio.gather(
                *(carried_out(server, merchant, row, n) for n, row in enumerate(chosen))
            )
        pairs = zip(chosen, problems, strict=True)
        return {row["key"]: found for row, found in pairs if found}

    assert asyncio.run(main()) == {}


def test_every_reply_of_a_validation_decides_the_payment(server, rows):
    """The simulator's own inbox answers a validation as its BillRefNumber asks."""

    async def main():
        chosen = [row for row in rows if row["surface"] == "c2b"]
        assert len(chosen) == 7
        found = {}
        inbox = f"{server.base}/_sim/inbox"
        async with caller(server, extra={"x-darajasim-namespace": "c2b"}) as app:
            await app.token()
            register = named()["c2b_register"][-1].path
            await app.post(register, example(register, ConfirmationURL=inbox, ValidationURL=inbox))
            for row in chosen:
                answer = await send(app, row)
                journal = "/_sim/journal?namespace=c2b&kind=payment-settled&limit=10000"
                async with asyncio.timeout(10):
                    while not (events := (await app.get(journal)).json["events"]):
                        pass
                    while len(events) <= chosen.index(row):
                        events = (await app.get(journal)).json["events"]
                if (answer.status, events[-1]["code"]) != (200, row["code"]):
                    found[row["key"]] = (answer.status, events[-1])
        return found

    assert asyncio.run(main()) == {}


async def pay(server, merchant, row):
    """Push to the row's number; the final query, once its callback or its turn has come."""
    async with caller(server) as app:
        await app.token()
        path = f"/{row['key']}"
        url = merchant.url + path
        pushed = await app.push(PartyA=254722000000, CallBackURL=url, **row["reproduce"])
        assert pushed.status == 200, pushed
        checkout_request_id = pushed.json["CheckoutRequestID"]
        if "callback" in row["appears_in"]:
            await merchant.until(lambda: bool(merchant.of(path)))
        queried = await app.query(checkout_request_id)
        return pushed.json, queried


def problems_of_a_payment(row, accepted, queried, delivered) -> list[str]:
    found = []
    query = queried.json
    same = ("MerchantRequestID", "CheckoutRequestID")
    if (queried.status, query["ResultCode"], query["ResultDesc"]) != (
        200,
        row["code"],
        row["query_text"],
    ):
        found.append(f"query {queried.status} {query}")
    if query["ResponseCode"] != "0" or any(query[key] != accepted[key] for key in same):
        found.append(f"query {query}")
    expected = 1 if "callback" in row["appears_in"] else 0
    if len(delivered) != expected:
        return [*found, f"{len(delivered)} callbacks"]
    return found + [
        part for one in delivered for part in problems_of_a_callback(row, accepted, one)
    ]


def problems_of_a_callback(row, accepted, delivery) -> list[str]:
    found = []
    callback = delivery.callback
    code = int(row["code"]) if row["json_type"] == "integer" else row["code"]
    if callback["ResultCode"] != code or type(callback["ResultCode"]) is not type(code):
        found.append(f"ResultCode {callback['ResultCode']!r}")
    if callback["ResultDesc"] != row["text"]:
        found.append(f"ResultDesc {callback['ResultDesc']!r}")
    if any(callback[key] != accepted[key] for key in ("MerchantRequestID", "CheckoutRequestID")):
        found.append(f"ids {callback}")
    if ("CallbackMetadata" in callback) != (row["code"] == "0"):
        found.append(f"keys {list(callback)}")
    headers = delivery.headers
    if headers["Content-Type"] != "application/json;charset=UTF-8":
        found.append(f"content type {headers['Content-Type']}")
    if headers["Businessshortcode"] != "174379":
        found.append(f"shortcode {headers['Businessshortcode']}")
    return found


def test_every_result_arrives_in_the_callback_and_the_query(server, rows):
    async def main():
        chosen = [row for row in rows if row["surface"] == "stk"]
        assert len(chosen) >= 25
        async with recorder() as merchant:
            ends = await asyncio.gather(*(pay(server, merchant, row) for row in chosen))
            # A row without a callback has had longer than any other took.
            return {
                row["key"]: problems
                for row, (accepted, queried) in zip(chosen, ends, strict=True)
                if (
                    problems := problems_of_a_payment(
                        row, accepted, queried, merchant.of(f"/{row['key']}")
                    )
                )
            }

    assert asyncio.run(main()) == {}


def test_the_query_of_a_payment_under_way_is_4999(server, rows):
    async def main():
        async with caller(server) as app:
            await app.token()
            pushed = await app.push(PhoneNumber=254733000000, CallBackURL="http://127.0.0.1:9/")
            return (await app.query(pushed.json["CheckoutRequestID"])).json

    found = asyncio.run(main())
    row = next(row for row in rows if row["key"] == "processing")
    assert (found["ResultCode"], found["ResultDesc"]) == ("4999", row["query_text"])
