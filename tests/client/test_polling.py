import pytest
from hypothesis import given
from hypothesis import strategies as st

from mpesa_pochi.codes import Retry, catalogue
from mpesa_pochi.errors import (
    BadRequest,
    Blocked,
    CredentialsRefused,
    InvalidRequest,
    ServerFault,
    SubscriberBusy,
    Throttled,
    TransactionNotFound,
    UnexpectedAnswer,
    Unreachable,
)
from mpesa_pochi.outcome import PaymentState, PushStatus, state_of
from mpesa_pochi.polling import GRACE_QUERIES, GRACE_SECONDS, Watch

CHECKOUT = "ws_CO_111020261405093708374149"
NOT_FOUND = TransactionNotFound("The transaction does not Exist", code="500.001.1001")
PASSING = [
    Unreachable("lost", sent=True),
    Throttled("busy", code="500.003.02"),
    Blocked("Incapsula"),
    ServerFault("fault", code="500.001.1001"),
    UnexpectedAnswer("garbage", retry=Retry.LATER),
]
LASTING = [
    CredentialsRefused("Wrong credentials", code="500.001.1001", advice="Check the passkey."),
    BadRequest("Bad Request - Invalid CheckoutRequestID", code="400.002.02"),
    UnexpectedAnswer("a page", retry=Retry.NEVER),
    InvalidRequest("closed"),
    SubscriberBusy("lock"),
]


def watch():
    return Watch(checkout_request_id=CHECKOUT, every=3.0, started=100.0)


def status(code, text="…"):
    return PushStatus(state=state_of(code), code=code, text=text, checkout_request_id=CHECKOUT)


@pytest.mark.parametrize(
    "row", [row for row in catalogue().rows if row.surface == "stk"], ids=lambda row: row.key
)
def test_each_terminal_code_ends_the_watch_with_its_advice(row):
    outcome = watch().answered(status(row.code, row.text))
    if not row.terminal:
        assert outcome is None
        return
    expected = PaymentState.PAID if row.code == "0" else PaymentState.FAILED
    assert (outcome.state, outcome.code, outcome.text) == (expected, row.code, row.text)
    assert (outcome.advice, outcome.retry) == (row.merchant, row.retry)
    assert (outcome.queries, outcome.checkout_request_id) == (1, CHECKOUT)


@pytest.mark.parametrize("error", PASSING, ids=lambda error: type(error).__name__)
def test_trouble_that_passes_is_waited_out_for_ever(error):
    watched = watch()
    for moment in range(100):
        assert watched.failed(error, 100.0 + moment) is None


@pytest.mark.parametrize("error", LASTING, ids=lambda error: type(error).__name__)
def test_trouble_that_lasts_ends_the_watch_as_unknown(error):
    outcome = watch().failed(error, 100.0)
    assert outcome.state is PaymentState.UNKNOWN
    assert outcome.text == error.message
    assert outcome.code == getattr(error, "code", "")
    assert outcome.retry is Retry.NEVER
    assert error.advice in outcome.advice


def test_an_unknown_id_is_tolerated_at_first():
    watched = watch()
    assert watched.failed(NOT_FOUND, 100.0) is None
    assert watched.failed(NOT_FOUND, 100.0 + GRACE_SECONDS - 0.1) is None
    outcome = watched.failed(NOT_FOUND, 100.0 + GRACE_SECONDS)
    assert (outcome.state, outcome.code) == (PaymentState.UNKNOWN, "500.001.1001")
    assert outcome.queries == 3


def test_the_first_queries_are_tolerated_however_late():
    watched = watch()
    for _ in range(GRACE_QUERIES - 1):
        assert watched.failed(NOT_FOUND, 500.0) is None
    assert watched.failed(NOT_FOUND, 500.0) is not None


def test_an_id_that_was_known_once_stays_known():
    watched = watch()
    watched.answered(status("4999"))
    for _ in range(20):
        assert watched.failed(NOT_FOUND, 500.0) is None
    assert watched.time_is_up().state is PaymentState.PENDING


def test_throttling_slows_the_watch_and_an_answer_quickens_it_again():
    watched = watch()
    pauses = []
    for _ in range(5):
        watched.failed(Throttled("busy"), 100.0)
        pauses.append(watched.pause)
    assert pauses == [6.0, 12.0, 24.0, 24.0, 24.0]
    watched.answered(status("4999"))
    assert watched.pause == 3.0


def test_when_the_time_is_up_nothing_has_failed():
    assert watch().time_is_up().state is PaymentState.UNKNOWN
    watched = watch()
    watched.answered(status("4999", "The transaction is still under processing"))
    watched.failed(ServerFault("fault"), 101.0)
    outcome = watched.time_is_up()
    assert (outcome.state, outcome.code) == (PaymentState.PENDING, "4999")
    assert "do not push again" in outcome.advice
    watched = watch()
    watched.answered(status("7777"))
    assert watched.time_is_up().state is PaymentState.UNKNOWN
    assert watched.time_is_up().code == "7777"


EVENTS = st.lists(
    st.sampled_from([*PASSING, *LASTING, NOT_FOUND])
    | st.sampled_from(["0", "1", "1032", "4999", "1101", "7777", "E3008"]).map(status),
    max_size=12,
)


@given(EVENTS, st.floats(0, 60))
def test_failed_only_if_daraja_said_so(events, pace):
    watched = watch()
    for number, event in enumerate(events):
        if isinstance(event, PushStatus):
            outcome = watched.answered(event)
        else:
            outcome = watched.failed(event, 100.0 + number * pace)
        if outcome is not None:
            break
    else:
        event, outcome = None, watched.time_is_up()
        assert not outcome.state.final
    if outcome.state.final:
        assert (event.state, event.code) == (outcome.state, outcome.code)
    assert outcome.queries <= len(events)
