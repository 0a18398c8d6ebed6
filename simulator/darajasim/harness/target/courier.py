"""Callbacks to the application over real HTTP, its books read after each; others to the inbox."""

from __future__ import annotations

from urllib.parse import urlsplit

from darajasim.core.courier import Courier, Letter, Receipt
from darajasim.harness import inbox
from darajasim.harness.target.merchant import TargetMerchant


class TargetCourier:
    """Carries the callbacks of one scenario.

    Args:
        outside: carries them over HTTP.
        inside: carries those of the scenario's own calls.

    Attributes:
        merchant: whose books are read after each; None before it is there.
    """

    def __init__(self, outside: Courier, inside: Courier) -> None:
        self._outside = outside
        self._inside = inside
        self.merchant: TargetMerchant | None = None

    async def send(self, letter: Letter, *, within: float | None = None) -> Receipt:
        """POST the letter once, and look what became of it before Daraja goes on."""
        merchant = self.merchant
        if urlsplit(letter.url).hostname == inbox.HOST or merchant is None:
            return await self._inside.send(letter, within=within)
        headers = [(name.encode(), value.encode()) for name, value in letter.headers.items()]
        going = merchant.recorder.begin("POST", letter.url, headers, letter.body)
        merchant.delivered(letter.body.decode("utf-8", "replace"))
        receipt = await self._outside.send(letter, within=within)
        going.end(receipt.status, receipt.answer.encode(), receipt.error or "")
        if merchant.owns(letter.url):
            await merchant.read_books()
        return receipt
