"""Every body is read up to a limit and no further, and for no longer than it may take."""

import asyncio
import re

import pytest

from darajasim.harness.virtual_loop import VirtualLoop
from mpesa_pochi.merchant import bodies
from mpesa_pochi.merchant.interface import ENDPOINTS

pytestmark = pytest.mark.parametrize("shops", ["sqlite"], indirect=True)
TOKEN = "planted-admin-token"
CHUNK = b"x" * 16384
PATHS = {each.name: re.sub(r"{[a-z_]+:(path|int)}", "1", each.path) for each in ENDPOINTS}
READERS = [endpoint for endpoint in ENDPOINTS if endpoint.method == "POST"]
OTHERS = [endpoint for endpoint in ENDPOINTS if endpoint.method != "POST"]


@pytest.fixture
def send(shops):
    """Sends a body whose pieces come `pause` seconds apart, for ever, to an endpoint. Tells the
    status, how many bytes were taken, and what is stored of callbacks.
    """

    async def visit(endpoint, piece, pause):
        async with shops("sqlite://", admin_token=TOKEN) as shop:
            taken, told = [], []

            async def receive():
                await asyncio.sleep(pause)
                taken.append(len(piece))
                return {"type": "http.request", "body": piece, "more_body": True}

            async def answered(message):
                told.append(message)

            scope = {
                "type": "http", "method": endpoint.method, "scheme": "http", "http_version": "1.1",
                "path": f"{shop.prefix}{PATHS[endpoint.name]}", "root_path": "",
                "query_string": b"wait=0", "client": ("127.0.0.1", 4711), "server": None,
                "headers": [
                    (b"content-type", b"application/json"),
                    (b"authorization", f"Bearer {TOKEN}".encode()),
                ],
            }  # fmt: skip
            await shop.app(scope, receive, answered)
            stored = [view.callback_data for view in await shop.payments.callbacks()]
            return told[0]["status"], sum(taken), stored

    def send(endpoint, piece, pause):
        with asyncio.Runner(loop_factory=VirtualLoop) as runner:
            return runner.run(asyncio.wait_for(visit(endpoint, piece, pause), 3600))

    return send


@pytest.mark.parametrize("endpoint", READERS, ids=lambda endpoint: endpoint.name)
def test_a_body_without_end_is_read_up_to_the_limit(send, endpoint):
    largest = bodies.LARGEST_CALLBACK if endpoint.daraja else bodies.LARGEST_REQUEST
    status, taken, stored = send(endpoint, CHUNK, 0)
    assert status == (403 if endpoint.name.endswith("_token") else 413)
    assert taken <= largest + len(CHUNK)
    assert all(len(data) == bodies.LARGEST_CALLBACK for data in stored)


@pytest.mark.parametrize("endpoint", READERS, ids=lambda endpoint: endpoint.name)
def test_a_body_that_does_not_come_to_an_end_is_not_waited_for(send, endpoint):
    status, taken, stored = send(endpoint, b"{", 7)
    assert taken == bodies.LONGEST_WAIT // 7
    unread = 403 if endpoint.name.endswith("_token") else 400
    assert status == (unread if endpoint.daraja else 408)
    assert all(data == b"{" * taken for data in stored)


@pytest.mark.parametrize("endpoint", OTHERS, ids=lambda endpoint: endpoint.name)
def test_nothing_else_reads_a_body(send, endpoint):
    _, taken, _ = send(endpoint, CHUNK, 0)
    assert taken == 0


def test_what_a_slow_callback_brought_is_stored(send):
    (callback,) = [endpoint for endpoint in READERS if endpoint.name == "callback"]
    assert send(callback, b"{", 7)[2] == [b"{{{{"]
