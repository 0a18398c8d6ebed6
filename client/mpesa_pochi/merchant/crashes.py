"""What nobody foresaw, on its way into a log: without secrets and without whole phone numbers.

Servers log the traceback of what an application raises, and its texts are whoever's: a database
driver quotes the row that it refused, a library the request that it could not send.
"""

import traceback

from starlette.types import ASGIApp, Receive, Scope, Send

from mpesa_pochi.redaction import Redactor, mask_numbers


class CrashError(RuntimeError):
    """In place of an exception that was raised while a request was answered: its traceback, as text
    that may be logged.
    """


class Crashes:
    """ASGI middleware that raises a `CrashError` in place of whatever is raised.

    Args:
        app: what answers.
        redact: knows the secrets.
    """

    def __init__(self, app: ASGIApp, *, redact: Redactor) -> None:
        self.app = app
        self._redact = redact

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        told = ""
        try:
            await self.app(scope, receive, send)
        except Exception as error:  # noqa: BLE001 - whatever it is, it is told on
            told = "".join(traceback.format_exception(error))
        if told:
            # Outside of the handler: nothing of the exception itself hangs on this one.
            raise CrashError(f"masked:\n{mask_numbers(self._redact(told))}")
