import asyncio
import sqlite3
import threading
from datetime import UTC, datetime, timedelta, timezone
from functools import partial

import pytest
from sqlalchemy import event, inspect, text, update
from sqlalchemy.exc import IntegrityError, OperationalError, StatementError

from mpesa_pochi.merchant import Database
from mpesa_pochi.merchant.database import ATTEMPTS
from mpesa_pochi.merchant.models import Payment
from mpesa_pochi.merchant.pushes import Order, open_payment

AT = datetime(2026, 10, 11, 9, 0, 0, tzinfo=UTC)
ORDER = Order(phone="254722000000", amount=1, reference="INV-1")


def opened(session, digest="digest", at=AT):
    return open_payment(session, ORDER, digest, at)


def count(session):
    return session.query(Payment).count()


@pytest.fixture(params=["memory", "file"])
def database(request, tmp_path):
    url = "sqlite://" if request.param == "memory" else f"sqlite:///{tmp_path}/pochi.sqlite3"
    database = Database(url)
    yield database
    database.close()


def test_the_tables_have_the_published_columns(database):
    asyncio.run(database.create_tables())
    asyncio.run(database.create_tables())
    columns = {
        table: {column["name"] for column in inspect(database.engine).get_columns(table)}
        for table in inspect(database.engine).get_table_names()
    }
    assert columns.keys() == {
        *("payments", "payment_callbacks", "payouts", "inquiries", "command_results"),
        *("audit_log", "outbox", "idempotent_requests", "alembic_version"),
    }
    assert columns["payments"] >= {
        *("id", "user_id", "phone", "amount", "mpesa_receipt", "status", "checkout_id"),
        *("created_at", "updated_at", "metadata"),
    }
    assert columns["payment_callbacks"] >= {"id", "checkout_id", "callback_data", "received_at"}


def test_a_transaction_is_whole_or_nothing(database):
    def fails(session):
        opened(session)
        raise RuntimeError("planted")

    async def scenario():
        with pytest.raises(RuntimeError):
            await database.run(fails)
        nothing = await database.run(count, reads=True)
        await database.run(opened)
        return nothing, await database.run(count, reads=True)

    assert asyncio.run(scenario()) == (0, 1)


def test_memory_is_inline_and_a_file_is_not(tmp_path):
    async def scenario(database):
        return await database.run(lambda _: threading.current_thread(), reads=True)

    for url, inline in (("sqlite://", True), (f"sqlite:///{tmp_path}/a.sqlite3", False)):
        database = Database(url)
        same = asyncio.run(scenario(database)) is threading.current_thread()
        database.close()
        assert (database.inline, same) == (inline, inline)


@pytest.mark.parametrize(
    ("url", "inline"), [("sqlite:///:memory:", True), ("sqlite+pysqlite://", True)]
)
def test_every_spelling_of_memory_is_known(url, inline):
    database = Database(url)
    assert database.inline == inline
    assert database.kind == "sqlite in memory"
    database.close()


def test_a_file_is_in_wal_mode_waits_and_checks_references(tmp_path):
    database = Database(f"sqlite:///{tmp_path}/pochi.sqlite3")

    def pragmas(session):
        names = ("journal_mode", "busy_timeout", "foreign_keys", "synchronous")
        return [session.execute(text(f"PRAGMA {name}")).scalar() for name in names]

    assert database.transact(pragmas) == ["wal", 10_000, 1, 2]
    database.close()


def test_a_writer_holds_the_lock_from_its_first_moment_and_readers_do_not_wait(tmp_path):
    url = f"sqlite:///{tmp_path}/pochi.sqlite3"
    writer, other = Database(url), Database(url)
    begun = []
    asyncio.run(writer.create_tables())
    asyncio.run(other.create_tables())

    def work(session):
        assert count(session) == 0
        assert other.transact(count, reads=True) == 0
        connection = other.engine.raw_connection()
        connection.execute("PRAGMA busy_timeout = 0")
        with pytest.raises(sqlite3.OperationalError, match="locked"):
            connection.execute("BEGIN IMMEDIATE")
        begun.append(True)
        connection.close()

    writer.transact(work)
    writer.close()
    other.close()
    assert begun


def test_writers_of_one_process_queue_and_never_find_the_file_locked(tmp_path):
    database = Database(f"sqlite:///{tmp_path}/pochi.sqlite3")

    def impatient(connection, _):
        connection.execute("PRAGMA busy_timeout = 0")

    event.listen(database.engine, "connect", impatient)

    async def scenario():
        await asyncio.gather(*(database.run(partial(opened, digest=f"d-{n}")) for n in range(60)))
        return await database.run(count)

    assert asyncio.run(scenario()) == 60
    database.close()


def test_a_file_survives_dispose(tmp_path):
    database = Database(f"sqlite:///{tmp_path}/pochi.sqlite3")

    async def scenario():
        await database.run(opened)
        await database.dispose()
        return await database.run(count)

    assert asyncio.run(scenario()) == 1
    database.close()


def test_memory_survives_dispose_and_not_close():
    database = Database("sqlite://")

    async def scenario():
        await database.run(opened)
        await database.dispose()
        kept = await database.run(count)
        database.close()
        return kept, await database.run(count)

    assert asyncio.run(scenario()) == (1, 0)
    database.close()


def test_what_another_transaction_made_impossible_is_tried_again(run, database):
    attempts = []

    def work(session):
        attempts.append(session)
        return opened(session, digest="taken" if len(attempts) == 1 else "free")

    database.transact(lambda session: opened(session, "taken"))
    assert run(database.run(work)).payment_id == 2
    assert len(attempts) == 2


def test_what_stays_impossible_is_an_error(run, database):
    attempts = []

    def work(session):
        attempts.append(session)
        return opened(session, "taken")

    database.transact(lambda session: opened(session, "taken"))
    with pytest.raises(IntegrityError):
        run(database.run(work))
    assert len(attempts) == 2


class AbortedError(Exception):
    def __init__(self, sqlstate):
        self.sqlstate = sqlstate


@pytest.mark.parametrize(
    ("sqlstate", "failures", "attempts"),
    [("40001", 3, 4), ("40P01", 1, 2), ("40001", ATTEMPTS, ATTEMPTS), ("08006", 1, 1)],
)
def test_only_serialisation_failures_and_deadlocks_are_tried_again(
    run, database, sqlstate, failures, attempts
):
    tried = []

    def work(_):
        tried.append(sqlstate)
        if len(tried) <= failures:
            raise OperationalError("UPDATE", {}, AbortedError(sqlstate))
        return "done"

    if attempts > failures:
        assert run(database.run(work)) == "done"
    else:
        with pytest.raises(OperationalError):
            run(database.run(work))
    assert len(tried) == attempts


def test_moments_come_back_aware_in_utc(database):
    nairobi = AT.astimezone(timezone(timedelta(hours=3)))
    view = database.transact(lambda session: opened(session, at=nairobi))
    back = database.transact(lambda session: session.get_one(Payment, view.payment_id).created_at)
    assert back == AT
    assert back.tzinfo is UTC


def test_a_naive_moment_is_refused(database):
    with pytest.raises(StatementError, match="aware datetime"):
        database.transact(lambda session: opened(session, at=AT.replace(tzinfo=None)))


@pytest.mark.parametrize(
    "change", [{"status": "paid"}, {"mpesa_receipt": "R"}, {"amount": 0}], ids=str
)
def test_the_database_itself_refuses_impossible_rows(database, change):
    database.transact(opened)
    with pytest.raises(IntegrityError):
        database.transact(lambda session: session.execute(update(Payment).values(change)))


def test_a_database_that_cannot_be_opened_says_so(tmp_path):
    database = Database(f"sqlite:///{tmp_path}/nowhere/pochi.sqlite3")
    with pytest.raises(OperationalError):
        asyncio.run(database.ping())
    database.close()


def test_the_database_refuses_to_change_the_audit_log(database):
    database.transact(opened)
    for statement in ("UPDATE audit_log SET event = 'x'", "DELETE FROM audit_log"):
        with pytest.raises(IntegrityError, match="append-only"):
            database.transact(lambda session, text_=statement: session.execute(text(text_)))


def test_an_emptied_database_begins_anew(database):
    database.transact(opened)
    database.empty()
    assert database.transact(count) == 0
    assert database.transact(opened).payment_id == 1
    with pytest.raises(IntegrityError, match="append-only"):
        database.transact(lambda session: session.execute(text("DELETE FROM audit_log")))
