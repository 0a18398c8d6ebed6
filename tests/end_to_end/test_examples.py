"""Each example takes a payment from the simulator, over real sockets."""

import asyncio
import importlib.util
import json
import os
import signal
import socket
import subprocess
import sys
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest
import uvicorn

from mpesa_pochi.settings import VARIABLES
from support.served import served
from support.uvicorned import on_loop, uvicorned

EXAMPLES = Path(__file__).parents[2] / "examples"
SECONDS = 10
ORDER = {"phone": "0722 000 000", "amount": 100, "reference": "INV-1"}


def settings(daraja, port):
    return dict.fromkeys(VARIABLES.values(), "") | {
        "MPESA_NUMBER": "174379",
        "MPESA_PASSKEY": "bfb279f9aa9bdbcf158e97dd71a467cd2e0c893059b10f78e6b72ada1ed2c919",
        "MPESA_CONSUMER_KEY": "any",
        "MPESA_CONSUMER_SECRET": "any",
        "MPESA_BASE_URL": daraja,
        "MPESA_POCHI_CALLBACK": f"http://127.0.0.1:{port}/api/pochi/callback",
    }


def load(name):
    """An example as a module of its own, made anew."""
    spec = importlib.util.spec_from_file_location(f"example_{name}", EXAMPLES / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@asynccontextmanager
async def running(app, listener):
    """The application under uvicorn in this loop; it stops as it does on Ctrl-C."""
    config = uvicorn.Config(app, access_log=False, log_level="warning", lifespan="on")
    server = uvicorn.Server(config)
    serving = asyncio.ensure_future(server._serve([listener]))
    try:
        yield
    finally:
        server.handle_exit(signal.SIGINT, None)
        async with asyncio.timeout(SECONDS):
            await serving


async def paid(shop, daraja):
    """Asks for money, lets it be paid, and gives what the shop then says of the payment."""
    async with httpx.AsyncClient(timeout=SECONDS, verify=False) as browser:
        asked = (await browser.post(f"{shop}/api/pochi/stk-push", json=ORDER)).json()
        assert asked["outcome"] == "accepted", asked
        settled = await browser.post(f"{daraja}/_sim/clock", json={"settle": True})
        assert settled.status_code == 200, settled.text
        about = {"checkout_id": asked["checkout_id"]}
        return (await browser.post(f"{shop}/api/pochi/query-stk", json=about)).json()


@pytest.mark.parametrize(
    ("name", "path", "said"),
    [
        ("starlette_shop", "/", "Karibu!"),
        ("fastapi_shop", "/orders/INV-1", '{"reference":"INV-1"}'),
        ("asgi_shop", "/", "Karibu!"),
    ],
)
def test_a_mounted_merchant_is_paid(name, path, said, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    if name == "fastapi_shop":
        pytest.importorskip("fastapi", reason="FastAPI is not installed; `.[test]` brings it")

    async def main():
        with socket.create_server(("127.0.0.1", 0), backlog=64) as listener:
            port = listener.getsockname()[1]
            async with uvicorned(speed=1.0) as daraja:
                for variable, value in settings(daraja.base, port).items():
                    monkeypatch.setenv(variable, value)
                module, shop = load(name), f"http://127.0.0.1:{port}"
                async with running(module.shop, listener):
                    async with httpx.AsyncClient(timeout=SECONDS, verify=False) as browser:
                        assert (await browser.get(f"{shop}{path}")).text == said
                    # The lifespan ran: the tables are there before anything asked for them.
                    assert (tmp_path / "pochi.sqlite3").stat().st_size > 0
                    payment = await paid(shop, daraja.base)
                await module.pochi.state.payments.client.aclose()
        assert payment["status"] == "success"
        assert payment["outcome"] == "paid"

    on_loop("asyncio", main())


def test_the_merchant_by_itself_is_paid(tmp_path):
    with served() as daraja:
        free = socket.create_server(("127.0.0.1", 0))
        port = free.getsockname()[1]
        free.close()
        # As in an environment that is active: `python3` is the one that runs the tests.
        path = os.pathsep.join((str(Path(sys.executable).parent), os.environ["PATH"]))
        process = subprocess.Popen(
            ["sh", EXAMPLES / "standalone" / "run.sh", "--port", str(port)],
            cwd=tmp_path,
            env={**os.environ, "PATH": path, **settings(daraja.base, port)},
            stdout=subprocess.PIPE,
            text=True,
        )
        try:
            assert f"http://127.0.0.1:{port}/api/pochi/test" in process.stdout.readline()
            payment = asyncio.run(paid(f"http://127.0.0.1:{port}", daraja.base))
            assert payment["outcome"] == "paid", json.dumps(payment)
            process.send_signal(signal.SIGINT)
            process.communicate(timeout=SECONDS)
            assert process.returncode == 0
            assert (tmp_path / "pochi.sqlite3").is_file()
        finally:
            process.kill()
            process.communicate()
