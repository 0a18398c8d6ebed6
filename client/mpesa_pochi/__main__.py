"""`python -m mpesa_pochi`: the merchant application by itself, configured by the environment.

Beside serving it: `migrate`, which brings a database to this version's tables, and `seal`, which
encrypts settings.
"""

import asyncio
import contextlib
import os
import socket
from collections.abc import Mapping
from typing import Any

import click
import uvicorn
from sqlalchemy.exc import ArgumentError, SQLAlchemyError

from mpesa_pochi import sealed
from mpesa_pochi.client import MpesaPochi
from mpesa_pochi.errors import SettingsError
from mpesa_pochi.merchant import logs, standalone
from mpesa_pochi.merchant.app import create_app
from mpesa_pochi.merchant.database import DEFAULT_URL, Database
from mpesa_pochi.merchant.schema import WrongSchemaError
from mpesa_pochi.redaction import Redactor
from mpesa_pochi.seal import seal
from mpesa_pochi.secret import Secret
from mpesa_pochi.settings import Settings

DATABASE_VARIABLE = "MPESA_POCHI_DATABASE"
WRONG_SETTINGS = 2


database_option = click.option(
    "--database",
    envvar=DATABASE_VARIABLE,
    show_envvar=True,
    default=DEFAULT_URL,
    show_default=True,
    metavar="URL",
    help="Where payments are kept, as SQLAlchemy writes it.",
)


@click.group(invoke_without_command=True, context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option(
    "--port",
    default=8000,
    show_default=True,
    type=click.IntRange(0, 65535),
    help="Port to listen on; 0 picks a free one.",
)
@database_option
@click.pass_context
def main(context: click.Context, *, host: str, port: int, database: str) -> None:
    """Serve the Pochi la Biashara merchant application until Ctrl-C.

    Who the merchant is, is read from MPESA_* in the environment; .env.example describes them.
    """
    if context.invoked_subcommand is not None:
        return
    try:
        environ = sealed.environment(os.environ)
        settings, guards = Settings.from_env(environ), standalone.options(environ)
    except SettingsError as error:
        click.echo(f"Error: {error}", err=True)
        raise SystemExit(WRONG_SETTINGS) from None
    payments = opened(_database(context, database, environ))
    with _listening(host, port) as listener, contextlib.suppress(KeyboardInterrupt):
        try:
            asyncio.run(_serve(settings, payments, listener, guards))
        except (WrongSchemaError, SQLAlchemyError) as error:
            told = error if isinstance(error, WrongSchemaError) else type(error).__name__
            click.echo(f"Error: the {payments.kind} database cannot be used: {told}", err=True)
            raise SystemExit(WRONG_SETTINGS) from None


main.add_command(seal)


@main.command()
@database_option
@click.pass_context
def migrate(context: click.Context, *, database: str) -> None:
    """Bring a database to the tables of this version. Back it up first."""
    try:
        # Alembic, which only this needs.
        from mpesa_pochi.merchant import migrations  # noqa: PLC0415
    except ModuleNotFoundError:
        raise click.ClickException("this needs Alembic: pip install alembic") from None
    try:
        found = opened(_database(context, database, sealed.environment(os.environ)))
    except SettingsError as error:
        raise click.ClickException(str(error)) from None
    try:
        before, after = migrations.migrate(found.engine)
    except (WrongSchemaError, SQLAlchemyError) as error:
        told = error if isinstance(error, WrongSchemaError) else type(error).__name__
        raise click.ClickException(f"nothing was changed: {told}") from None
    finally:
        found.close()
    if before == after:
        click.echo(f"{found.kind} is of revision {after} already")
    else:
        click.echo(f"{found.kind} is now of revision {after}, from {before or 'nothing'}")


def opened(url: str) -> Database:
    """The database of a URL.

    Raises:
        click.BadParameter: it is no URL, or needs what is not installed.
    """
    try:
        return Database(url)
    except (ArgumentError, ImportError) as error:
        # SQLAlchemy's sentence may hold a password, ours does not.
        told = error if isinstance(error, ImportError) else type(error).__name__
        raise click.BadParameter(
            f"expected the SQLAlchemy URL of an installed driver, such as {DEFAULT_URL}: {told}",
            param_hint=f"--database ({DATABASE_VARIABLE})",
        ) from None


def _database(context: click.Context, url: str, environ: Mapping[str, str]) -> str:
    """The URL, from the encrypted file when nothing else gives one."""
    usual = context.get_parameter_source("database") is click.core.ParameterSource.DEFAULT
    return environ.get(DATABASE_VARIABLE, "").strip() or url if usual else url


async def _serve(
    settings: Settings, database: Database, listener: socket.socket, guards: dict[str, Any]
) -> None:
    await database.create_tables()
    logs.to_stderr(Redactor((*settings.secrets, guards["admin_token"] or Secret(""))))
    async with MpesaPochi(settings) as client:
        app = create_app(client, database, require_callback_token=True, **guards)
        # The paths of callbacks hold their tokens, which do not belong into a log. What a proxy
        # tells is read by the application, from those that it trusts.
        config = uvicorn.Config(
            app, access_log=False, log_config=None, log_level="warning", proxy_headers=False
        )
        server = uvicorn.Server(config)
        address = _written(listener)
        click.echo(f"{settings.name}  {address}{app.state.prefix}/test says what is configured")
        click.echo(f"Daraja  {settings.base_url}")
        await server.serve(sockets=[listener])


def _listening(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        listener = socket.create_server((host, port), family=family, backlog=2048)
    except OSError as error:
        raise click.UsageError(
            f"cannot listen on {host}:{port}: {error.strerror or error}. "
            "Another --port, or --port 0 for a free one?"
        ) from None
    # Connections inherit it. Without it an answer waits 40 ms for the other side's kernel.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listener


def _written(listener: socket.socket) -> str:
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


if __name__ == "__main__":
    main(prog_name="python -m mpesa_pochi")
