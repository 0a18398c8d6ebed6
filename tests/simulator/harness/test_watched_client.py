import inspect

import pytest

from darajasim.harness.stage import DARAJA_HOST
from darajasim.harness.watched_client import WatchedClient
from mpesa_pochi import MpesaPochi, PushStatus, Throttled, TransactionNotFound, UnknownOutcome
from support.daraja import in_virtual_time
from support.played import EXPECT, PAY, player

BUSY = "rules: [{on: stk_push, when: {call: 1}, reply: {error: gateway-busy}}]"
LOST = "rules: [{on: stk_push, reply: lost}]"
UNKNOWN_ID = "ws_CO_010120260000001799999999"


def push(client):
    return client.stk_push(phone="0722000000", amount=100, reference="INV-1")


def watching(*sections, main):
    async def run():
        async with player(*sections, "steps:", PAY, EXPECT) as ours:
            client, raised = ours.stage.client, []
            client.raised = lambda operation, error: raised.append((operation, error))
            await main(client, raised)

    in_virtual_time(run())


def test_a_push_that_is_accepted_leaves_nothing():
    async def main(client, raised):
        accepted = await push(client)
        assert accepted.checkout_request_id.startswith("ws_CO_")
        assert (client.push_error, client.push_outcome, raised) == (None, "accepted", [])

    watching(main=main)


def test_a_refusal_is_remembered_told_and_raised_all_the_same():
    async def main(client, raised):
        with pytest.raises(Throttled) as caught:
            await push(client)
        assert client.push_error is caught.value
        assert client.push_outcome == "refused"
        assert raised == [("stk_push", caught.value)]

    watching(BUSY, main=main)


def test_the_next_push_starts_afresh():
    async def main(client, raised):
        with pytest.raises(Throttled):
            await push(client)
        await push(client)
        assert (client.push_error, client.push_outcome) == (None, "accepted")
        assert len(raised) == 1

    watching(BUSY, main=main)


def test_a_push_whose_fate_is_unknown():
    async def main(client, _raised):
        with pytest.raises(UnknownOutcome):
            await push(client)
        assert client.push_outcome == "unknown"

    watching(LOST, main=main)


def test_the_last_query_is_remembered_whether_it_answered_or_raised():
    async def main(client, raised):
        assert client.query is None
        accepted = await push(client)
        status = await client.stk_query(accepted.checkout_request_id)
        assert isinstance(status, PushStatus)
        assert client.query is status
        with pytest.raises(TransactionNotFound) as caught:
            await client.stk_query(UNKNOWN_ID)
        assert client.query is caught.value
        assert raised == [("stk_query", caught.value)]

    watching(main=main)


def test_two_clients_share_no_memory():
    async def main(client, _raised):
        other = WatchedClient(client.settings)
        with pytest.raises(Throttled):
            await push(client)
        assert other.push_error is None
        assert other.settings.base_url == f"http://{DARAJA_HOST}"
        await other.aclose()

    watching(BUSY, main=main)


@pytest.mark.parametrize("name", ["stk_push", "stk_query"])
def test_what_is_watched_is_there_in_the_client(name):
    assert inspect.iscoroutinefunction(getattr(MpesaPochi, name))
    assert getattr(WatchedClient, name) is not getattr(MpesaPochi, name)
