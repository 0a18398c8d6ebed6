"""What nobody foresaw, on its way into a log: without secrets and without whole phone numbers.

Servers log the traceback of what an application raises, and its texts are whoever's: a database
driver quotes the row that it refused, a library the request that it could not send.
"""

import traceback

from starlette.types import ASGIApp, Receive, Scope, Send

from mpesa_pochi.redaction import Redactor, mask_numbers


class CrashError(RuntimeError):
    """In place of an exception that was raised while a request was answered: its traceback, as text
    that may be logged. In one line, as `repr` has it, it is the exception's own.
    """

    def __init__(self, told: str, shown: str) -> None:
        super().__init__(told)
        self._shown = shown

    def __repr__(self) -> str:
        return self._shown


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
        told = shown = ""
        try:
            await self.app(scope, receive, send)
        except Exception as error:  # noqa: BLE001 - whatever it is, it is told on
            told, shown = "".join(traceback.format_exception(error)), repr(error)
        if told:
            # Outside of the handler: nothing of the exception itself hangs on this one.
            raise CrashError(f"masked:\n{self._masked(told)}", self._masked(shown))

    def _masked(self, text: str) -> str:
        return mask_numbers(self._redact(text))
