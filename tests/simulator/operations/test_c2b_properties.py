"""Laws of C2B: whatever customers pay, and whatever merchants answer."""

from collections import Counter
from dataclasses import dataclass

from hypothesis import given, settings
from hypothesis import strategies as st

from darajasim.core.courier import Receipt
from darajasim.core.customer import CustomerSpec
from darajasim.core.events import MoneyMoved, PaymentSettled
from darajasim.core.organisation import OrganisationSpec
from darajasim.core.rules import Fault
from darajasim.core.world import WorldOverlay
from darajasim.operations.c2b_callback import shown_msisdn
from darajasim.operations.c2b_course import pay_from_phone
from darajasim.operations.c2b_validation import judged
from support.c2b import Reply, register, shop
from support.daraja import in_virtual_time

PHONES = ["254722000000", "254110000001"]
SHORTCODES = ["600984", "600111", "600100"]

replies = st.builds(
    Reply,
    body=st.sampled_from(
        [b'{"ResultCode":0}', b'{"ResultCode":"C2B00012"}', b'{"ResultCode":"x"}', b"", b"{}"]
    ),
    status=st.sampled_from([200, 503]),
    after=st.sampled_from([0.0, 3.0, 9.0]),
    fault=st.sampled_from([None, None, None, Fault.RESET]),
)


@dataclass
class Paying:
    msisdn: str
    shortcode: str
    amount: int


payments = st.builds(
    Paying, st.sampled_from(PHONES), st.sampled_from(SHORTCODES), st.integers(1, 60)
)
stories = st.lists(st.tuples(payments, replies, st.sampled_from([0.0, 1.0, 30.0])), max_size=8)
registered = st.lists(
    st.tuples(st.sampled_from(SHORTCODES), st.sampled_from(["Completed", "Cancelled"])), max_size=3
)


@settings(max_examples=40, deadline=None)
@given(registered, stories)
def test_laws(registrations, story):
    in_virtual_time(play(registrations, story))


async def play(registrations, story):
    async with shop() as (d, made):
        d.namespace.world.lay(
            WorldOverlay(
                customers=tuple(CustomerSpec(phone, balance_cents=80_00) for phone in PHONES),
                organisations=(OrganisationSpec("600111", maximum_cents=100_00),),
            )
        )
        for shortcode, response_type in registrations:
            await register(d, ShortCode=shortcode, ResponseType=response_type)
        subjects = []
        for paying, reply, pause in story:
            made.reply = reply
            subjects.append(pay_from_phone(d.namespace, reference="INV-1", **vars(paying)))
            await d.simulator.clock.sleep(pause)
        await d.simulator.settled()
        judge(d.namespace, made, dict(registrations), subjects)


def judge(namespace, made, registrations, subjects):
    ended = namespace.journal.of(PaymentSettled)
    assert Counter(event.subject for event in ended) == Counter(subjects)
    receipts = [event.receipt for event in ended if event.receipt is not None]
    assert all((event.code == "0") == (event.receipt is not None) for event in ended)
    moved = namespace.journal.of(MoneyMoved)
    assert Counter(event.receipt for event in moved) == Counter(receipts)
    assert len(set(receipts)) == len(receipts)
    told = Counter(body["TransID"] for body in made.confirmations)
    assert told == Counter(
        transaction.receipt
        for transaction in namespace.transactions
        if transaction.credit.identifier in registrations
    )
    assert namespace.ledger.total() == 0
    assert all(namespace.ledger.balance(f"customer:{phone}") >= 0 for phone in PHONES)
    spent = sum(80_00 - namespace.ledger.balance(f"customer:{phone}") for phone in PHONES)
    assert spent == sum(event.cents for event in moved)


@given(st.sampled_from([None, 200, 204, 302, 500]), st.text(max_size=40), st.booleans())
def test_any_answer_is_judged(status, text, completed):
    verdict = judged(Receipt(status, text), "Completed" if completed else "Cancelled")
    assert verdict.code is None or verdict.code.startswith("C2B000")
    if status not in (200, 204):
        assert (verdict.code is None) == completed


@given(st.from_regex(r"254[17]\d{8}", fullmatch=True), st.sampled_from([1, 2]))
def test_only_plain_numbers_can_be_called(msisdn, version):
    for mode in ("by-version", "masked", "hashed", "hashed-masked"):
        assert msisdn[3:] not in shown_msisdn(msisdn, mode, version)
    assert shown_msisdn(msisdn, "plain", version) == msisdn
