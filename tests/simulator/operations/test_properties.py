"""Laws of M-Pesa Express: whatever is pushed, asked and waited for, under any rules and knobs."""

import asyncio
from collections import Counter
from dataclasses import dataclass, field, replace

from hypothesis import HealthCheck, example, given, note, settings
from hypothesis import strategies as st

from darajasim.core.catalogue import catalogue
from darajasim.core.customer import CustomerSpec, CustomerState, Limits
from darajasim.core.events import (
    CallbackAttempted,
    CallbackWithheld,
    MoneyMoved,
    PaymentSettled,
    RequestAnswered,
)
from darajasim.core.organisation import OrganisationSpec
from darajasim.core.rules import (
    Action,
    CallbackPlan,
    Condition,
    CustomerScript,
    Equals,
    Fault,
    Plan,
    Reply,
    Rule,
)
from darajasim.core.world import WorldOverlay
from darajasim.harness.memory import ConnectionFaultError
from support.daraja import (
    PUSH_PATH,
    QUERY_PATH,
    TIMESTAMP,
    daraja,
    in_virtual_time,
    password,
    push_body,
)

GIVE_UP = 1_000
"""Simulated seconds after which a caller no longer waits: longer than anything here takes."""
PHONES = ["254722000000", "254722000001", "254110000002"]
MAGIC = ["254700000001", "254700000000", "254700083008", "254708374149"]
RESULTS = [row.key for row in catalogue().rows if row.surface == "stk"]
REFUSALS = ["spike-arrest", "subscriber-lock", "invalid-access-token", "waf-blocked"]

# ------------------------------------------------------------------------------------- stories

cents = st.sampled_from([0, 50, 1_00, 5_00, 200_00, 70_000_00])
limits = st.builds(
    Limits,
    minimum=st.sampled_from([1_00, 3_00]),
    maximum=st.sampled_from([4_00, 250_000_00]),
    daily=st.sampled_from([5_00, 500_000_00]),
)
customers = st.builds(
    CustomerSpec,
    st.sampled_from(PHONES),
    balance_cents=cents,
    state=st.sampled_from(CustomerState),
    limits=limits,
)
organisations = st.builds(
    OrganisationSpec,
    st.just("174379"),
    balance_cents=cents,
    maximum_cents=st.none() | cents,
)
worlds = st.builds(
    WorldOverlay,
    customers=st.lists(customers, max_size=3, unique_by=lambda spec: spec.msisdn).map(tuple),
    organisations=st.lists(organisations, max_size=1).map(tuple),
)

after = st.sampled_from([None, 0.0, 0.5, 7.0, 90.0])
seconds = st.sampled_from([0.0, 0.5, 7.0, 90.0])
replies = (
    st.builds(Reply, error=st.sampled_from(REFUSALS), after=seconds)
    | st.builds(Reply, http=st.sampled_from([200, 503]), body=st.just("x"))
    | st.builds(Reply, fault=st.sampled_from(Fault), accepted=st.booleans(), after=seconds)
    | st.builds(Reply, after=seconds)
)
results = st.sampled_from(RESULTS)
scripts = st.builds(CustomerScript, st.sampled_from(Action), after)
callbacks = st.none() | st.builds(
    CallbackPlan,
    after=after,
    times=st.integers(1, 3),
    apart=seconds,
    never=st.sampled_from([False, False, True]),
    before_acknowledgement=st.booleans(),
)
plans = st.one_of(
    st.builds(Plan, customer=scripts, callback=callbacks),
    st.builds(Plan, result=results, text=st.none() | st.just("Another"), callback=callbacks),
    st.builds(Plan, callback=callbacks),
    st.builds(Plan, reply=replies),
    st.builds(Plan, reply=replies, result=results, customer=scripts, callback=callbacks),
)
conditions = st.sampled_from(
    [
        (),
        (),
        (Condition("phone", Equals(PHONES[0])),),
        (Condition("amount", Equals("5")),),
        (Condition("reference", Equals("B")),),
    ]
)
rules = st.builds(
    Rule,
    st.just("stk_push"),
    conditions,
    st.sampled_from([frozenset(), frozenset(), frozenset({1}), frozenset({2, 3})]),
    plans,
)
rates = st.sampled_from([0.0, 0.0, 0.5, 1.0])
knobs = st.fixed_dictionaries(
    {},
    optional={
        "subscriber_lock": st.sampled_from(["refuse", "late", "off"]),
        "repeat_window": st.sampled_from([0.0, 120.0]),
        "callback_loss_rate": rates,
        "callback_duplicate_rate": rates,
        "callback_delay": seconds,
        "in_flight": st.sampled_from(["4999", "error", "empty", "1101"]),
        "texts": st.sampled_from(["observed", "documented", "legacy"]),
        "balance_item": st.booleans(),
        "checkout_request_id": st.sampled_from(["2026", "2022", "2020", "2018", "2017"]),
        "merchant_request_id": st.sampled_from(["current", "numeric"]),
    },
)


@dataclass(frozen=True)
class Ask:
    """A push."""

    phone: str = PHONES[0]
    amount: int = 1
    receiver: str = "174379"
    till: bool = False
    reference: str = "A"


pushes = st.builds(
    Ask,
    st.sampled_from([*PHONES, *PHONES, *MAGIC]),
    st.sampled_from([1, 2, 5, 5, 300, 70_000]),
    st.sampled_from(["174379", "174379", "600100", "600998", "999999"]),
    st.sampled_from([False, False, True]),
    st.sampled_from(["A", "B", "long " * 35]),
)
steps = st.lists(pushes | pushes | seconds | st.just("query"), min_size=3, max_size=16)


@dataclass
class Told:
    """What a run of a story left to be judged."""

    accepted: dict[str, dict] = field(default_factory=dict)
    faults: Counter = field(default_factory=Counter)


async def tell(d, story) -> Told:
    """Play the steps, one after the other; a push may wait for its answer beside the later ones."""
    told, waiting = Told(), []
    for step in story:
        if isinstance(step, float):
            await d.simulator.clock.sleep(step)
        elif step == "query":
            for id_ in list(told.accepted):
                await asked(d, id_)
        else:
            waiting.append(asyncio.ensure_future(pushed(d, told, step)))
            await asyncio.sleep(0)
    await asyncio.gather(*waiting)
    await d.simulator.settled()
    return told


async def pushed(d, told, ask) -> None:
    shortcode = "600100" if ask.till else "174379"
    body = push_body(
        BusinessShortCode=shortcode,
        Password=password(shortcode),
        TransactionType="CustomerBuyGoodsOnline" if ask.till else "CustomerPayBillOnline",
        Amount=ask.amount,
        PartyB=ask.receiver,
        PhoneNumber=ask.phone,
        AccountReference=ask.reference,
    )
    try:
        answer = await d.post(PUSH_PATH, body, seconds=GIVE_UP)
    except ConnectionFaultError as error:
        told.faults[error.fault] += 1
        return
    except TimeoutError:
        told.faults[Fault.HANG] += 1
        return
    if answer.status == 200 and b"CheckoutRequestID" in answer.raw:
        told.accepted[answer.json["CheckoutRequestID"]] = answer.json


async def asked(d, checkout_request_id):
    push = d.namespace.pushes.get(checkout_request_id)
    body = {
        "BusinessShortCode": push.shortcode,
        "Password": password(push.shortcode),
        "Timestamp": TIMESTAMP,
        "CheckoutRequestID": checkout_request_id,
    }
    return (await d.post(QUERY_PATH, body)).json


# ---------------------------------------------------------------------------------------- laws


def check_money(d) -> None:
    namespace = d.namespace
    balances = namespace.ledger.balances()
    assert sum(balances.values()) == namespace.ledger.total() == 0
    floors = {name: namespace.ledger.floor(name) for name in balances if name != "outside"}
    assert all(balances[name] >= floor for name, floor in floors.items()), balances
    paid = [push for push in namespace.pushes if push.outcome and push.outcome.receipt]
    moved = namespace.journal.of(MoneyMoved)
    assert Counter(push.outcome.receipt for push in paid) == Counter(e.receipt for e in moved)
    assert len({push.outcome.receipt for push in paid}) == len(paid)
    assert sum(push.amount * 100 for push in paid) == sum(event.cents for event in moved)
    received = Counter()
    for entry in namespace.ledger.entries:
        if entry.credit.startswith("organisation:"):
            received[entry.credit] += entry.cents
        if entry.debit.startswith("organisation:"):
            received[entry.debit] -= entry.cents
    for organisation in namespace.world.organisations.values():
        assert balances[organisation.account] == received[organisation.account]
    opening = sum(e.cents for e in namespace.ledger.entries if e.reference == "opening")
    assert sum(received.values()) <= opening + sum(event.cents for event in moved)


def attempts_of(d, push):
    events = d.namespace.journal.of(CallbackAttempted)
    return [event for event in events if event.subject == push.checkout_request_id]


def check_attempts(d, push) -> None:
    """One attempt a settled push, unless a rule or a knob says otherwise."""
    profile, plan = d.namespace.profile, push.plan.callback or CallbackPlan()
    id_ = push.checkout_request_id
    attempts = attempts_of(d, push)
    withheld = [event for event in d.namespace.journal.of(CallbackWithheld) if event.subject == id_]
    assert [event.attempt for event in attempts] == list(range(1, len(attempts) + 1))
    assert all(event.status == 200 for event in attempts)
    if withheld:
        assert plan.never or profile.callback_loss_rate > 0
        assert (len(withheld), attempts) == (1, [])
        return
    assert not plan.never
    assert profile.callback_loss_rate < 1
    duplicates = {0.0: {0}, 1.0: {1}}.get(profile.callback_duplicate_rate, {0, 1})
    assert len(attempts) - plan.times in duplicates


def check_callbacks(d, push, query) -> None:
    """Callback, query and outcome tell the same story."""
    row = catalogue().by_key(push.outcome.key)
    assert query["ResultCode"] == row.code
    assert query["MerchantRequestID"] == push.merchant_request_id
    found = [
        callback
        for callback in d.merchant.callbacks
        if callback["CheckoutRequestID"] == push.checkout_request_id
    ]
    assert len(found) == len(attempts_of(d, push))
    for callback in found:
        assert str(callback["ResultCode"]) == row.code
        assert isinstance(callback["ResultCode"], int) == (row.json_type == "integer")
        assert callback["MerchantRequestID"] == push.merchant_request_id
        assert ("CallbackMetadata" in callback) == (row.key == "paid")
        assert (row.key == "paid") == (push.outcome.receipt is not None)
        if row.key == "paid":
            items = {
                item["Name"]: item.get("Value") for item in callback["CallbackMetadata"]["Item"]
            }
            assert items["Amount"] == push.amount
            assert items["MpesaReceiptNumber"] == push.outcome.receipt
            assert items["PhoneNumber"] == int(push.msisdn)
    if push.plan.text:
        assert {callback["ResultDesc"] for callback in found} <= {push.plan.text}


NOWHERE = WorldOverlay()
FIRST = CallbackPlan(before_acknowledgement=True)


def rule(**plan) -> Rule:
    return Rule("stk_push", plan=Plan(**plan))


@settings(
    max_examples=300,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.large_base_example],
)
@given(worlds, st.lists(rules, max_size=3), knobs, steps, st.integers(0, 3))
@example(NOWHERE, [rule(customer=CustomerScript())], {}, [Ask(PHONES[0], 1, "999999")], 0)
@example(NOWHERE, [rule(customer=CustomerScript(Action.WRONG_PIN))], {}, [Ask(till=True)], 0)
@example(NOWHERE, [rule(callback=FIRST)], {"callback_loss_rate": 1.0}, [Ask()], 0)
@example(NOWHERE, [rule(callback=replace(FIRST, never=True))], {}, [Ask()], 0)
@example(NOWHERE, [rule(callback=FIRST, result="processing")], {}, [Ask()], 0)
def test_any_story_keeps_the_laws(world, made, options, story, seed):
    crashes = []

    async def main():
        asyncio.get_running_loop().set_exception_handler(lambda _, why: crashes.append(why))
        async with daraja(seed=seed, **options) as d:
            d.namespace.world.lay(world)
            # A rule counts its calls, so each run needs its own.
            copies = [Rule(rule.on, rule.when, rule.calls, rule.plan) for rule in made]
            d.namespace.rules.rules.extend(copies)
            told = await tell(d, story)
            note(f"{len(d.namespace.pushes)} pushes, of whose answers lost: {dict(told.faults)}")
            answered = d.namespace.journal.of(RequestAnswered)
            assert told.faults == Counter(event.fault for event in answered if event.fault)
            check_money(d)
            settled = Counter(e.subject for e in d.namespace.journal.of(PaymentSettled))
            assert set(told.accepted) <= {push.checkout_request_id for push in d.namespace.pushes}
            for push in d.namespace.pushes:
                query = await asked(d, push.checkout_request_id)
                if push.stuck is not None:
                    assert query["ResultCode"] == catalogue().by_key(push.stuck).code
                    assert settled[push.checkout_request_id] == 0
                    continue
                assert push.outcome is not None
                assert settled[push.checkout_request_id] == 1
                check_attempts(d, push)
                check_callbacks(d, push, query)

    in_virtual_time(main())
    assert not crashes, crashes
