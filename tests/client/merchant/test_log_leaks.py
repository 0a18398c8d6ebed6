"""Secrets and phone numbers are planted everywhere, all goes wrong, and each log line is read."""

import logging
import os
import re
import sqlite3
import subprocess
import sys
import warnings
from pathlib import Path

import httpx
import pytest

from mpesa_pochi import conversation
from mpesa_pochi.merchant import Hooks
from mpesa_pochi.merchant.crashes import CrashError

PHONES = ("722000000", "722999888")
ADMIN, SHARED, OWN = "planted-admin-token", "planted-shared-token", "planted-own-token"
SECRETS = (
    "planted-passkey", "planted-consumer-key", "planted-consumer-secret", ADMIN, SHARED, OWN,
    "planted-guess", "t0ken-of-daraja",
)  # fmt: skip
OPTIONS = {"admin_token": ADMIN, "callback_token": SHARED, "new_token": iter(()).__next__}


@pytest.fixture(autouse=True)
def _no_pauses(monkeypatch):
    monkeypatch.setattr(conversation, "CONNECT_PAUSES", (0.0, 0.0))


def clean(text):
    found = [planted for planted in (*SECRETS, *PHONES) if planted in text]
    assert not found, f"{found} in:\n{text}"


def listen(caplog):
    caplog.set_level(logging.DEBUG)
    caplog.set_level(logging.DEBUG, "sqlalchemy")


def heard(caplog):
    """All but what the test's own browser says of the addresses that it asks for."""
    ours = [record for record in caplog.records if "https://shop.test" not in record.getMessage()]
    return "\n".join(map(caplog.handler.format, ours))


async def ask(shop, method, path, **options):
    """As a server does: what is raised is logged with its traceback."""
    try:
        return await shop.http.request(method, f"{shop.prefix}/{path}", **options)
    except Exception:
        logging.getLogger("uvicorn.error").exception("Exception in ASGI application")
        return None


def crash(*_, **__):
    raise RuntimeError(" ".join(f"254{phone}" for phone in PHONES) + " " + " ".join(SECRETS[:5]))


async def exercise(shop):
    order = {"phone": "0722000000", "amount": 100, "reference": "INV-1"}
    admin = {"headers": {"Authorization": f"Bearer {ADMIN}"}}
    guess = {"headers": {"Authorization": "Bearer planted-guess"}}
    echo = shop.daraja.envelope("400.002.02", f"Bad Request - {SECRETS[0]} 254722000000")
    shop.daraja.push_answers += [
        shop.daraja.accepted(1), echo, httpx.ConnectError("254722000000"),
        httpx.ReadTimeout("254722000000"),
    ]  # fmt: skip
    for key in "aabcd":
        headers = {"Idempotency-Key": key, "X-Forwarded-For": "254722000000"}
        await ask(shop, "POST", "stk-push", json=order, headers=headers)
    for token in (OWN, SHARED, "planted-guess"):
        await ask(shop, "POST", f"callback/{token}", content=shop.result(phone=254722999888))
        await ask(shop, "POST", f"callback/{token}", content=b"254722999888 rubbish")
    await ask(shop, "POST", "query-stk", json={"payment_id": 1})
    for path in ("payments", "payments/1", "payments/99", "balance", "nowhere/254722000000"):
        for headers in (admin, guess, {}):
            await ask(shop, "GET", path, **headers)
    await ask(shop, "POST", "b2c-payment", json={"phone": "0722999888", "amount": 5}, **admin)
    await ask(shop, "POST", "stk-push", json=order | {"phone": "254722000000254722999888"})


def test_no_log_of_any_library_holds_what_nobody_may_read(go, caplog):
    listen(caplog)

    async def scenario(shop):
        await exercise(shop)
        await shop.app.state.worker.work()

    hooks = Hooks(on_success=crash, on_failure=crash)
    go(scenario, **OPTIONS | {"new_token": tokens()}, hooks=hooks)
    assert {"mpesa_pochi", "mpesa_pochi.merchant"} <= {record.name for record in caplog.records}
    assert "sqlalchemy.engine.Engine.mpesa_pochi" in {record.name for record in caplog.records}
    clean(heard(caplog))


@pytest.mark.parametrize("method", ["start", "receive", "page"])
def test_a_crash_is_told_without_what_its_exception_holds(go, caplog, monkeypatch, method):
    listen(caplog)

    async def scenario(shop):
        monkeypatch.setattr(shop.payments, method, crash)
        await exercise(shop)

    go(scenario, **OPTIONS | {"new_token": tokens()})
    assert "CrashError" in caplog.text
    assert "in crash" in caplog.text
    assert "RuntimeError: 254******000 254******888" in caplog.text
    clean(heard(caplog))


def test_a_database_that_refuses_a_row_does_not_tell_it(go, caplog):
    listen(caplog)

    async def scenario(shop):
        await shop.database.create_tables()
        with shop.database.engine.begin() as connection:
            connection.exec_driver_sql("ALTER TABLE payments RENAME TO planted")
        try:
            await exercise(shop)
        finally:
            with shop.database.engine.begin() as connection:
                connection.exec_driver_sql("ALTER TABLE planted RENAME TO payments")

    go(scenario, **OPTIONS | {"new_token": tokens()})
    assert re.search(r"parameters hidden", caplog.text)
    assert "CrashError" in caplog.text
    clean(heard(caplog))


def test_what_is_raised_keeps_nothing_of_what_was_raised(go, monkeypatch):
    async def scenario(shop):
        monkeypatch.setattr(shop.payments, "start", crash)
        with pytest.raises(CrashError) as raised:
            await shop.push()
        assert raised.value.__context__ is None
        assert raised.value.__cause__ is None
        async with shop.browser(shop.app, raise_app_exceptions=False) as browser:
            order = {"phone": "0722000000", "amount": 1, "reference": "I"}
            answer = await browser.post(f"{shop.prefix}/stk-push", json=order)
        assert answer.status_code == 500
        clean(answer.text)

    go(scenario, **OPTIONS)


def tokens():
    made = iter([OWN, *(f"{OWN}-{number}" for number in range(9))])
    return lambda: next(made)


# --------------------------------------------------------------------------------------- standalone

ENVIRONMENT = {
    "MPESA_NUMBER": "174379",
    "MPESA_PASSKEY": SECRETS[0],
    "MPESA_CONSUMER_KEY": SECRETS[1],
    "MPESA_CONSUMER_SECRET": SECRETS[2],
    "MPESA_POCHI_CALLBACK": "http://127.0.0.1:8000/api/pochi/callback",
    "MPESA_BASE_URL": "http://127.0.0.1:9",
    "MPESA_POCHI_ADMIN_TOKEN": ADMIN,
    "PYTHONPATH": os.pathsep.join(path for path in sys.path if path),
    "PATH": os.environ["PATH"],
}


def test_the_application_that_serves_itself_writes_none_of_it(tmp_path):
    command = [sys.executable, "-m", "mpesa_pochi", "--port", "0"]
    with (
        (tmp_path / "stderr").open("wb") as stderr,
        subprocess.Popen(
            command, cwd=tmp_path, env=ENVIRONMENT, stdout=subprocess.PIPE, stderr=stderr
        ) as served,
    ):
        try:
            url = re.search(r"http://\S+/api/pochi", served.stdout.readline().decode())[0]
            everything_goes_wrong(url, tmp_path / "pochi.sqlite3")
        finally:
            served.terminate()
            said = served.communicate(timeout=20)[0].decode()
    told = (tmp_path / "stderr").read_text(encoding="utf-8")
    assert "CrashError" in told
    assert "not connected" in told
    clean(said + told)


def everything_goes_wrong(url, database: Path):
    with httpx.Client(base_url=url, timeout=20) as http:
        order = {"phone": "0722000000", "amount": 100, "reference": "INV-1"}
        assert http.post("/stk-push", json=order).status_code == 503
        assert http.post(f"/callback/{OWN}", content=b"{}").status_code == 403
        admin = {"Authorization": f"Bearer {ADMIN}"}
        assert "722000000" in http.get("/payments", headers=admin).text
        with sqlite3.connect(database) as books:
            books.execute("ALTER TABLE payments RENAME TO gone")
        books.close()
        assert http.post("/stk-push", json=order).status_code == 500


def test_warnings_are_logged_and_masked_too(capsys):
    from mpesa_pochi import Secret
    from mpesa_pochi.merchant import logs
    from mpesa_pochi.redaction import Redactor

    root = logging.getLogger()
    before = root.handlers[:], root.level
    try:
        logs.to_stderr(Redactor([Secret(ADMIN)]))
        with warnings.catch_warnings():
            warnings.simplefilter("always")
            logging.captureWarnings(capture=True)
            warnings.warn(f"for 254722000000 with {ADMIN}", stacklevel=1)
        logging.getLogger("anybody").info("not heard")
    finally:
        logging.captureWarnings(capture=False)
        root.handlers[:], root.level = before
    told = capsys.readouterr().err
    assert "UserWarning: for 254******000 with ********" in told
    assert "not heard" not in told
