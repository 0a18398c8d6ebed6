"""The payments page in a real browser."""

import re
from functools import partial

import pytest

from mpesa_pochi import Secret, Unreachable, clock
from mpesa_pochi.merchant import Order
from mpesa_pochi.merchant.pushes import open_payment, refuse
from support.chromium import chromium, missing
from support.storefront import Storefront

TOKEN = "an-admin-token-of-some-length"

pytestmark = pytest.mark.skipif(bool(missing()), reason=missing())


@pytest.fixture(scope="module")
def browser():
    with chromium() as running:
        yield running


@pytest.fixture
def store(tmp_path):
    """Three payments whose pushes never left; its Daraja is asked for nothing."""
    store = Storefront(
        {
            "shortcode": "174379",
            "passkey": Secret("passkey"),
            "consumer_key": Secret("key"),
            "consumer_secret": Secret("secret"),
            "base_url": "http://127.0.0.1:1",
            "name": "Duka",
        },
        tmp_path,
        admin_token=TOKEN,
    )
    store.start()
    for number in (1, 2, 3):
        store.do(store.app.state.payments.database.run(partial(failed_payment, number=number)))
    yield store
    store.stop()


def failed_payment(session, number):
    order = Order(phone="254722000000", amount=number * 1000, reference=f"INV-{number}")
    opened = open_payment(session, order, f"digest-{number}", clock.now())
    refuse(session, opened.payment_id, Unreachable("connection refused"), clock.now())


@pytest.fixture
def admin(browser, store):
    context = browser.new_context()
    context.set_default_timeout(10_000)
    page = context.new_page()
    complaints = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    # So that three payments are more than a page.
    context.route("**/payments?*", lambda route: route.continue_(url=smaller(route.request.url)))
    page.goto(f"{store.url}/admin")
    yield page
    context.close()
    assert complaints == []


def smaller(url):
    return re.sub(r"limit=\d+", "limit=2", url)


def enter(page, token=TOKEN):
    page.get_by_label("Admin token").fill(token)
    page.keyboard.press("Enter")


def test_from_the_door_to_one_payment_and_out(admin, store):
    page = admin
    enter(page, "")
    assert "Enter the admin token" in page.locator("#token-error").inner_text()
    enter(page, "a wrong one")
    page.get_by_text("This token is not accepted.").wait_for()
    assert page.evaluate("sessionStorage.length") == 0

    enter(page)
    page.locator("tbody tr").first.wait_for()
    assert page.locator("td.reference").all_inner_texts() == ["INV-3", "INV-2"]
    assert page.locator("td.sum").first.inner_text() == "KES 3,000"
    page.get_by_role("button", name="Older payments").click()
    page.get_by_text("INV-1", exact=True).wait_for()
    assert page.locator("tbody tr").count() == 3

    page.get_by_role("button", name="Payment 2", exact=True).click()
    dialog = page.get_by_role("dialog", name="Payment 2")
    dialog.wait_for()
    assert "We could not reach M-PESA" in dialog.inner_text()
    assert dialog.locator(".timeline strong").all_inner_texts() == ["asked for", "failed, by push"]
    page.keyboard.press("Escape")
    dialog.wait_for(state="hidden")

    page.get_by_label("Status").select_option("success")
    page.get_by_text("No payments here.").wait_for()
    page.get_by_label("Status").select_option("")
    page.locator("tbody tr").first.wait_for()

    store.stop()
    page.get_by_role("button", name="Refresh").click()
    page.get_by_text("The server does not answer.").wait_for()
    store.start()
    page.reload()
    page.locator("tbody tr").first.wait_for()
    page.get_by_role("button", name="Kiswahili").click()
    assert page.locator("tbody .badge").first.inner_text() == "Yameshindikana"
    page.get_by_role("button", name="Toka").click()
    assert page.evaluate("sessionStorage.length") == 0
    assert not page.locator("#list").is_visible()
