"""The token cache that threads share."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from mpesa_pochi.answers import IssuedToken
from mpesa_pochi.errors import ServerFault, Unreachable
from mpesa_pochi.secret import Secret
from mpesa_pochi.tokens import BlockingTokenCache


class Issuer:
    """Issues token-1, token-2, …, or raises what it is given; `hold` keeps it waiting."""

    def __init__(self, lifetime=3599.0, errors=(), hold=None):
        self.calls = 0
        self.lifetime = lifetime
        self.errors = list(errors)
        self.hold = hold
        self.begun = threading.Event()

    def __call__(self, until):
        self.calls += 1
        number = self.calls
        self.begun.set()
        if self.hold is not None:
            assert self.hold.wait(10)
        if self.errors:
            error = self.errors.pop(0)
            if error:
                raise error
        return IssuedToken(Secret(f"token-{number}"), self.lifetime)


def together(count, call, ready=lambda: None):
    """What `count` threads got that all called while `ready` held the first back."""
    with ThreadPoolExecutor(count) as pool:
        futures = [pool.submit(call) for _ in range(count)]
        ready()
        return [future.exception() or future.result() for future in futures]


def waiting(tokens, issuer, count):
    """Lets the fetch end once `count` threads wait for it."""

    def ready():
        issuer.begun.wait(10)
        while len(tokens._flight._condition._waiters) < count:
            pass
        issuer.hold.set()

    return ready


def test_a_token_is_fetched_once_and_kept(stopwatch):
    issuer = Issuer()
    tokens = BlockingTokenCache(issuer)
    assert {tokens.get().reveal() for _ in range(5)} == {"token-1"}
    assert issuer.calls == 1


def test_many_threads_make_one_request(stopwatch):
    issuer = Issuer(hold=threading.Event())
    tokens = BlockingTokenCache(issuer)
    got = together(16, tokens.get, waiting(tokens, issuer, 15))
    assert {token.reveal() for token in got} == {"token-1"}
    assert issuer.calls == 1


def test_many_threads_refused_with_one_token_renew_it_once(stopwatch):
    issuer = Issuer()
    tokens = BlockingTokenCache(issuer)
    old = tokens.get()
    issuer.hold = threading.Event()
    issuer.begun.clear()
    got = together(16, lambda: tokens.replace(old), waiting(tokens, issuer, 15))
    assert {token.reveal() for token in (*got, tokens.replace(old))} == {"token-2"}
    assert issuer.calls == 2


@pytest.mark.parametrize(("lifetime", "margin"), [(3599.0, 60.0), (100.0, 10.0)])
def test_it_is_renewed_a_little_before_its_end(stopwatch, lifetime, margin):
    issuer = Issuer(lifetime)
    tokens = BlockingTokenCache(issuer)
    tokens.get()
    stopwatch.sleep(lifetime - margin - 0.1)
    assert tokens.get().reveal() == "token-1"
    stopwatch.sleep(0.2)
    assert tokens.get().reveal() == "token-2"


def test_a_failure_is_everyones_and_the_next_caller_tries_again(stopwatch):
    issuer = Issuer(errors=[ServerFault("down"), None], hold=threading.Event())
    tokens = BlockingTokenCache(issuer)
    got = together(9, tokens.get, waiting(tokens, issuer, 8))
    assert {type(each) for each in got} == {ServerFault}
    assert issuer.calls == 1
    assert tokens.get().reveal() == "token-2"


def test_while_renewal_fails_the_old_token_serves_to_its_end(stopwatch):
    tokens = BlockingTokenCache(Issuer(100.0, errors=[None, *[Unreachable("down")] * 9]))
    tokens.get()
    stopwatch.sleep(92)
    assert tokens.get().reveal() == "token-1"
    stopwatch.sleep(10)
    with pytest.raises(Unreachable):
        tokens.get()


def test_one_that_runs_out_of_time_leaves_the_fetching_to_the_next(stopwatch):
    issuer = Issuer(errors=[TimeoutError(), None], hold=threading.Event())
    tokens = BlockingTokenCache(issuer)
    got = together(5, tokens.get, waiting(tokens, issuer, 4))
    assert sorted(type(each).__name__ for each in got) == ["Secret"] * 4 + ["TimeoutError"]
    assert issuer.calls == 2


def test_waiting_for_another_threads_token_ends_in_time(stopwatch):
    issuer = Issuer(hold=threading.Event())
    tokens = BlockingTokenCache(issuer)
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(tokens.get)
        issuer.begun.wait(10)
        with pytest.raises(TimeoutError):
            tokens.get(until=stopwatch.now)
        issuer.hold.set()
        assert first.result().reveal() == "token-1"
