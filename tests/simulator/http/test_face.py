"""Paths, methods, sizes, hints and namespaces of the Daraja face."""

import asyncio
import json
import logging
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from darajasim.core.customer import CustomerSpec
from darajasim.core.events import TokenIssued
from darajasim.core.simulator import MAX_NAMESPACES, TooManyNamespacesError
from darajasim.core.wire import MAX_BODY_BYTES
from darajasim.core.world import App, WorldOverlay
from darajasim.http.face import LINGER_BYTES, one_line
from support.caller import basic
from support.daraja import PUSH_PATH, QUERY_PATH, daraja, in_virtual_time, push_body

OAUTH = "/oauth/v1/generate?grant_type=client_credentials"
PRINTABLE_LINE = re.compile(r"[ -~]{0,500}")


def asked(method, path, *, base="observed", headers=None, body=b""):
    async def main():
        async with daraja(base=base) as d:
            answer = await d.request(method, path, headers=headers, body=body)
            return answer, list(d.namespace.journal)

    return in_virtual_time(main())


# ----------------------------------------------------------------------------- paths and methods


@pytest.mark.parametrize(
    ("path", "near"),
    [
        (f"{PUSH_PATH}/", PUSH_PATH),
        (PUSH_PATH.replace("v1", "v2"), PUSH_PATH),
        ("/mpesa/stkpush/v1/processRequest", PUSH_PATH),
        (f"//{PUSH_PATH}", PUSH_PATH),
        (f"{QUERY_PATH}/", QUERY_PATH),
        ("/oauth/v1/generate/", "/oauth/v1/generate"),
        ("/oauth/v2/generate?grant_type=client_credentials", "/oauth/v1/generate"),
        ("/", None),
        ("/mpesa", None),
        ("/favicon.ico", None),
        ("/" + "x" * 60_000, None),
        ("/%0d%0aX-Injected:%20yes", None),
        ("/%ff%00%e2%82%ac", None),
    ],
)
def test_an_unknown_path_is_404_without_a_body(path, near):
    answer, events = asked("POST", path)
    assert (answer.status, answer.raw) == (404, b"")
    assert "content-type" not in answer.headers
    assert (near in answer.hint) if near else ("did you mean" not in answer.hint)
    assert [event.kind for event in events] == ["request-answered"]


def test_an_unknown_path_in_the_documented_profile():
    answer, _ = asked("GET", "/mpesa/nothing", base="documented")
    assert answer.status == 404
    assert list(answer.json) == ["requestId", "errorCode", "errorMessage"]
    assert answer.json["errorCode"] == "404.001.01"
    assert answer.json["errorMessage"] == "Resource not found"


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("/mpesa/b2c/v9/paymentrequest", "404.002.01"),
        ("/mpesa/c2b/v9/registerurl", "404.003.01"),
        ("/mpesa/stkpush/v9/processrequest", "404.001.01"),
    ],
)
def test_the_portals_code_for_a_wrong_path_depends_on_the_product(path, code):
    answer, _ = asked("POST", path, base="documented")
    assert (answer.status, answer.json["errorCode"]) == (404, code)


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "PATCH", "OPTIONS", "BREW"])
@pytest.mark.parametrize("path", [PUSH_PATH, QUERY_PATH])
def test_a_wrong_method_is_405(method, path):
    answer, _ = asked(method, path)
    assert (answer.status, answer.json["errorCode"]) == (405, "405.001")
    assert answer.json["errorMessage"] == "Method Not Allowed"
    assert answer.hint == f"expected POST {path}, found {method}"


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
def test_oauth_by_another_method_is_404(method):
    answer, _ = asked(method, OAUTH, headers={"authorization": basic()})
    assert (answer.status, answer.json["errorCode"]) == (404, "404.001.04")
    assert answer.hint == f"expected GET /oauth/v1/generate, found {method}"


def test_the_first_of_two_query_parameters_counts():
    answer, _ = asked("GET", f"{OAUTH}&grant_type=other", headers={"authorization": basic()})
    assert answer.status == 200


# ----------------------------------------------------------------------------------------- sizes


class Sender:
    """The two ASGI callables of one request, which counts what is read of it."""

    def __init__(self, *chunks, endless=None):
        self.chunks = list(chunks)
        self.endless = endless
        self.read = self.read_before = 0
        self.sent = []

    async def receive(self):
        if not self.chunks and self.endless is None:
            return {"type": "http.disconnect"}
        body = self.chunks.pop(0) if self.chunks else self.endless
        self.read += len(body)
        more = bool(self.chunks) or self.endless is not None
        return {"type": "http.request", "body": body, "more_body": more}

    async def send(self, message):
        if not self.sent:
            self.read_before = self.read
        self.sent.append(message)


def scope_of(length=None):
    headers = [(b"content-type", b"application/json")]
    if length is not None:
        headers.append((b"content-length", str(length).encode()))
    return {
        "type": "http",
        "method": "POST",
        "path": PUSH_PATH,
        "query_string": b"",
        "headers": headers,
    }


def refused_for_its_size(sender, length=None):
    async def main():
        async with daraja() as d:
            token = (await d.token()).json["access_token"]
            scope = scope_of(length)
            scope["headers"].append((b"authorization", f"Bearer {token}".encode()))
            await d.wire.app(scope, sender.receive, sender.send)

    in_virtual_time(main())
    start, body, end = sender.sent
    assert (b"connection", b"close") in start["headers"]
    assert start["status"] == 400
    assert json.loads(body["body"])["errorCode"] == "400.002.05"
    assert end["body"] == b""
    assert sender.read <= sender.read_before + LINGER_BYTES


@pytest.mark.parametrize("length", [MAX_BODY_BYTES + 1, 10**12, 10**400])
def test_a_body_said_to_be_too_long_is_answered_before_it_is_read(length):
    sender = Sender(endless=b"x" * 65_536)
    refused_for_its_size(sender, length)
    assert sender.read_before == 0


def test_an_endless_body_is_read_up_to_the_limit():
    sender = Sender(endless=b"x" * 65_536)
    refused_for_its_size(sender)
    assert MAX_BODY_BYTES < sender.read_before <= MAX_BODY_BYTES + 65_536


def test_a_body_of_exactly_the_limit_is_read():
    async def main():
        async with daraja() as d:
            body = json.dumps(push_body(Padding="")).encode()
            padding = "x" * (MAX_BODY_BYTES - len(body))
            body = json.dumps(push_body(Padding=padding)).encode()
            assert len(body) == MAX_BODY_BYTES
            answer = await d.post(PUSH_PATH, body, headers={"content-length": str(len(body))})
            assert answer.status == 200

    in_virtual_time(main())


@pytest.mark.parametrize("chunks", [(), (b"",), (b"{", b"}")])
def test_a_caller_who_hangs_up_gets_no_answer_and_leaves_no_trace(chunks):
    async def main():
        sender = Sender(*chunks)
        messages = [{"type": "http.request", "body": c, "more_body": True} for c in chunks]

        async def receive():
            return messages.pop(0) if messages else {"type": "http.disconnect"}

        async with daraja() as d:
            await d.wire.app(scope_of(), receive, sender.send)
            assert sender.sent == []
            assert len(d.namespace.journal) == 0

    in_virtual_time(main())


# ----------------------------------------------------------------------------------------- hints


@given(st.text(max_size=700))
def test_a_hint_is_one_printable_line(text):
    assert PRINTABLE_LINE.fullmatch(one_line(text))


HOSTILE = "\r\nSet-Cookie: a=b\r\n\r\n\x00\x1b[31mé€\u2028\ud800"


@pytest.mark.parametrize(
    "changes",
    [{name: HOSTILE} for name in push_body() if name not in ("AccountReference", "TransactionDesc")]
    + [{"Amount": [HOSTILE]}, {"Amount": {HOSTILE: 1}}, {"AccountReference": {HOSTILE: HOSTILE}}],
)
def test_no_field_gets_into_the_headers_or_the_log(changes, caplog):
    caplog.set_level(logging.INFO, logger="darajasim")

    async def main():
        async with daraja() as d:
            return await d.push(**changes)

    answer = in_virtual_time(main())
    assert answer.status in (400, 500)
    assert PRINTABLE_LINE.fullmatch(answer.hint)
    assert "set-cookie" not in answer.headers
    assert caplog.messages
    assert all(PRINTABLE_LINE.fullmatch(message) for message in caplog.messages)


def test_a_path_does_not_get_into_the_log_as_it_is(caplog):
    caplog.set_level(logging.INFO, logger="darajasim")
    asked("GET", "/%0d%0aERROR%1b[31m%20it%20failed")
    assert all(PRINTABLE_LINE.fullmatch(message) for message in caplog.messages)


# ------------------------------------------------------------------------------------ namespaces


def test_a_namespace_by_header_and_by_path_is_the_same():
    async def main():
        async with daraja() as d:
            header = {"x-darajasim-namespace": "blue", "authorization": basic()}
            token = (await d.request("GET", OAUTH, headers=header)).json["access_token"]
            sent = {"authorization": f"Bearer {token}", "content-type": "application/json"}
            answer = await d.request(
                "POST", f"/_ns/blue{PUSH_PATH}", headers=sent, body=push_body()
            )
            assert answer.status == 200
            assert len(d.simulator.namespaces["blue"].pushes) == 1
            assert not d.namespace.pushes
            assert len(d.namespace.journal) == 0

    in_virtual_time(main())


def test_a_token_leads_home_and_is_worth_nothing_elsewhere():
    async def main():
        async with daraja() as d:
            header = {"x-darajasim-namespace": "blue", "authorization": basic()}
            token = (await d.request("GET", OAUTH, headers=header)).json["access_token"]
            sent = {"authorization": f"Bearer {token}", "content-type": "application/json"}
            assert (
                await d.request("POST", PUSH_PATH, headers=sent, body=push_body())
            ).status == 200
            assert len(d.simulator.namespaces["blue"].pushes) == 1
            for named in ("default", "green"):
                elsewhere = sent | {"x-darajasim-namespace": named}
                answer = await d.request("POST", PUSH_PATH, headers=elsewhere, body=push_body())
                assert (answer.status, answer.json["errorCode"]) == (404, "404.001.03")
                assert not d.simulator.namespaces[named].pushes

    in_virtual_time(main())


def test_a_consumer_key_leads_home():
    async def main():
        async with daraja() as d:
            blue = d.simulator.namespace("blue")
            blue.world.lay(WorldOverlay(apps=(App("blue-key", "s"),)))
            assert (await d.token("blue-key", "s")).status == 200
            assert (await d.token("other", "s")).status == 200
            issued = [
                [event.consumer_key for event in space.journal.of(TokenIssued)]
                for space in (blue, d.namespace)
            ]
            assert issued == [["blue-key"], ["other"]]

    in_virtual_time(main())


def test_namespaces_share_no_money_no_lock_and_no_payment():
    async def main():
        async with daraja() as d:
            rich = CustomerSpec("254722000000", balance_cents=700_00)
            d.simulator.namespace("rich").world.lay(WorldOverlay(customers=(rich,)))
            ids = {}
            for name in ("rich", "poor"):
                header = {"x-darajasim-namespace": name, "authorization": basic()}
                token = (await d.request("GET", OAUTH, headers=header)).json["access_token"]
                sent = {
                    "authorization": f"Bearer {token}",
                    "content-type": "application/json",
                    "x-darajasim-namespace": name,
                }
                answer = await d.request("POST", PUSH_PATH, headers=sent, body=push_body(Amount=7))
                ids[name] = answer.json["CheckoutRequestID"], sent
            await d.simulator.settled()
            spaces = d.simulator.namespaces
            assert spaces["rich"].ledger.balance("customer:254722000000") == 693_00
            assert spaces["poor"].ledger.balance("customer:254722000000") == 49_993_00
            assert d.namespace.ledger.balance("organisation:174379/utility") == 0
            assert [space.ledger.total() for space in spaces.values()] == [0, 0, 0]
            id_, _ = ids["rich"]
            query = {
                "BusinessShortCode": "174379",
                "Password": push_body()["Password"],
                "Timestamp": push_body()["Timestamp"],
                "CheckoutRequestID": id_,
            }
            answer = await d.request("POST", QUERY_PATH, headers=ids["poor"][1], body=query)
            assert answer.json["errorMessage"] == "The transaction does not Exist"
            assert {name: len(space.pushes) for name, space in spaces.items()} == {
                "default": 0,
                "rich": 1,
                "poor": 1,
            }

    in_virtual_time(main())


@pytest.mark.parametrize("path", ["/_ns/blue", "/_ns/blue/", "/_ns/blue/nothing", "/_ns/a%20b/x"])
def test_an_unknown_path_of_a_namespace(path):
    answer, events = asked("GET", path)
    assert (answer.status, answer.raw) == (404, b"")
    assert events == []


@pytest.mark.parametrize("path", ["/_ns/", "/_ns//x", "/_ns"])
def test_a_namespace_without_a_name_is_the_default_one(path):
    answer, events = asked("GET", path)
    assert answer.status == 404
    assert len(events) == 1


def test_too_many_namespaces_are_refused_in_words(monkeypatch):
    monkeypatch.setattr("darajasim.core.simulator.MAX_NAMESPACES", 2)

    async def main():
        async with daraja() as d:
            statuses = [
                (await d.request("GET", f"/_ns/{name}{OAUTH}", headers={"authorization": basic()}))
                for name in ("a", "b", "a")
            ]
            assert [answer.status for answer in statuses] == [200, 503, 200]
            assert b"at most" in statuses[1].raw

    in_virtual_time(main())
    assert MAX_NAMESPACES >= 10_000
    assert issubclass(TooManyNamespacesError, Exception)


def test_a_namespace_that_is_reset_forgets_and_the_others_do_not():
    async def main():
        async with daraja() as d:
            assert (await d.push()).status == 200
            d.simulator.namespace("blue")
            await d.simulator.reset("blue")
            assert list(d.simulator.namespaces) == ["default"]
            assert d.namespace.timeline.due
            await d.simulator.reset("default")
            assert d.simulator.default is not d.namespace
            assert (await d.request("POST", PUSH_PATH, body=push_body())).status == 404

    in_virtual_time(main())


def test_many_namespaces_at_once_do_not_meet():
    async def main():
        async with daraja() as d:

            async def pay(number):
                name = {"x-darajasim-namespace": f"team-{number}"}
                got = await d.request("GET", OAUTH, headers=name | {"authorization": basic()})
                sent = {
                    "authorization": f"Bearer {got.json['access_token']}",
                    "content-type": "application/json",
                }
                body = push_body(Amount=number + 1, CallBackURL=f"http://merchant/{number}")
                assert (await d.request("POST", PUSH_PATH, headers=sent, body=body)).status == 200

            await asyncio.gather(*map(pay, range(40)))
            await d.simulator.settled()
            for number in range(40):
                space = d.simulator.namespaces[f"team-{number}"]
                assert space.ledger.balance("organisation:174379/utility") == (number + 1) * 100
                (push,) = space.pushes
                assert push.callback_url.endswith(f"/{number}")
            assert len(d.merchant.received) == 40

    in_virtual_time(main())
