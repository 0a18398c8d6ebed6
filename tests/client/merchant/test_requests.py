import json

import pytest
from hypothesis import strategies as st

from mpesa_pochi.merchant.requests import LONGEST_REFERENCE
from support.laws import holds

ORDER = {"phone": "0722000000", "amount": 100, "reference": "INV-1"}


def problems(answer):
    return {item["field"]: item["problem"] for item in answer.json()["details"]}


def test_all_mistakes_are_reported_at_once(go):
    async def scenario(shop):
        wrong = {"phone": "0200000000", "amount": "100", "ammount": 1, "user_id": "", "metadata": 5}
        return await shop.post("stk-push", wrong), await shop.payments.list()

    answer, payments = go(scenario)
    assert answer.status_code == 422
    assert answer.json()["error"] == "expected other values in 5 places"
    found = problems(answer)
    assert set(found) == {"phone", "amount", "ammount", "user_id", "metadata"}
    assert found["ammount"] == "is not a field of this request"
    assert "landline" in found["phone"]
    assert "integer" in found["amount"]
    assert payments == ()


@pytest.mark.parametrize(
    "change",
    [
        {"amount": 0},
        {"amount": -5},
        {"amount": 1.5},
        {"amount": 100.0},
        {"amount": True},
        {"amount": None},
        {"amount": 10**30},
        {"phone": 722000000},
        {"phone": ""},
        {"phone": "0722 00x000"},
        {"reference": "   "},
        {"reference": "x" * (LONGEST_REFERENCE + 1)},
        {"reference": "two\nlines"},
        {"description": "\u202e"},
        {"description": ""},
        {"user_id": 5},
        {"metadata": []},
    ],
    ids=repr,
)
def test_a_wrong_value_is_refused_by_name_and_nothing_is_asked_of_daraja(go, change):
    async def scenario(shop):
        answer = await shop.post("stk-push", ORDER | change)
        return answer, shop.daraja.pushes, await shop.payments.list()

    answer, pushes, payments = go(scenario)
    assert answer.status_code == 422
    assert list(problems(answer)) == list(change)
    assert (pushes, payments) == ([], ())


@pytest.mark.parametrize(
    "body", [{}, {"payment_id": 1, "checkout_id": "ws"}, {"payment_id": "1"}, {"payment_id": 0}]
)
def test_a_query_names_one_payment(go, body):
    async def scenario(shop):
        return await shop.post("query-stk", body)

    answer = go(scenario)
    assert answer.status_code == 422
    assert answer.json()["details"]


@pytest.mark.parametrize(
    ("content", "status"),
    [
        (b"", 400),
        (b"{", 400),
        (b"\xff", 400),
        (b'{"amount": NaN}', 400),
        (b'{"amount": 1e999}', 400),
        (b'{"amount": 1, "amount": 2}', 400),
        (b"[" * 100_000, 400),
        (b'{"reference": "\\ud800"}', 400),
        (b'{"metadata": {"\\u0000": 1}}', 400),
        (b"[]", 422),
        (b"null", 422),
        (b'"text"', 422),
        (b" " * (1024 * 1024 + 1), 413),
    ],
    ids=lambda value: ascii(value)[:30],
)
@pytest.mark.parametrize("path", ["stk-push", "query-stk"])
def test_bodies_that_are_no_json_object(go, path, content, status):
    async def scenario(shop):
        headers = {"content-type": "application/json"}
        return await shop.post(path, content=content, headers=headers)

    answer = go(scenario)
    assert answer.status_code == status
    assert set(answer.json()) == {"error", "details"}


@pytest.mark.parametrize(
    ("content_type", "status"),
    [
        ("application/json", 200),
        ("Application/JSON; charset=utf-8", 200),
        ("text/plain", 415),
        ("application/x-www-form-urlencoded", 415),
        (None, 415),
    ],
)
def test_the_content_type_must_be_json(go, content_type, status):
    async def scenario(shop):
        headers = {} if content_type is None else {"content-type": content_type}
        content = json.dumps(ORDER).encode()
        return await shop.post("stk-push", content=content, headers=headers)

    assert go(scenario).status_code == status


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
NAMES = st.sampled_from([*ORDER, "description", "user_id", "metadata", "payment_id", "checkout_id"])


def test_no_body_breaks_it(go, shops):
    @holds(shops, 30, bodies=st.lists(st.dictionaries(NAMES, JSON) | JSON, min_size=1, max_size=5))
    def _(bodies):
        async def scenario(shop):
            answers = []
            for body in bodies:
                content = json.dumps(body).encode()
                for path in ("stk-push", "query-stk", "callback"):
                    headers = {"content-type": "application/json"}
                    answers.append(await shop.post(path, content=content, headers=headers))
            return answers

        for answer in go(scenario):
            assert answer.status_code in {200, 400, 404, 422}
            assert isinstance(answer.json(), dict)
