"""Callbacks per second that the merchant accepts, on SQLite and on PostgreSQL, beside what the bare
database commits in the same run.

A callback costs two commits by design: it is stored before it is judged, so that a crash between
the two loses nothing. Each commit is on the disk (`synchronous=FULL`, `fsync=on`).
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import itertools
import json
import os
import sqlite3
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import report
from load import drive
from servers import Cores, merchant, pin, two_cores

from mpesa_pochi import clock
from mpesa_pochi.merchant import Database, Order
from mpesa_pochi.merchant.gate import digest
from mpesa_pochi.merchant.law import PushFate
from mpesa_pochi.merchant.pushes import open_payment
from mpesa_pochi.merchant.settlement import Ids, tie

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))
from support import postgres

COUNT = 1_000
CONNECTIONS = (1, 16)
ROW = b"x" * 700
"""A callback has about as many bytes."""
SETTINGS = {
    "MPESA_NUMBER": "174379",
    "MPESA_PASSKEY": "bfb279f9aa9bdbcf158e97dd71a467cd2e0c893059b10f78e6b72ada1ed2c919",
    "MPESA_CONSUMER_KEY": "any",
    "MPESA_CONSUMER_SECRET": "any",
    "MPESA_BASE_URL": "http://127.0.0.1:9",
    "MPESA_POCHI_CALLBACK": "http://127.0.0.1:9/api/pochi/callback",
}


def callback(number: int) -> bytes:
    """The true callback of the n-th payment, as it goes over the wire."""
    items = {
        "Amount": 100.00,
        "MpesaReceiptNumber": f"UK{number:08}",
        "TransactionDate": int(f"{clock.now():%Y%m%d%H%M%S}"),
        "PhoneNumber": 254722000000,
    }
    said = {
        "MerchantRequestID": f"m-{number}",
        "CheckoutRequestID": f"ws_CO_{number}",
        "ResultCode": 0,
        "ResultDesc": "The service request is processed successfully.",
        "CallbackMetadata": {"Item": [{"Name": key, "Value": items[key]} for key in items]},
    }
    body = json.dumps({"Body": {"stkCallback": said}}).encode()
    head = (
        f"POST /api/pochi/callback/token-{number} HTTP/1.1\r\nHost: 127.0.0.1\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def prepare(url: str, count: int) -> None:
    """Payments that have been acknowledged, as many as callbacks will come."""
    database, at = Database(url), datetime.now(UTC)
    order = Order(phone="254722000000", amount=100, reference="INV-1")

    def write(session: object) -> None:
        for number in range(count):
            opened = open_payment(session, order, digest(f"token-{number}"), at)  # type: ignore[arg-type]
            ids = Ids(f"ws_CO_{number}", f"m-{number}")
            assert not tie(session, opened.payment_id, ids, PushFate.ACCEPTED, at)  # type: ignore[arg-type]

    database.transact(write)
    database.close()


def accepted(url: str, connections: int, cores: Cores) -> tuple[float, float]:
    """Callbacks per second, and the 99th percentile of the answers in milliseconds."""
    prepare(url, COUNT + connections)  # the last connections ask once more
    with merchant(cores, url) as server:
        sample = asyncio.run(
            drive(
                server.port,
                map(callback, itertools.count()),
                count=COUNT,
                connections=connections,
                at_most=300,
            )
        )
    database = Database(url)
    paid = asyncio.run(count_paid(database))
    database.close()
    assert paid >= COUNT, f"{paid} of {COUNT} were applied"
    return sample.rate, sample.percentile(0.99)


async def count_paid(database: Database) -> int:
    from mpesa_pochi.merchant.models import Payment  # noqa: PLC0415

    return await database.run(
        lambda session: session.query(Payment).filter_by(status="success").count(), reads=True
    )


def commits(connect: Callable[[], Callable[[], None]], writers: int) -> float:
    """Commits per second of so many writers, each with a connection of its own."""
    left = iter(range(COUNT))

    def write(commit: Callable[[], None]) -> None:
        for _ in left:
            commit()

    threads = [threading.Thread(target=write, args=(connect(),)) for _ in range(writers)]
    began = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return COUNT / (time.perf_counter() - began)


def bare_sqlite(folder: str) -> Callable[[], Callable[[], None]]:
    """One row a transaction, as the merchant sets SQLite up."""
    path = f"{folder}/bare.sqlite3"
    with contextlib.closing(sqlite3.connect(path)) as made:
        made.execute("PRAGMA journal_mode = WAL")
        made.execute("CREATE TABLE bare (id INTEGER PRIMARY KEY, body BLOB)")

    def connect() -> Callable[[], None]:
        connection = sqlite3.connect(
            path, isolation_level=None, check_same_thread=False, timeout=60
        )
        connection.execute("PRAGMA synchronous = FULL")

        def commit() -> None:
            connection.execute("BEGIN IMMEDIATE")
            connection.execute("INSERT INTO bare (body) VALUES (?)", (ROW,))
            connection.execute("COMMIT")

        return commit

    return connect


def bare_postgres(url: str) -> Callable[[], Callable[[], None]]:
    """One row a transaction, serialisable."""
    with psycopg.connect(url) as made:
        made.execute("CREATE TABLE bare (id BIGSERIAL PRIMARY KEY, body BYTEA)")

    def connect() -> Callable[[], None]:
        connection = psycopg.connect(url)
        connection.isolation_level = psycopg.IsolationLevel.SERIALIZABLE

        def commit() -> None:
            connection.execute("INSERT INTO bare (body) VALUES (%s)", (ROW,))
            connection.commit()

        return commit

    return connect


def main() -> None:
    """Run the rounds and print what was found."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    rounds, cores = parser.parse_args().rounds, two_cores()
    report.method(
        f"{COUNT} callbacks of {COUNT} payments, each true and each once, over HTTP; median of "
        f"{rounds} rounds.",
        "Bare: as many transactions of one row of 700 bytes, by as many writers, in this process.",
        str(cores),
    )
    pin(cores.load)
    os.environ.update(SETTINGS)
    server = postgres.Server(durable=True)
    names = map("round_{}".format, itertools.count())
    rows = []
    for kind, connections in itertools.product(("SQLite", "PostgreSQL"), CONNECTIONS):
        found = []
        for _ in range(rounds):
            with tempfile.TemporaryDirectory() as folder:
                if kind == "SQLite":
                    rate = commits(bare_sqlite(folder), connections)
                    taken = accepted(f"sqlite:///{folder}/pochi.sqlite3", connections, cores)
                else:
                    rate = commits(bare_postgres(server.database(next(names))), connections)
                    taken = accepted(server.database(next(names)), connections, cores)
            found.append((taken[0], taken[1], rate, taken[0] / rate))
        per_second, slowest, bare, ratio = (
            statistics.median(each) for each in zip(*found, strict=True)
        )
        cells = (f"{per_second:,.0f}", f"{slowest:.1f}", f"{bare:,.0f}", f"{ratio:.2f}")
        rows.append((kind, str(connections), *cells))
    server.stop()
    head = ("database", "connections", "callbacks/s", "p99 ms", "bare commits/s", "ratio")
    report.table(head, rows)


if __name__ == "__main__":
    main()
