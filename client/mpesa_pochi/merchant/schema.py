"""The tables of a database: made when there are none, and known by their revision.

A database that is not of this revision is refused, not half used: `python -m mpesa_pochi migrate`
brings it there (`mpesa_pochi.merchant.migrations`).
"""

from sqlalchemy import Column, Connection, Engine, MetaData, String, Table, inspect, select, text

from mpesa_pochi.merchant import models_history

HEAD = "0003"
"""The newest revision, which `models*.py` describe."""
BEFORE_REVISIONS = "0001"
"""What a database without a revision is: its tables were made before there were any."""
REVISION = Table("alembic_version", MetaData(), Column("version_num", String(32), primary_key=True))
"""Where Alembic keeps the revision."""
METADATA = models_history.AUDIT_LOG.metadata
"""All tables; the revision's is Alembic's."""
_LOCK = 0x706F636869
"""Key of the advisory lock under which PostgreSQL's tables are made: `pochi` in hexadecimal."""


class WrongSchemaError(Exception):
    """The database's tables are not those of this version of the application."""


def prepare(engine: Engine) -> None:
    """Make the tables in an empty database; look at the revision of any other. Safe to repeat, and
    from several processes at once.

    Raises:
        WrongSchemaError: the database is older, newer or something else.
    """
    with engine.begin() as connection:
        lock(connection)
        if not _standing(connection):
            METADATA.create_all(connection)
            stamp(connection, HEAD)


def lock(connection: Connection) -> None:
    """Keep other processes from making tables until this transaction ends. SQLite's transactions
    hold the lock of the whole file from their beginning.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(text(f"SELECT pg_advisory_xact_lock({_LOCK})"))


def stamp(connection: Connection, revision: str) -> None:
    """Write the revision."""
    REVISION.create(connection, checkfirst=True)
    connection.execute(REVISION.delete())
    connection.execute(REVISION.insert().values(version_num=revision))


def revision_of(connection: Connection) -> str | None:
    """The database's revision; None when it has no tables of ours."""
    names = set(inspect(connection).get_table_names())
    found = None
    if REVISION.name in names:
        found = connection.scalars(select(REVISION.c.version_num)).first()
    if found is None and names & METADATA.tables.keys():
        return BEFORE_REVISIONS
    return found


def _standing(connection: Connection) -> bool:
    """Whether the tables are there, of the newest revision."""
    found = revision_of(connection)
    if found in (None, HEAD):
        return found is not None
    raise WrongSchemaError(
        f"expected a database of revision {HEAD}, found {found}: stop the application, back it up, "
        "and run `python -m mpesa_pochi migrate` (a database newer than this version needs the "
        "newer version)"
    )
