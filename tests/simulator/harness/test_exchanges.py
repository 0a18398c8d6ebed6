import base64

import pytest

from darajasim.harness import exchanges
from darajasim.harness.exchanges import HIDDEN, MOST_CHARACTERS, open_text
from support.played import PAY, played

STEPS = ("steps:", PAY, "- settle", "expect: {payment: {}}")


def of(result, part):
    return [exchange for exchange in result.exchanges if part in exchange.url]


def test_every_request_with_its_times_and_its_answer():
    result = played("rules: [{on: stk_push, reply: {after: 2s}}]", *STEPS)
    (token,) = of(result, "oauth")
    (push,) = of(result, "processrequest")
    (callback,) = of(result, "/callback")
    (pay,) = of(result, "/stk-push")
    assert (token.method, push.method) == ("GET", "POST")
    assert push.answered - push.asked == 2
    assert pay.before < token.before < token.after < push.before < push.after < pay.after
    assert callback.before > push.after
    assert (push.status, push.fault) == (200, "")
    assert '"ResponseCode":"0"' in push.answer
    assert '"stkCallback"' in callback.body


@pytest.mark.parametrize(
    ("reply", "fault"),
    [("reset", "connection reset"), ("empty", "connection empty"), ("hang", "the caller gave up")],
)
def test_what_got_no_answer(reply, fault):
    (push,) = of(played(f"rules: [{{on: stk_push, reply: {reply}}}]", *STEPS), "processrequest")
    assert (push.status, push.answer, push.fault) == (None, "", fault)


def test_a_hint_is_kept():
    steps = ("steps:", "- call: {operation: stk_push, fields: {Amount: no}}", "expect: {call: {}}")
    (push,) = of(played(*steps), "processrequest")
    assert "Amount" in push.hint


def test_no_secret_is_kept():
    result = played(*STEPS)
    kept = repr(result.exchanges)
    assert "bfb279f9" not in kept
    assert base64.b64encode(b"merchant:secret").decode() not in kept
    assert "merchant:***" in kept
    (token,) = of(result, "oauth")
    assert f'"access_token":"{HIDDEN}"' in token.answer
    (push,) = of(result, "processrequest")
    assert f'"Password": "{HIDDEN}"' in push.body
    assert ("authorization", f"Bearer {HIDDEN}") in push.headers


@pytest.mark.parametrize(
    ("header", "shown"),
    [
        ("Bearer abc", "Bearer ***"),
        ("Basic !!!", "Basic ***"),
        ("Basic", "Basic ***"),
        ("basic YTpi", "basic a:*** (in base64)"),
        ("secretwithoutscheme", "***"),
        ("", "***"),
    ],
)
def test_an_authorization_is_told_without_its_secret(header, shown):
    assert exchanges._who(header) == shown


@pytest.mark.parametrize(
    ("body", "shown"),
    [
        (b'{"Password": "a\\"b","x":1}', '{"Password": "***","x":1}'),
        (b'{"SecurityCredential":"abc', '{"SecurityCredential":"***"'),
        (b'{"SecurityCredential":"abc"', '{"SecurityCredential":"***"'),
        (
            b'{"password":123,"a":[{"Password":null}]}',
            '{"password":"***","a":[{"Password":"***"}]}',
        ),
        (b'{"NoPassword":"x"}', '{"NoPassword":"x"}'),
        (b"\xff", "�"),
    ],
)
def test_a_body_is_told_without_its_secrets(body, shown):
    assert open_text(body) == shown


def test_a_long_body_is_cut_and_says_so():
    text = open_text(b"x" * (MOST_CHARACTERS + 5))
    assert text == "x" * MOST_CHARACTERS + "… (5 bytes more)"


def test_there_is_a_bound(monkeypatch):
    monkeypatch.setattr(exchanges, "MOST_EXCHANGES", 2)
    assert len(played(*STEPS).exchanges) == 2
