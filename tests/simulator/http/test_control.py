"""`/_sim/`: what the developer may ask of the simulator itself."""

import re

import pytest

from darajasim import __version__
from darajasim.core.customer import CustomerSpec
from darajasim.core.events import CallbackAttempted, PaymentSettled
from darajasim.core.world import WorldOverlay
from darajasim.http.control_journal import MAX_PAGE
from support.caller import basic
from support.commands import example
from support.daraja import daraja, in_virtual_time

OAUTH = "/oauth/v1/generate?grant_type=client_credentials"
BLUE = {"x-darajasim-namespace": "blue"}


def go(main):
    async def wrapped():
        async with daraja(seed=7) as d:
            return await main(d)

    return in_virtual_time(wrapped())


async def get(d, path, **headers):
    answer = await d.request("GET", path, headers=headers)
    assert answer.headers["content-type"] == "application/json"
    return answer


def test_health():
    async def main(d):
        await d.push()
        answer = await get(d, "/_sim/health")
        assert answer.status == 200
        assert answer.json == {
            "status": "ok",
            "version": __version__,
            "seed": 7,
            "time": "2026-10-11T11:05:09.000+00:00",
            "namespaces": 1,
            "due": 1,
        }

    go(main)


def test_the_journal_is_every_step_of_a_payment_in_order():
    async def main(d):
        await d.push()
        await d.simulator.settled()
        page = (await get(d, "/_sim/journal")).json
        kinds = [event["kind"] for event in page["events"]]
        assert kinds == [
            "request-received",
            "token-issued",
            "request-answered",
            "request-received",
            "request-answered",
            "prompt-sent",
            "customer-acted",
            "money-moved",
            "payment-settled",
            "callback-attempted",
        ]
        assert [event["number"] for event in page["events"]] == list(range(1, 11))
        times = [event["time"] for event in page["events"]]
        assert times == sorted(times)
        assert all(re.fullmatch(r"2026-10-11T\d\d:\d\d:\d\d\.\d{3}\+00:00", time) for time in times)
        assert page["more"] is False
        assert page["dropped"] == 0

    go(main)


def test_no_secret_is_in_the_journal():
    async def main(d):
        await d.token("my-key", "my-own-secret")
        answer = await d.push()
        await d.simulator.settled()
        text = (await get(d, "/_sim/journal")).raw.decode()
        assert answer.status == 200
        assert "my-own-secret" not in text
        assert d._token not in text
        assert "MTc0Mzc5" not in text

    go(main)


def test_paging_gives_every_event_once():
    async def main(d):
        for number in range(5):
            await d.push(PhoneNumber=254722000000 + number)
        await d.simulator.settled()
        whole = (await get(d, "/_sim/journal")).json["events"]
        for limit in (1, 3, len(whole) - 1, len(whole), MAX_PAGE):
            found, after, more = [], 0, True
            while more:
                page = (await get(d, f"/_sim/journal?limit={limit}&after={after}")).json
                assert 1 <= len(page["events"]) <= limit
                found += page["events"]
                after, more = found[-1]["number"], page["more"]
            assert found == whole
        assert (await get(d, f"/_sim/journal?after={len(whole)}")).json["events"] == []
        assert (await get(d, "/_sim/journal?after=99999999999999999999")).json["events"] == []

    go(main)


def test_a_kind_alone_and_by_pages():
    async def main(d):
        for number in range(3):
            await d.push(PhoneNumber=254722000000 + number)
        await d.simulator.settled()
        page = (await get(d, "/_sim/journal?kind=callback-attempted&limit=2")).json
        assert [event["kind"] for event in page["events"]] == ["callback-attempted"] * 2
        assert page["more"] is True
        after = page["events"][-1]["number"]
        page = (await get(d, f"/_sim/journal?kind=callback-attempted&after={after}")).json
        assert len(page["events"]) == 1
        assert page["more"] is False
        assert (await get(d, "/_sim/journal?kind=nothing")).json["events"] == []

    go(main)


@pytest.mark.parametrize(
    "query",
    [
        "after=-1", "after=x", "after=1.5", "after=", "limit=0", "limit=-5", "limit=x", "limit=%00",
        f"limit={MAX_PAGE + 1}", "limit=" + "9" * 5_000, "after=NaN",
    ],
)  # fmt: skip
def test_bad_parameters_are_refused_in_words(query):
    async def main(d):
        answer = await get(d, f"/_sim/journal?{query}")
        assert answer.status == 400
        assert answer.json["error"].startswith("expected ")

    go(main)


def test_dropped_events_are_counted():
    async def main(d):
        d.namespace.journal._max_events = 4
        await d.push()
        page = (await get(d, "/_sim/journal")).json
        assert len(page["events"]) == 4
        assert page["dropped"] == page["events"][0]["number"] - 1 > 0

    go(main)


@pytest.mark.parametrize(
    "body",
    [
        b'{"Amount": "\\ud800"}', b'{"\\udc00": 1}', b'{"Amount": 1e400}', b'{"Amount": -0.0}',
        b'{"Amount": %s}' % (b"9" * 4_300), b'{"a": 1, "a": 2}', b'{"Amount": "\\u0000\\u2028"}',
        b'{"a":' * 100 + b"1" + b"}" * 100, b'{"a":' * 960 + b"1" + b"}" * 960, b"\xff",
        b'{"Password": "\\ud800", "SecurityCredential": "x"}', b'{"a": [' + b"[]," * 9_999 + b"1]}",
    ],
)  # fmt: skip
def test_whatever_was_sent_the_journal_is_json(body):
    async def main(d):
        answer = await d.post("/mpesa/stkpush/v1/processrequest", body)
        assert answer.status == 400
        answer = await get(d, "/_sim/journal")
        assert answer.status == 200
        assert [event["kind"] for event in answer.json["events"]][-1] == "request-answered"

    go(main)


def test_the_world_shows_who_has_what():
    async def main(d):
        await d.push(Amount=100)
        await d.simulator.settled()
        world = (await get(d, "/_sim/world")).json
        assert world["ledger_total_cents"] == 0
        (customer,) = world["customers"]
        assert customer["phone"] == "254722000000"
        assert customer["balance_cents"] == 49_900_00
        assert customer["state"] == "active"
        assert customer["name"].isupper()
        assert customer["pochi_balance_cents"] is None
        accounts = {org["shortcode"]: org["accounts_cents"] for org in world["organisations"]}
        empty = dict.fromkeys(["working", "utility", "charges", "merchant", "settlement"], 0)
        funds = {"working": 584_459_00, "utility": 3_020_000_00, "charges": -2_420_00}
        assert accounts == {
            "174379": empty | {"utility": 100_00},
            "600100": empty,
            "600998": empty | funds,
        }
        balances = {org["shortcode"]: org["balance_cents"] for org in world["organisations"]}
        assert balances == {"174379": 100_00, "600100": 0, "600998": 3_020_000_00}
        assert b"bfb279f9" not in (await get(d, "/_sim/world")).raw

    go(main)


def test_the_world_shows_who_has_a_pochi():
    async def main(d):
        spec = CustomerSpec("254722000000", pochi=True, pochi_cents=7_00)
        d.namespace.world.lay(WorldOverlay(customers=(spec,)))
        (customer,) = (await get(d, "/_sim/world")).json["customers"]
        assert customer["pochi_balance_cents"] == 7_00

    go(main)


def test_another_namespace_by_query_or_header():
    async def main(d):
        await d.request("GET", OAUTH, headers=BLUE | {"authorization": basic()})
        for path, headers in [("?namespace=blue", {}), ("", BLUE)]:
            page = (await get(d, f"/_sim/journal{path}", **headers)).json
            assert len(page["events"]) == 3
            assert (await get(d, f"/_sim/world{path}", **headers)).status == 200
        assert (await get(d, "/_sim/journal")).json["events"] == []
        assert (await get(d, "/_sim/health")).json["namespaces"] == 2

    go(main)


@pytest.mark.parametrize("path", ["journal", "world"])
def test_asking_does_not_make_a_namespace(path):
    async def main(d):
        for query in ("green", "%00", "a" * 5_000):
            answer = await get(d, f"/_sim/{path}?namespace={query}")
            assert answer.status == 404
            assert answer.json == {"error": "no namespace of this name has been used"}
        assert list(d.simulator.namespaces) == ["default"]

    go(main)


VALIDATION = {"TransID": "UJB5Q7X2KE", "OrgAccountBalance": "", "BillRefNumber": "C2B00012"}
REJECTED = {"ResultCode": "C2B00012", "ResultDesc": "Invalid Account Number"}
ACCEPTED = {"ResultCode": 0, "ResultDesc": "Accepted"}
INBOX = [
    (b"\xff not json", ACCEPTED),
    (b"", ACCEPTED),
    (b"[]", ACCEPTED),
    (b'{"TransID":' * 200, ACCEPTED),
    (b" " * 1_100_000, ACCEPTED),
    (VALIDATION, REJECTED),
    (
        VALIDATION | {"BillRefNumber": "C2B00016"},
        {"ResultCode": "C2B00016", "ResultDesc": "Other Error"},
    ),
    (VALIDATION | {"BillRefNumber": "C2B00099"}, ACCEPTED),
    (VALIDATION | {"BillRefNumber": "0"}, ACCEPTED),
    (VALIDATION | {"BillRefNumber": ["C2B00012"]}, ACCEPTED),
    (VALIDATION | {"OrgAccountBalance": "12.00"}, ACCEPTED),
    ({"OrgAccountBalance": "", "BillRefNumber": "C2B00012"}, ACCEPTED),
]


@pytest.mark.parametrize("path", ["/_sim/inbox", "/_sim/inbox/", "/_sim/inbox/c2b/validation"])
@pytest.mark.parametrize(("body", "answered"), INBOX)
def test_the_inbox_takes_callbacks_and_rejects_what_asks_to_be_rejected(path, body, answered):
    async def main(d):
        answer = await d.request("POST", path, body=body)
        assert answer.status == 200
        assert answer.json == answered

    go(main)


@pytest.mark.parametrize("code", [f"C2B000{number}" for number in range(11, 17)] + ["0"])
def test_each_c2b_code_can_be_had_from_the_inbox_alone(code):
    async def main(d):
        d.simulator.courier._wires["daraja"] = d.wire
        urls = dict.fromkeys(["ValidationURL", "ConfirmationURL"], "http://daraja/_sim/inbox/c2b")
        await d.post("/mpesa/c2b/v2/registerurl", example("/mpesa/c2b/v2/registerurl", **urls))
        path = "/mpesa/c2b/v2/simulate"
        await d.post(path, example(path, BillRefNumber=code))
        await d.simulator.settled()
        (settled,) = d.namespace.journal.of(PaymentSettled)
        assert settled.code == code
        sent = [event.callback for event in d.namespace.journal.of(CallbackAttempted)]
        assert sent == ["validation", "confirmation"][: 2 if code == "0" else 1]

    go(main)


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/_sim", 404),
        ("GET", "/_sim/", 404),
        ("GET", "/_sim/nothing", 404),
        ("GET", "/_sim/inbox", 405),
        ("POST", "/_sim/health", 405),
        ("DELETE", "/_sim/journal", 405),
    ],
)
def test_what_is_not_there_says_what_is(method, path, status):
    async def main(d):
        answer = await d.request(method, path)
        assert answer.status == status
        assert "/_sim/inbox" in answer.json["error"]
        assert len(d.namespace.journal) == 0

    go(main)
