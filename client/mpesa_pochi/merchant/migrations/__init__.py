"""From any older revision of the tables to the newest, with Alembic.

Alembic is imported here alone; the application itself only looks at the revision
(`mpesa_pochi.merchant.schema`). A new revision is a module in `versions/`, and `schema.HEAD`.
"""

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, Engine, inspect

from mpesa_pochi.merchant import schema

HERE = Path(__file__).parent


def configured(connection: Connection) -> Config:
    """Alembic's configuration, on this connection."""
    config = Config()
    config.set_main_option("script_location", str(HERE).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


def migrate(engine: Engine, revision: str = schema.HEAD) -> tuple[str | None, str]:
    """Bring a database to a revision; in one transaction, so that nothing is left half done.

    Returns:
        The revision before, None for an empty database, and the one after.

    Raises:
        schema.WrongSchemaError: it is of a revision that this version does not know.
    """
    with engine.begin() as connection:
        schema.lock(connection)
        before = schema.revision_of(connection)
        if before is not None and not _is_known(before):
            raise schema.WrongSchemaError(
                f"expected a database of revision {schema.HEAD} or older, found {before}: it was "
                "made by a newer version of mpesa_pochi; install that"
            )
        if before is not None and schema.REVISION.name not in inspect(connection).get_table_names():
            schema.stamp(connection, before)
        command.upgrade(configured(connection), revision)
    return before, revision


def _is_known(revision: str) -> bool:
    return revision <= schema.HEAD and any((HERE / "versions").glob(f"v{revision}_*.py"))
