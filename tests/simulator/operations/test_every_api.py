"""Laws that hold over any sequence of requests to any API, under any rules."""

import json
from collections import Counter
from decimal import Decimal

from hypothesis import HealthCheck, given, note, settings
from hypothesis import strategies as st

from darajasim.core.customer import CustomerSpec
from darajasim.core.events import CallbackAttempted, MoneyMoved, PaymentSettled, RequestAnswered
from darajasim.core.ledger import OUTSIDE
from darajasim.core.organisation import OrganisationSpec, Purse
from darajasim.core.rules import Action, CallbackPlan, CustomerScript, Plan, Rule
from darajasim.core.world import WorldOverlay
from darajasim.operations import operations
from support.commands import BALANCE, STATUS, example, parameters, result
from support.daraja import daraja, in_virtual_time

PHONES = ("254722000000", "254722000001", "254708374149", "254700002001")
SHORTCODES = ("174379", "600100", "600998", "600111", "600000", "999999")
AMOUNTS = (0, 1, 10, 50, 100, 2_000, 250_001, "10", "x")
BY_ALIAS = {
    "phone": PHONES,
    "party_a": PHONES,
    "shortcode": SHORTCODES,
    "party_b": SHORTCODES,
    "amount": AMOUNTS,
    "remarks": ("ok", "RES-0", "RES-1", "RES-2001", "RES-LATE", "RES-TIMEOUT", "ERR-maintenance"),
    "reference": ("INV-1", "PLOT-9", "ERR-quota"),
    "receipt": tuple(range(4)),
}
WORLD = WorldOverlay(
    customers=(
        CustomerSpec("254722000000", balance_cents=3_000_00, pochi=True),
        CustomerSpec("254722000001", balance_cents=60_00),
    ),
    organisations=(
        OrganisationSpec("600111", opening={Purse.WORKING: 500_00, Purse.CHARGES: -10_00}),
    ),
)


@st.composite
def requests(draw):
    """A path, changes to its example, and how long to wait afterwards."""
    operation = draw(
        st.sampled_from([each for each in operations().values() if each.name != "oauth"])
    )
    changes = {}
    for field in operation.fields:
        choices = BY_ALIAS.get(field.alias)
        if choices and draw(st.booleans()):
            changes[field.name] = draw(st.sampled_from(choices))
    return operation.path, changes, draw(st.sampled_from((0, 0, 5, 60, 90_000)))


def rules():
    scripts = st.sampled_from(list(Action)).map(CustomerScript)
    plans = st.builds(
        Plan,
        customer=st.none() | scripts,
        callback=st.none()
        | st.builds(
            CallbackPlan,
            times=st.integers(1, 2),
            never=st.booleans(),
            timeout=st.sampled_from((None, "only", "first")),
        ),
    )
    names = sorted({operation.name for operation in operations().values()} - {"oauth"})
    return st.builds(lambda name, plan: Rule(name, plan=plan), st.sampled_from(names), plans)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(requests(), min_size=1, max_size=12),
    st.lists(rules(), max_size=3),
    st.sampled_from(("observed", "documented", "legacy")),
)
def test_money_is_conserved_and_every_account_of_it_agrees(asked, rulings, base):
    async def main():
        async with daraja(base=base, b2c_tariff="production") as d:
            d.namespace.world.lay(WORLD)
            d.namespace.rules.rules.extend(rulings)
            for path, changes, wait in asked:
                await d.post(path, body_of(d, path, changes), seconds=60)
                await d.simulator.clock.sleep(wait)
            await d.simulator.settled()
            d.namespace.rules.rules.clear()
            note(f"{len(d.namespace.transactions)} transactions")
            check_ledger(d)
            check_journal(d)
            await check_status(d)
            await check_balances(d, base)
            check_ledger(d)

    in_virtual_time(main())


def body_of(d, path, changes):
    """The example with its changes; a receipt's number stands for one that exists by now."""
    receipts = [found.receipt for found in d.namespace.transactions]
    for field in operations()[path].fields:
        index = changes.get(field.name)
        if field.alias == "receipt" and isinstance(index, int):
            known = receipts[index] if index < len(receipts) else "OEI2AK4Q16"
            changes = changes | {field.name: known}
    return example(path, **changes)


def check_ledger(d):
    """Money comes from nowhere and goes nowhere, and no account is below its floor."""
    ledger = d.namespace.ledger
    assert ledger.total() == 0
    moved = Counter()
    for entry in ledger.entries:
        moved[entry.debit] -= entry.cents
        moved[entry.credit] += entry.cents
    for account, cents in ledger.balances().items():
        assert cents == moved[account], account
        assert account == OUTSIDE or cents >= ledger.floor(account), account


def check_journal(d):
    """What was told, what was recorded and what was moved are one story."""
    journal, transactions = d.namespace.journal, list(d.namespace.transactions)
    moved = Counter()
    for event in journal.of(MoneyMoved):
        moved[event.receipt] += event.cents
    assert set(moved) <= {found.receipt for found in transactions}
    for found in transactions:
        assert found.status == "Completed"
        assert moved[found.receipt] == found.cents + charged(d, found)
    ended = Counter(event.subject for event in journal.of(PaymentSettled))
    receipts = [event.receipt for event in journal.of(PaymentSettled) if event.receipt]
    assert len(receipts) == len(set(receipts))
    commands = {each.conversation_id: each for each in d.namespace.commands}
    for conversation, command in commands.items():
        assert ended[conversation] == 1
        assert command.outcome is not None
    for event in journal.of(CallbackAttempted):
        assert event.status == 200
    assert all(event.status != 200 or event.code for event in journal.of(RequestAnswered))


def charged(d, found):
    """What a payer was charged beside the amount."""
    entries = [entry for entry in d.namespace.ledger.entries if entry.reference == found.receipt]
    return sum(entry.cents for entry in entries if entry.credit == "m-pesa:charges")


async def check_status(d):
    """Transaction Status finds everything, as it is recorded."""
    for found in list(d.namespace.transactions):
        told = parameters(await result(d, STATUS, TransactionID=found.receipt))
        assert told["ReceiptNo"] == found.receipt
        assert Decimal(told["Amount"]) * 100 == found.cents
        assert told["DebitPartyName"] == found.debit.public_name
        assert told["CreditPartyName"] == found.credit.public_name
        assert told["TransactionStatus"] == "Completed"


async def check_balances(d, base):
    """Account Balance reports the ledger."""
    for shortcode, organisation in list(d.namespace.world.organisations.items()):
        told = parameters(await result(d, BALANCE, PartyA=shortcode))["AccountBalance"]
        lines = dict(line.split("|KES|") for line in told.split("&"))
        for purse, name in (("working", "Working Account"), ("utility", "Utility Account")):
            cents = d.namespace.ledger.balance(organisation.purse(Purse(purse)))
            shown = f"{'-' if cents < 0 else ''}{abs(cents) // 100}.{abs(cents) % 100:02d}"
            assert lines[name] == f"{shown}|{shown}|0.00|0.00", (shortcode, base)


def test_an_answer_is_json_or_says_what_it_is():
    async def main():
        async with daraja() as d:
            for path, operation in operations().items():
                if operation.name == "oauth":
                    continue
                answer = await d.post(path, example(path))
                assert answer.headers.get("content-type", "application/json") == "application/json"
                json.loads(answer.raw)

    in_virtual_time(main())
