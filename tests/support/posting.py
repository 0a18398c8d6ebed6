"""Letters, a courier, and what comes of both."""

import asyncio
from contextlib import asynccontextmanager

from darajasim.core.courier import Letter
from darajasim.delivery.courier import HttpCourier
from support.recorder import hangs, recorder

HEADERS = {"Content-Type": "application/json;charset=UTF-8", "Businessshortcode": "174379"}


def letter(url: str, body: bytes = b'{"a":1.00}') -> Letter:
    return Letter(url, HEADERS, body)


@asynccontextmanager
async def courier(**options):
    made = HttpCourier(**options)
    try:
        yield made
    finally:
        made.close()


def sent(act, *, count=1, **options):
    """The receipts of some letters to a merchant who does `act`, one after the other, and the
    merchant.
    """

    async def main():
        async with recorder(act) as merchant, courier(**options) as carrier:
            receipts = [await carrier.send(letter(f"{merchant.url}/{n}")) for n in range(count)]
            carrier.close()
            await merchant.until(lambda: merchant.open == 0 or act is hangs)
            return receipts, merchant

    return asyncio.run(main())
