"""The checkout page in a real browser, against the merchant application and a served simulator."""

import re

import pytest

from darajasim.core.organisation import SANDBOX_PASSKEY
from mpesa_pochi import Secret
from mpesa_pochi.codes import catalogue
from mpesa_pochi.customer_messages import MessageState, customer_message, state_message
from support.chromium import chromium, hurry, missing
from support.storefront import Storefront

pytestmark = pytest.mark.skipif(bool(missing()), reason=missing())

NAME = 'Mama Njeri & Sons <"Duka">'
LINK = "/pay?amount=1500&reference=INV-1"


@pytest.fixture(scope="module")
def browser():
    with chromium() as running:
        yield running


@pytest.fixture
def store(daraja_server, tmp_path):
    given = daraja_server.settings()
    store = Storefront(
        {
            "shortcode": given.shortcode,
            "passkey": Secret(SANDBOX_PASSKEY),
            "consumer_key": given.consumer_key,
            "consumer_secret": given.consumer_secret,
            "base_url": given.base_url,
            "name": NAME,
        },
        tmp_path,
    )
    store.start()
    yield store
    store.stop()


class Customer:
    """Somebody in front of the page."""

    def __init__(self, browser, store, daraja, *, times=30, **context):
        self.store = store
        self.daraja = daraja
        self.context = browser.new_context(**context)
        self.context.set_default_timeout(10_000)
        self.context.add_init_script(hurry(times))
        self.page = self.context.new_page()
        self.complaints = []
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("console", self._console)

    def _console(self, message):
        # That a server is gone is news to the console; that a policy was broken is a fault.
        if message.type == "error" and "Failed to load resource" not in message.text:
            self.complaints.append(message.text)

    def opens(self, path=LINK):
        self.page.goto(self.store.url + path)
        return self

    def pays(self, phone="0722 000 000"):
        self.page.get_by_role("textbox", name=re.compile("phone|simu")).fill(phone)
        self.page.locator("#pay").click()
        return self

    def sees(self, heading):
        self.page.get_by_role("heading", name=heading, exact=True).wait_for()
        return self

    def reads(self, selector="#message"):
        return self.page.locator(selector).inner_text()

    def asked_for_pin(self):
        self.sees("Check your phone")
        return self

    @property
    def pushes(self):
        """How often Daraja was asked for a payment."""
        asked = self.daraja.control.get("journal", kind="request-received", operation="stk_push")
        return len(asked["events"])


@pytest.fixture
def customer(browser, store, daraja_server):
    customers = []

    def come(**context):
        customers.append(Customer(browser, store, daraja_server, **context))
        return customers[-1]

    yield come
    for one in customers:
        one.context.close()
        assert one.complaints == []


def said(key, language="en"):
    return customer_message(catalogue().by_key(key), language)


def test_a_payment_that_is_made(customer, daraja_server):
    hostile = "%22%3E%3Cscript%3Ealert(1)%3C/script%3E"
    paying = customer().opens(f"{LINK}&phone={hostile}")
    assert paying.page.title() == f"{NAME} · M-PESA"
    assert paying.reads(".brand") == NAME
    assert paying.page.locator("script").count() == 1
    assert "KES 1,500" in paying.reads("#order")
    paying.pays().asked_for_pin()
    daraja_server.settle()
    paying.sees("Payment received")
    assert paying.reads() == said("paid")
    assert paying.reads("#watch-phone") == "0722 000000"
    paying.page.locator("#receipt-row").wait_for()
    assert re.fullmatch(r"[A-Z0-9]{10}", paying.reads("#receipt"))
    assert paying.page.evaluate("document.activeElement.id") == "watch-title"
    assert paying.page.evaluate("sessionStorage.length") == 0


def test_a_payment_that_is_not_made_can_be_tried_again(customer, daraja_server):
    paying = customer().opens()
    for phone, key in (
        ("254700001032", "cancelled"),
        ("254700001037", "no-response"),
        ("254700000001", "insufficient-funds"),
        ("254700002001", "wrong-pin"),
    ):
        paying.pays(phone).asked_for_pin()
        daraja_server.settle()
        paying.sees("Payment not made")
        assert paying.reads() == said(key)
        paying.page.get_by_role("button", name="Try again").click()
        assert paying.page.get_by_label("M-PESA phone number").input_value() == phone
        assert paying.page.evaluate("document.activeElement.id") == "phone"
    assert paying.pushes == 4


def test_a_wrong_number_is_told_at_once_and_can_be_corrected_by_keyboard(customer, daraja_server):
    paying = customer().opens().pays("020 2222222")
    assert "landline" in paying.reads("#phone-error")
    field = paying.page.get_by_label("M-PESA phone number")
    assert field.get_attribute("aria-invalid") == "true"
    assert paying.page.evaluate("document.activeElement.id") == "phone"
    field.press("Control+A")
    paying.page.keyboard.type("0722 000000")
    assert field.get_attribute("aria-invalid") is None
    paying.page.keyboard.press("Enter")
    paying.asked_for_pin()
    daraja_server.settle()
    paying.sees("Payment received")


NAMELESS = """[...document.querySelectorAll("input, button, section")].filter((element) =>
    !(element.labels?.length || element.textContent.trim() || element.ariaLabel)).length"""


def test_everything_on_it_has_a_name_and_amount_and_reference_may_be_typed(customer, daraja_server):
    paying = customer().opens("/pay").pays()
    assert paying.page.evaluate(NAMELESS) == 0
    assert paying.page.locator("h1:visible").count() == 1
    assert paying.page.locator("[role=status][aria-live=polite]").count() == 1
    assert "whole shillings" in paying.reads("#amount-error")
    paying.page.get_by_label("Amount in shillings").fill("2,000")
    paying.page.get_by_label("Payment for").fill("Mboga")
    paying.pays().asked_for_pin()
    assert (paying.reads("#watch-amount"), paying.reads("#watch-reference")) == (
        "KES 2,000",
        "Mboga",
    )
    daraja_server.settle()
    paying.sees("Payment received")


def test_a_page_that_is_reloaded_in_mid_payment_goes_on_with_it(customer, daraja_server):
    paying = customer().opens().pays().asked_for_pin()
    paying.page.reload()
    paying.asked_for_pin()
    daraja_server.settle()
    paying.sees("Payment received")
    assert paying.reads("#watch-amount") == "KES 1,500"
    assert paying.pushes == 1


def test_a_server_that_goes_and_comes_back(customer, store, daraja_server):
    paying = customer().opens().pays().asked_for_pin()
    store.stop()
    paying.page.get_by_text("The connection was lost.").first.wait_for()
    store.start()
    paying.page.get_by_text("The connection is back.").first.wait_for()
    daraja_server.settle()
    paying.sees("Payment received")
    assert paying.pushes == 1


def test_what_is_not_known_is_not_called_failed(customer, daraja_server):
    paying = customer(times=3_000)
    pending = {"payment_id": 1, "status": "pending"}
    paying.page.route("**/query-stk*", lambda route: route.fulfill(json=pending))
    paying.opens().pays()
    paying.sees("Not confirmed yet")
    assert "do not pay again" in paying.reads()
    paying.page.unroute("**/query-stk*")
    daraja_server.settle()
    paying.page.get_by_role("button", name="Check again").click()
    paying.sees("Payment received")
    assert paying.pushes == 1


def test_a_customer_who_stops_waiting_and_begins_again_is_charged_once(customer, daraja_server):
    paying = customer().opens().pays().asked_for_pin()
    paying.page.get_by_role("button", name="Stop waiting").click()
    paying.sees("We stopped waiting")
    paying.page.get_by_role("button", name="Try again").click()
    paying.pays().asked_for_pin()
    daraja_server.settle()
    paying.sees("Payment received")
    assert paying.pushes == 1


def test_it_speaks_swahili(customer, daraja_server):
    paying = customer(locale="sw-KE").opens().pays("254700001032")
    paying.sees("Angalia simu yako")
    assert paying.reads() == state_message(MessageState.PROMPTED, "sw")
    daraja_server.settle()
    paying.sees("Malipo hayajafanyika")
    assert paying.reads() == said("cancelled", "sw")
    paying.page.get_by_role("button", name="English").click()
    paying.sees("Payment not made")
    assert paying.page.evaluate("document.documentElement.lang") == "en"


def test_it_fits_a_small_phone_and_can_keep_still(customer, daraja_server):
    small = {"width": 320, "height": 640}
    paying = customer(viewport=small, reduced_motion="reduce").opens()
    wide = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    assert paying.page.evaluate(wide) == 0
    paying.pays().asked_for_pin()
    assert paying.page.evaluate(wide) == 0
    moving = "document.getAnimations().length"
    assert paying.page.evaluate(moving) == 0
    daraja_server.settle()
    paying.sees("Payment received")
