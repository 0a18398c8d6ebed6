"""From an older database to this version's tables, on SQLite and on PostgreSQL."""

import asyncio
import itertools
import subprocess
import sys
from contextlib import contextmanager

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from click.testing import CliRunner
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from mpesa_pochi.__main__ import main
from mpesa_pochi.merchant import Database, migrations, schema
from support import postgres

names = map("migrated_{}".format, itertools.count(1))
OLD = [
    """
    INSERT INTO payments (id, phone, amount, status, created_at, updated_at, metadata, reference,
        description, callback_digest, push, needs_review, mpesa_receipt)
    VALUES (1, '254722000000', 100, 'success', '2026-10-11 09:00:00+00', '2026-10-11 09:00:00+00',
        '{{}}', 'INV-1', 'Shoes', 'd-1', 'accepted', {no}, 'UJB5Q7X201'),
        (2, '254722000000', 200, 'pending', '2026-10-11 09:00:00+00', '2026-10-11 09:00:00+00',
        '{{}}', 'INV-2', 'Shoes', 'd-2', 'accepted', {no}, NULL)
    """,
    """
    INSERT INTO payment_callbacks (id, checkout_id, callback_data, received_at, payment_id,
        truncated, judgement)
    VALUES (1, 'ws_1', {raw}, '2026-10-11 09:00:00+00', 1, {no}, 'applied')
    """,
    """
    INSERT INTO idempotent_requests (key, digest, payment_id, created_at)
    VALUES ('k-1', 'd', 1, '2026-10-11 09:00:00+00')
    """,
]


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request, tmp_path):
    """The URL of a database in which there is nothing."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/pochi.sqlite3"
    if why := postgres.missing():
        pytest.skip(why)
    return postgres.server().database(next(names))


@contextmanager
def opened(url):
    database = Database(url)
    try:
        yield database
    finally:
        database.close()


def execute(database, *statements):
    with database.engine.begin() as connection:
        sqlite = database.engine.dialect.name == "sqlite"
        words = {"no": "0" if sqlite else "false", "raw": "X'7B7D'" if sqlite else "'{}'::bytea"}
        for statement in statements:
            connection.exec_driver_sql(statement.format(**words))


def rows(database, query):
    with database.engine.connect() as connection:
        return [tuple(row) for row in connection.execute(text(query))]


def differences(database):
    with database.engine.connect() as connection:
        return compare_metadata(MigrationContext.configure(connection), schema.METADATA)


def test_the_head_is_alembics():
    config = migrations.configured(None)
    assert ScriptDirectory.from_config(config).get_current_head() == schema.HEAD


def test_all_revisions_together_make_the_tables_of_the_models(url):
    with opened(url) as database:
        assert migrations.migrate(database.engine) == (None, schema.HEAD)
        assert differences(database) == []
        assert migrations.migrate(database.engine) == (schema.HEAD, schema.HEAD)


def test_so_does_the_application_by_itself(url):
    with opened(url) as database:
        asyncio.run(database.create_tables())
        assert differences(database) == []
        assert rows(database, "SELECT version_num FROM alembic_version") == [(schema.HEAD,)]


@pytest.mark.parametrize("stamped", [True, False])
def test_an_older_database_keeps_what_it_holds(url, stamped):
    with opened(url) as database:
        migrations.migrate(database.engine, "0001")
        execute(database, *OLD)
        if not stamped:
            execute(database, "DROP TABLE alembic_version")
        with pytest.raises(schema.WrongSchemaError, match=r"found 0001.*migrate"):
            asyncio.run(database.create_tables())
        assert migrations.migrate(database.engine) == ("0001", schema.HEAD)
        assert differences(database) == []
        payments = "SELECT id, amount, status, mpesa_receipt, asks FROM payments ORDER BY id"
        assert rows(database, payments) == [
            (1, 100, "success", "UJB5Q7X201", 0),
            (2, 200, "pending", None, 0),
        ]
        due = "SELECT id FROM payments WHERE next_ask_at IS NOT NULL"
        assert rows(database, due) == [(2,)]
        assert rows(database, "SELECT key, payment_id FROM idempotent_requests") == [("k-1", 1)]
        assert rows(database, "SELECT payment_id FROM payment_callbacks") == [(1,)]
        execute(
            database,
            "INSERT INTO audit_log (at, payment_id, event, changes) VALUES"
            " ('2026-10-11 09:00:00+00', 1, 'settled', '{{}}')",
        )
        with pytest.raises(DBAPIError, match="append-only"):
            execute(database, "DELETE FROM audit_log")


def test_a_newer_database_is_refused(url):
    with opened(url) as database:
        asyncio.run(database.create_tables())
        execute(database, "UPDATE alembic_version SET version_num = '0999'")
    with opened(url) as database:
        with pytest.raises(schema.WrongSchemaError, match="found 0999"):
            asyncio.run(database.create_tables())
        with pytest.raises(schema.WrongSchemaError, match="newer version"):
            migrations.migrate(database.engine)


def test_it_is_not_taken_back(url):
    with opened(url) as database:
        migrations.migrate(database.engine)
        with (
            database.engine.begin() as connection,
            pytest.raises(NotImplementedError, match="backup"),
        ):
            command.downgrade(migrations.configured(connection), "0001")
        assert differences(database) == []


def test_several_processes_may_start_on_an_empty_database(url):
    program = (
        "import asyncio, sys; from mpesa_pochi.merchant import Database;"
        "asyncio.run(Database(sys.argv[1]).create_tables())"
    )
    started = [
        subprocess.Popen([sys.executable, "-c", program, url], stderr=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    for process in started:
        _, errors = process.communicate(timeout=60)
        assert process.returncode == 0, errors
    with opened(url) as database:
        assert differences(database) == []


def test_the_command_says_what_it_did(url):
    def run():
        return CliRunner().invoke(main, ["migrate", "--database", url])

    first, again = run(), run()
    assert (first.exit_code, again.exit_code) == (0, 0)
    assert f"now of revision {schema.HEAD}, from nothing" in first.output
    assert "already" in again.output
    with opened(url) as database:
        execute(database, "UPDATE alembic_version SET version_num = '0999'")
    refused = run()
    assert refused.exit_code == 1
    assert "nothing was changed" in refused.output


def test_a_database_that_cannot_be_reached_is_named_without_its_password(tmp_path):
    for wrong in (f"sqlite:///{tmp_path}/no/such.sqlite3", "postgresql://u:pa55@127.0.0.1:1/x"):
        done = CliRunner().invoke(main, ["migrate", "--database", wrong])
        assert done.exit_code == 1
        assert "OperationalError" in done.output
        assert "pa55" not in done.output


@pytest.mark.parametrize("wrong", ["nonsense", "mysql+nodriver://u:pa55@h/x", "sybase://u:pa55@h"])
def test_a_url_that_is_none_is_refused_without_its_password(wrong):
    done = CliRunner().invoke(main, ["migrate", "--database", wrong])
    assert done.exit_code == 2
    assert "--database" in done.output
    assert "pa55" not in done.output
