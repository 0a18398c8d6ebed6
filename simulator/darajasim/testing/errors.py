"""What can go wrong between a test and the simulator, other than an assertion."""

from __future__ import annotations

from collections.abc import Iterable


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


def meant(name: str, names: Iterable[str]) -> str:
    """The end of a sentence that says which of these names is near, if one is."""
    from darajasim.scenarios.wording import did_you_mean  # noqa: PLC0415  # a mistake is rare

    near = did_you_mean(name, names)
    return f"; {near}" if near else ""
