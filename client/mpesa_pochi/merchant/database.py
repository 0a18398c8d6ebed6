"""The database: one engine, and transactions that may meet.

SQLite takes its write lock at `BEGIN` (`BEGIN IMMEDIATE`), in WAL mode for a file, so that readers
do not wait. Its writers do not queue: each asks again after pauses that grow, and may starve. So
those of this process queue here.

PostgreSQL runs them side by side, `READ COMMITTED`: conditional updates, unique columns and turns
(`turns.py`) decide who comes first. `SERIALIZABLE` would need none of them, but aborts transactions
that only came near one another: with sixteen callbacks at once, of payments that had nothing in
common, some were aborted twenty times in a row. Any other database is asked for it.

What a database aborts is run again, so the work of a transaction must touch nothing but its
session.
"""

import asyncio
import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.engine.interfaces import DBAPIConnection, IsolationLevel
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.orm import Session
from sqlalchemy.pool import ConnectionPoolEntry, StaticPool

from mpesa_pochi.merchant import models_history, schema
from mpesa_pochi.merchant.models import Base

Result = TypeVar("Result")

DEFAULT_URL = "sqlite:///pochi.sqlite3"
BUSY_SECONDS = 10.0
"""How long a transaction waits for SQLite's write lock."""
ATTEMPTS = 20
"""How often a transaction is tried that the database aborts. One of those in conflict always gets
through, so this bounds how many may meet on one payment."""
PAUSE = 0.005
"""Seconds before the second attempt; before the third twice as many, and so on."""
CONFLICTS = frozenset({"40001", "40P01"})
"""SQLSTATE of a serialisation failure and of a deadlock."""

_READS = "pochi_reads"


class Database:
    """The payments database.

    Args:
        url: a SQLAlchemy URL of a synchronous driver. `sqlite://` is a database in memory: one
            shared connection, used inline on the event loop, so that runs on it are deterministic.
            Everything else runs in worker threads and never blocks the loop.
            `postgresql://` is spoken with psycopg 3.

    Raises:
        ImportError: the URL's driver is not installed; it says what to install.
        ArgumentError: it is no such URL (SQLAlchemy's error).
    """

    def __init__(self, url: str | URL = DEFAULT_URL) -> None:
        url = _with_driver(url)
        self.engine: Engine = _engine(url)
        self.inline: bool = _is_memory(url)
        self._created = False
        self._creating = threading.Lock()
        self._writing = threading.Lock()

    @property
    def kind(self) -> str:
        """What kind of database it is; never its address, which may hold a password."""
        return self.engine.dialect.name + (" in memory" if self.inline else "")

    async def run(self, work: Callable[[Session], Result], *, reads: bool = False) -> Result:
        """Run `work` in one transaction: committed when it returns, rolled back when it raises.

        Args:
            work: gets the session; runs again if the database aborts it for another's sake.
            reads: promises that `work` only reads, so it need not wait for a writer.
        """
        for attempt in range(ATTEMPTS - 1):
            try:
                return await self._once(work, reads=reads)
            except DBAPIError as error:
                if not _is_conflict(error, first=attempt == 0):
                    raise
            await asyncio.sleep(PAUSE * (attempt + 1))
        return await self._once(work, reads=reads)

    async def _once(self, work: Callable[[Session], Result], *, reads: bool) -> Result:
        if self.inline:
            return self.transact(work, reads=reads)
        transaction = asyncio.ensure_future(asyncio.to_thread(self.transact, work, reads=reads))
        try:
            return await asyncio.shield(transaction)
        except asyncio.CancelledError:
            # It is short, and cannot be stopped: whoever closes the database must find it over.
            await asyncio.wait([transaction])
            if not transaction.cancelled():
                transaction.exception()
            raise

    def transact(self, work: Callable[[Session], Result], *, reads: bool = False) -> Result:
        """One attempt, on this thread. Creates the tables at the first call."""
        self._create_once()
        engine = self.engine.execution_options(**{_READS: True}) if reads else self.engine
        queue = self._queue(reads=reads)
        with queue, Session(engine, expire_on_commit=False) as session, session.begin():
            return work(session)

    @contextmanager
    def _queue(self, *, reads: bool) -> Iterator[None]:
        """SQLite's writers one by one; who waits too long is left to SQLite's patience."""
        alone = reads or self.inline or self.engine.dialect.name != "sqlite"
        first = not alone and self._writing.acquire(timeout=BUSY_SECONDS)
        try:
            yield
        finally:
            if first:
                self._writing.release()

    async def create_tables(self) -> None:
        """Make the tables in an empty database. Safe to repeat, and from several processes.

        Raises:
            WrongSchemaError: the database's tables are not those of this version.
        """
        if self.inline:
            self._create_once()
        else:
            await asyncio.to_thread(self._create_once)

    async def ping(self) -> None:
        """Ask the database something trivial; raises SQLAlchemy's error when it cannot answer."""
        await self.run(lambda session: session.execute(text("SELECT 1")).scalar_one(), reads=True)

    async def dispose(self) -> None:
        """Close all connections. A database in memory keeps its one: closing it would erase it."""
        if not self.inline:
            await asyncio.to_thread(self.engine.dispose)

    def close(self) -> None:
        """Close all connections, and forget a database in memory."""
        self.engine.dispose()
        self._created = False

    def empty(self) -> None:
        """Forget everything, on this thread; the tables stay. For tests and simulations."""
        self._create_once()
        tables = Base.metadata.sorted_tables
        audit_log = models_history.AUDIT_LOG
        with self.engine.begin() as connection:
            if self.engine.dialect.name != "sqlite":
                names = ", ".join(table.name for table in tables)
                connection.exec_driver_sql(f"TRUNCATE TABLE {names} RESTART IDENTITY CASCADE")
                return
            # Its rows cannot be deleted, by design.
            audit_log.drop(connection)
            for table in reversed(tables):
                if table is not audit_log:
                    connection.execute(table.delete())
            audit_log.create(connection)

    def _create_once(self) -> None:
        if self._created:
            return
        with self._creating:
            if not self._created:
                schema.prepare(self.engine)
                self._created = True


def _with_driver(url: str | URL) -> URL:
    parsed = make_url(url)
    if parsed.drivername in ("postgresql", "postgres"):
        return parsed.set(drivername="postgresql+psycopg")
    return parsed


class _NoRows(logging.Filter):
    """Rows hold customers' phone numbers. Statements may be logged, their values are hidden."""

    def filter(self, record: logging.LogRecord) -> bool:
        return record.levelno > logging.DEBUG


_UNTOLD: dict[str, Any] = {"hide_parameters": True, "logging_name": "mpesa_pochi"}
logging.getLogger("sqlalchemy.engine.Engine.mpesa_pochi").addFilter(_NoRows())


def _is_memory(parsed: URL) -> bool:
    return parsed.get_backend_name() == "sqlite" and parsed.database in (None, "", ":memory:")


def _engine(url: URL) -> Engine:
    if url.get_backend_name() != "sqlite":
        postgres = url.get_backend_name() == "postgresql"
        level: IsolationLevel = "READ COMMITTED" if postgres else "SERIALIZABLE"
        try:
            return create_engine(url, isolation_level=level, pool_pre_ping=True, **_UNTOLD)
        except ModuleNotFoundError as error:
            package = {"psycopg": "'psycopg[binary]'"}.get(error.name or "", error.name)
            raise ImportError(
                f"{url.drivername} needs {error.name}: pip install {package}"
            ) from None
    if _is_memory(url):
        engine = create_engine(
            url,
            poolclass=StaticPool,
            connect_args={"check_same_thread": False},
            **_UNTOLD,
        )
    else:
        engine = create_engine(url, connect_args={"timeout": BUSY_SECONDS}, **_UNTOLD)
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: DBAPIConnection, _: ConnectionPoolEntry) -> None:
    # The driver must not open transactions by itself: it would begin them without the write lock.
    connection.isolation_level = None
    cursor = connection.cursor()
    cursor.execute(f"PRAGMA busy_timeout = {int(BUSY_SECONDS * 1000)}")
    cursor.execute("PRAGMA journal_mode = WAL")
    cursor.execute("PRAGMA synchronous = FULL")
    cursor.execute("PRAGMA foreign_keys = ON")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    reads: Any = connection.get_execution_options().get(_READS, False)
    connection.exec_driver_sql("BEGIN" if reads else "BEGIN IMMEDIATE")


def _is_conflict(error: DBAPIError, *, first: bool) -> bool:
    if isinstance(error, IntegrityError):
        # Perhaps another transaction's row: the second attempt sees it, a third learns nothing.
        return first
    return getattr(error.orig, "sqlstate", "") in CONFLICTS
