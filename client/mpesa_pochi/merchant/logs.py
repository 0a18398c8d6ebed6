"""Log lines without secrets and without whole phone numbers, whoever writes them."""

import logging
import sys

from mpesa_pochi.redaction import Redactor, mask_numbers

FORMAT = "%(levelname)s %(name)s: %(message)s"


class Masked(logging.Formatter):
    """Cuts secrets out of what is logged, tracebacks too, and masks subscribers' numbers.

    Args:
        redact: knows the secrets.
    """

    def __init__(self, redact: Redactor, text: str = FORMAT) -> None:
        super().__init__(text)
        self._redact = redact

    def format(self, record: logging.LogRecord) -> str:
        return mask_numbers(self._redact(super().format(record)))


def to_stderr(redact: Redactor, *, level: int = logging.WARNING) -> None:
    """Write what this process logs, and its warnings, to standard error, masked."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(Masked(redact))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    logging.captureWarnings(capture=True)
