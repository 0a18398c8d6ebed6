"""Makes docs/screenshots: `PYTHONPATH=tests python tests/support/screenshots.py` at the top.

Every outcome is a real one, of a served simulator and the merchant application.
"""

import io
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
from PIL import Image

from darajasim.core.organisation import SANDBOX_PASSKEY
from mpesa_pochi import Secret
from support.chromium import chromium, hurry
from support.served import served
from support.storefront import Storefront

TOKEN = "an-admin-token-of-some-length"
HOME = Path(__file__).parents[2] / "docs" / "screenshots"
COLOURS = 128
SIZES = {360: 740, 1280: 800}
"""Height by width."""
BREATH = 30
"""How much faster than life the page asks."""


class Studio:
    """A browser page of one size and scheme, a shop, and its Daraja."""

    def __init__(self, browser: Any, store: Storefront, daraja: str, width: int, scheme: str):
        self.store = store
        self.daraja = daraja
        self.ending = f"{width}-{scheme}.png"
        self.browser = browser
        self.look = {
            "viewport": {"width": width, "height": SIZES[width]},
            "color_scheme": scheme,
            "reduced_motion": "reduce",
        }

    @contextmanager
    def page(self, times: int = BREATH) -> Iterator[Any]:
        """A new page without a past."""
        context = self.browser.new_context(**self.look)
        context.add_init_script(hurry(times))
        try:
            yield context.new_page()
        finally:
            context.close()

    def take(self, page: Any, name: str) -> None:
        """Save what is seen, in few colours."""
        picture = Image.open(io.BytesIO(page.screenshot()))
        few = picture.convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE)
        few.save(HOME / f"{name}-{self.ending}", optimize=True)

    def settle(self) -> None:
        """Let everything happen that is due, and no payment be a repeat of another."""
        for ahead in ({"settle": True}, {"advance": 600}):
            httpx.post(f"{self.daraja}/_sim/clock", json=ahead, timeout=60).raise_for_status()

    def asks(self, page: Any, phone: str) -> None:
        """Fill in and send the checkout form."""
        page.goto(f"{self.store.url}/pay?amount=1500&reference=INV-1042")
        page.get_by_label("M-PESA phone number").fill(phone)
        page.locator("#pay").click()

    def sees(self, page: Any, heading: str) -> None:
        """Wait for a heading."""
        page.get_by_role("heading", name=heading, exact=True).wait_for()


def checkout(studio: Studio) -> None:
    """The checkout page, from the empty form to each end."""
    with studio.page() as page:
        page.goto(f"{studio.store.url}/pay?amount=1500&reference=INV-1042")
        studio.take(page, "checkout-form")
        studio.asks(page, "020 2222222")
        studio.take(page, "checkout-wrong-number")
        page.goto(f"{studio.store.url}/pay?amount=1500&reference=INV-1042&lang=sw")
        studio.take(page, "checkout-swahili")
    with studio.page() as page:
        studio.asks(page, "0722 000 000")
        studio.sees(page, "Check your phone")
        studio.take(page, "checkout-waiting")
        studio.store.stop()
        page.get_by_text("The connection was lost.").first.wait_for()
        studio.take(page, "checkout-offline")
        studio.store.start()
        studio.settle()
        studio.sees(page, "Payment received")
        page.locator("#receipt-row").wait_for()
        studio.take(page, "checkout-success")
    for phone, name in (
        ("254700001032", "cancelled"),
        ("254700001037", "timeout"),
        ("254700000001", "insufficient-funds"),
    ):
        with studio.page() as page:
            studio.asks(page, phone)
            studio.sees(page, "Check your phone")
            studio.settle()
            studio.sees(page, "Payment not made")
            studio.take(page, f"checkout-{name}")
    with studio.page(times=3_000) as page:
        studio.asks(page, "0733 000 000")
        studio.sees(page, "Not confirmed yet")
        studio.take(page, "checkout-unknown")
    studio.settle()


def admin(studio: Studio) -> None:
    """The payments page: its door, its list, one payment."""
    with studio.page() as page:
        page.goto(f"{studio.store.url}/admin")
        studio.take(page, "admin-door")
        page.get_by_label("Admin token").fill(TOKEN)
        page.get_by_role("button", name="Show payments").click()
        page.locator("tbody tr").first.wait_for()
        studio.take(page, "admin-list")
        page.get_by_role("button", name="Payment 1", exact=True).click()
        page.locator(".timeline li").first.wait_for()
        studio.take(page, "admin-payment")


def main() -> int:
    """Take them all."""
    HOME.mkdir(exist_ok=True)
    with (
        tempfile.TemporaryDirectory() as folder,
        served("--seed", "7") as daraja,
        chromium() as browser,
    ):
        store = Storefront(settings(daraja.base), Path(folder), admin_token=TOKEN)
        store.start()
        review(store, daraja.base)
        for width in SIZES:
            for scheme in ("light", "dark"):
                studio = Studio(browser, store, daraja.base, width, scheme)
                checkout(studio)
                admin(studio)
        store.stop()
    return 0


def review(store: Storefront, daraja: str) -> None:
    """One payment that a person must look at: cancelled, and then said to be paid."""
    order = {"phone": "254700001032", "amount": 250, "reference": "INV-1041"}
    asked = httpx.post(f"{store.url}/stk-push", json=order).json()
    httpx.post(f"{daraja}/_sim/clock", json={"settle": True}, timeout=60).raise_for_status()
    callback = {
        "MerchantRequestID": store.do(store.app.state.payments.get(1)).merchant_request_id,
        "CheckoutRequestID": asked["checkout_id"],
        "ResultCode": 0,
        "ResultDesc": "The service request is processed successfully.",
        "CallbackMetadata": {
            "Item": [
                {"Name": "Amount", "Value": 250.0},
                {"Name": "MpesaReceiptNumber", "Value": "UKN4A7XQ2B"},
                {"Name": "TransactionDate", "Value": 20261123060000},
                {"Name": "PhoneNumber", "Value": 254700001032},
            ]
        },
    }
    body = {"Body": {"stkCallback": callback}}
    httpx.post(f"{store.url}/callback", json=body).raise_for_status()


def settings(base: str) -> dict[str, Any]:
    """Of the public sandbox's merchant."""
    return {
        "shortcode": "174379",
        "passkey": Secret(SANDBOX_PASSKEY),
        "consumer_key": Secret("key"),
        "consumer_secret": Secret("secret"),
        "base_url": base,
        "name": "Mama Njeri Groceries",
    }


if __name__ == "__main__":
    sys.exit(main())
