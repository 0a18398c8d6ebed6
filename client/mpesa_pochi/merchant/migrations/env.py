"""What Alembic runs: the revisions, on the connection that it was given."""

from alembic import context

from mpesa_pochi.merchant import schema

context.configure(
    connection=context.config.attributes["connection"], target_metadata=schema.METADATA
)
context.run_migrations()
