"""What can go wrong between a test and the simulator, other than an assertion."""

from __future__ import annotations


class DarajaTestError(Exception):
    """The fixture cannot do what the test asks of it: what it asked, why not, what to do."""


class RefusedError(DarajaTestError):
    """Daraja refused a request that the test itself made.

    Attributes:
        status: HTTP's.
        code: the errorCode.
    """

    def __init__(self, message: str, status: int, code: str) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
