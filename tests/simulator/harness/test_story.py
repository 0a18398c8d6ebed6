"""Every event that a reader needs is told; those that are not are listed here, on purpose."""

import pytest

from darajasim.core import events
from darajasim.core.events import Event
from darajasim.harness import notes
from darajasim.harness.story import story, tell

UNTOLD = {events.TokenIssued: (0.0, "key", "abcdef", 3599)}
PHONE = "254722000000"
TOLD = {
    notes.StepBegan: (("settle", "a.yaml:3"), "scenario   settle   (a.yaml:3)"),
    notes.ClientRaised: (("stk_push", "no connection"), "client     raised no connection"),
    notes.MerchantAnswered: (("first", 200, "pending"), "merchant   first: HTTP 200 pending"),
    notes.MerchantLost: (("first",), "merchant   first: went away before it answered"),
    notes.MerchantSignalled: (("kill",), "merchant   killed"),
    events.ChaosBegan: (
        ("outage", "callback_loss_rate=1.0", 1_200.0),
        "chaos      outage begins, for 1200 s: callback_loss_rate=1.0",
    ),
    events.ChaosEnded: (("outage",), "chaos      outage is over"),
    notes.CallLost: (("first", "reset"), "scenario   first got no answer: reset"),
    notes.AwaitEnded: (("first", "paid", "0"), "client     waited for first: paid 0"),
    events.RequestReceived: (
        ("stk_push", {"Amount": 100, "Password": "***", "PhoneNumber": PHONE}),
        f"merchant   → stk_push PhoneNumber={PHONE} Amount=100",
    ),
    events.RuleMatched: (("stk_push", "a.yaml:9"), "daraja     rule a.yaml:9"),
    events.RuleMissed: (
        ("stk_push", "a.yaml:9", 1, 2, "amount", ">= 100", "50"),
        (
            "daraja     rule a.yaml:9 came nearest: 1 of 2 conditions; "
            "amount: expected >= 100, found 50"
        ),
    ),
    events.RequestAnswered: (
        ("stk_push", 500, "500.003.02", "System is busy", None, "asked for by a rule", "reset"),
        (
            "daraja     ← stk_push HTTP 500 500.003.02 System is busy, then the connection: reset"
            "   hint: asked for by a rule"
        ),
    ),
    events.PromptSent: (("ws_CO_1", PHONE, "Pay?"), f"phone      {PHONE} shows: Pay?"),
    events.CustomerActed: (("ws_CO_1", PHONE, "cancel"), f"phone      {PHONE}: cancel"),
    events.MoneyMoved: (
        ("UJB1", "customer:1", "organisation:2", 12_345),
        "ledger     123.45 from customer:1 to organisation:2 (UJB1)",
    ),
    events.PaymentSettled: (
        ("ws_CO_1", "1032", "Request cancelled by user", None),
        "daraja     result 1032 Request cancelled by user",
    ),
    events.CallbackWithheld: (
        ("ws_CO_1", "stk", "a rule withholds it"),
        "daraja     no callback: a rule withholds it",
    ),
    events.CallbackAttempted: (
        ("ws_CO_1", "stk", 2, "http://merchant/cb", None, 30.0, "", "no answer within 30 s"),
        "callback   stk no. 2 of ws_CO_1: no answer within 30 s",
    ),
}


def kinds(module):
    """The events that a module defines."""
    found = {value for value in vars(module).values() if isinstance(value, type)}
    return {kind for kind in found if issubclass(kind, Event) and kind is not Event}


def test_every_kind_of_event_is_told_here_or_left_out_on_purpose():
    assert kinds(events) | kinds(notes) == TOLD.keys() | UNTOLD.keys()


@pytest.mark.parametrize("kind", TOLD, ids=lambda kind: kind.__name__)
def test_told(kind):
    fields, words = TOLD[kind]
    assert tell(kind(0.0, *fields)) == words


@pytest.mark.parametrize("kind", UNTOLD, ids=lambda kind: kind.__name__)
def test_untold(kind):
    assert tell(kind(*UNTOLD[kind])) is None


@pytest.mark.parametrize("kind", [*TOLD, *UNTOLD], ids=lambda kind: kind.__name__)
def test_every_kind_has_a_name_of_its_own(kind):
    assert [other for other in (*TOLD, *UNTOLD) if other.kind == kind.kind] == [kind]


def test_an_answer_without_anything_special_is_short():
    plain = events.RequestAnswered(0.0, "oauth", 200, "", "")
    assert tell(plain) == "daraja     ← oauth HTTP 200"
    assert tell(events.RequestReceived(0.0, "oauth", {})) == "merchant   → oauth"
    assert tell(notes.StepBegan(0.0, "settle", "")) == "scenario   settle"


def test_an_answered_callback():
    attempt = events.CallbackAttempted(
        0.0, "AG_1", "result", 1, "u", 200, 0.1, '{"ResultCode":0}', None
    )
    assert tell(attempt) == 'callback   result no. 1 of AG_1: HTTP 200 {"ResultCode":0}'


def test_a_story_says_when_counted_from_the_start():
    happened = [
        notes.StepBegan(1_000.0, "wait 5 s", "a.yaml:3"),
        events.TokenIssued(1_000.5, "key", "abcdef", 3599),
        notes.AwaitEnded(88_400.25, "first", "paid", "0"),
    ]
    assert story(happened, 1_000.0) == [
        "     0.000s  scenario   wait 5 s   (a.yaml:3)",
        " 87400.250s  client     waited for first: paid 0",
    ]


@pytest.mark.parametrize(
    ("operation", "body", "words"),
    [
        ("stk_push", {"Amount": {"a": 1}, "AccountReference": "x"}, "Amount={'a': 1}"),
        ("stk_push", {"AccountReference": "x" * 61, "Amount": 5}, "Amount=5"),
        ("stk_push", {"PhoneNumber": PHONE, "Amount": 5, "AccountReference": "A",
                      "TransactionDesc": "d"}, f"PhoneNumber={PHONE} Amount=5 AccountReference=A"),
        ("stk_query", {"CheckoutRequestID": "ws_CO_1", "Password": "***"},
         "CheckoutRequestID=ws_CO_1"),
        ("oauth", {"consumer_key": "k", "grant_type": "client_credentials"},
         "grant_type=client_credentials"),
        ("unknown-path", {"Amount": 1}, ""),
        ("stk_push", {"items": [1, 2]}, ""),
    ],
)  # fmt: skip
def test_a_request_is_told_by_what_matters_most(operation, body, words):
    line = tell(events.RequestReceived(0.0, operation, body))
    assert line.startswith(f"merchant   → {operation}")
    assert words in line
    assert "***" not in line
