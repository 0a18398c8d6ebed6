import asyncio

import pytest

from mpesa_pochi.answers import IssuedToken
from mpesa_pochi.errors import ServerFault, Unreachable
from mpesa_pochi.secret import Secret
from mpesa_pochi.tokens import TokenCache


class Issuer:
    """Issues token-1, token-2, …, each after a second, or raises what it is given."""

    def __init__(self, lifetime=3599.0, errors=()):
        self.calls = 0
        self.lifetime = lifetime
        self.errors = list(errors)

    async def __call__(self):
        self.calls += 1
        await asyncio.sleep(1)
        if self.errors:
            error = self.errors.pop(0)
            if error:
                raise error
        return IssuedToken(Secret(f"token-{self.calls}"), self.lifetime)


def test_a_token_is_fetched_once_and_kept(run):
    async def scenario():
        issuer = Issuer()
        tokens = TokenCache(issuer)
        return {(await tokens.get()).reveal() for _ in range(5)}, issuer.calls

    assert run(scenario()) == ({"token-1"}, 1)


def test_fifty_callers_make_one_request(run):
    async def scenario():
        issuer = Issuer()
        tokens = TokenCache(issuer)
        got = await asyncio.gather(*(tokens.get() for _ in range(50)))
        return {token.reveal() for token in got}, issuer.calls

    assert run(scenario()) == ({"token-1"}, 1)


@pytest.mark.parametrize(("lifetime", "margin"), [(3599.0, 60.0), (100.0, 10.0)])
def test_it_is_renewed_a_little_before_its_end(run, lifetime, margin):
    async def scenario():
        issuer = Issuer(lifetime)
        tokens = TokenCache(issuer)
        await tokens.get()
        # The second that the request took counts against the token.
        await asyncio.sleep(lifetime - margin - 1 - 0.1)
        before = issuer.calls
        await tokens.get()
        still = issuer.calls
        await asyncio.sleep(0.2)
        await tokens.get()
        return before, still, issuer.calls

    assert run(scenario()) == (1, 1, 2)


def test_a_token_without_life_serves_one_call(run):
    async def scenario():
        tokens = TokenCache(Issuer(0.0))
        return [(await tokens.get()).reveal() for _ in range(2)]

    assert run(scenario()) == ["token-1", "token-2"]


def test_many_callers_refused_with_one_token_renew_it_once(run):
    async def scenario():
        issuer = Issuer()
        tokens = TokenCache(issuer)
        old = await tokens.get()
        got = await asyncio.gather(*(tokens.replace(old) for _ in range(50)))
        late = await tokens.replace(old)  # refused for the old one, long after the others
        return {token.reveal() for token in (*got, late)}, issuer.calls

    assert run(scenario()) == ({"token-2"}, 2)


def test_a_failure_is_everyones_and_the_next_caller_tries_again(run):
    async def scenario():
        issuer = Issuer(errors=[ServerFault("down"), None])
        tokens = TokenCache(issuer)
        got = await asyncio.gather(*(tokens.get() for _ in range(9)), return_exceptions=True)
        failed = {type(result) for result in got}
        return failed, issuer.calls, (await tokens.get()).reveal()

    assert run(scenario()) == ({ServerFault}, 1, "token-2")


def test_while_renewal_fails_the_old_token_serves_to_its_end(run):
    async def scenario():
        issuer = Issuer(100.0, errors=[None, *[Unreachable("down")] * 9])
        tokens = TokenCache(issuer)
        await tokens.get()
        await asyncio.sleep(92)
        served = (await tokens.get()).reveal()
        await asyncio.sleep(10)
        with pytest.raises(Unreachable):
            await tokens.get()
        return served

    assert run(scenario()) == "token-1"


def test_a_cancelled_caller_leaves_the_request_to_the_others(run):
    async def scenario():
        issuer = Issuer()
        tokens = TokenCache(issuer)
        first = asyncio.create_task(tokens.get())
        second = asyncio.create_task(tokens.get())
        await asyncio.sleep(0.5)
        first.cancel()
        token = await second
        return first.cancelled(), token.reveal(), issuer.calls

    assert run(scenario()) == (True, "token-1", 1)


def test_when_every_caller_has_left_a_failure_is_not_reported_by_the_loop(run):
    async def scenario():
        complaints = []
        asyncio.get_running_loop().set_exception_handler(lambda _, told: complaints.append(told))
        tokens = TokenCache(Issuer(errors=[ServerFault("down")]))
        caller = asyncio.create_task(tokens.get())
        await asyncio.sleep(0.5)
        caller.cancel()
        await asyncio.sleep(5)
        del tokens
        return complaints

    assert run(scenario()) == []


def test_closing_ends_a_request_in_flight_with_a_typed_error(run):
    async def scenario():
        tokens = TokenCache(Issuer())
        caller = asyncio.create_task(tokens.get())
        await asyncio.sleep(0.5)
        await tokens.aclose()
        with pytest.raises(Unreachable, match="closed"):
            await caller
        await tokens.aclose()

    run(scenario())
