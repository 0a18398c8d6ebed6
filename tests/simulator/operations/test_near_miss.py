"""What a developer is told when the rules of a scenario leave a request alone."""

from decimal import Decimal

import pytest

from darajasim.core.events import RequestAnswered, RuleMatched, RuleMissed
from darajasim.core.rate import Rate
from darajasim.core.rules import Compare, Condition, Equals, Plan, Reply, Rule
from darajasim.operations.gate import MOST_CHARACTERS
from support.daraja import daraja, in_virtual_time

PHONE = Condition("phone", Equals("254722000000"))
DEAR = Condition("amount", Compare(">=", Decimal(100)))


def pushed(*rules, **changes):
    """The answer to one push under these rules, and what the journal has."""

    async def main():
        async with daraja() as d:
            d.namespace.rules.rules.extend(rules)
            answer = await d.push(**changes)
            return answer, list(d.namespace.journal)

    return in_virtual_time(main())


def of(kind, events):
    return [event for event in events if isinstance(event, kind)]


def test_the_nearest_rule_is_named_with_the_condition_that_failed():
    rules = (
        Rule("stk_push", (Condition("phone", Equals("254711111111")),), where="a.yaml:3"),
        Rule("stk_push", (PHONE, DEAR), where="a.yaml:7"),
    )
    answer, events = pushed(*rules, Amount=10)
    assert answer.status == 200
    assert answer.hint == (
        "no rule matched; the nearest, a.yaml:7, met 1 of 2 conditions: "
        "amount: expected >= 100, found '10'"
    )
    (missed,) = of(RuleMissed, events)
    assert (missed.operation, missed.rule, missed.met, missed.of) == ("stk_push", "a.yaml:7", 1, 2)
    assert (missed.condition, missed.expected, missed.found) == ("amount", ">= 100", "10")
    answered = of(RequestAnswered, events)[-1]
    assert answered.hint == answer.hint
    assert events.index(missed) < events.index(answered)


def test_a_field_that_is_not_there_is_nothing():
    reference = Condition("reference", Equals("INV-2"))
    answer, _ = pushed(Rule("stk_push", (reference,), where="a:1"), AccountReference=...)
    assert answer.status == 400
    assert answer.hint.startswith("AccountReference: ")
    assert answer.hint.endswith("reference: expected 'INV-2', found nothing")


def test_the_second_call_is_told_apart_from_the_first():
    answer, _ = pushed(Rule("stk_push", calls=frozenset({2}), where="a:1"))
    assert answer.hint.endswith("call: expected call 2, found 'call 1'")


@pytest.mark.parametrize(
    "rules",
    [(), (Rule("stk_query", where="a:1"),), (Rule("stk_push", (PHONE,), where="a:1"),)],
    ids=["no rules", "none for this operation", "one that matches"],
)
def test_nothing_is_said_where_nothing_was_missed(rules):
    answer, events = pushed(*rules)
    assert answer.hint is None
    assert of(RuleMissed, events) == []


def test_a_refusal_by_a_rule_that_matched_says_only_that():
    plan = Plan(reply=Reply(error="gateway-busy"))
    answer, events = pushed(Rule("stk_push", plan=plan, where="a:1"))
    assert answer.hint == "asked for by a rule or a magic value"
    assert of(RuleMissed, events) == []
    assert of(RuleMatched, events) != []


def test_a_request_that_no_rule_was_asked_about_says_so():
    rule = Rule("stk_push", (PHONE,), frozenset({1}), where="a:1")

    async def main():
        async with daraja() as d:
            d.namespace.rules.rules.append(rule)
            await d.push()
            refused = await d.post(
                "/mpesa/stkpush/v1/processrequest", {}, headers={"authorization": "Bearer wrong"}
            )
            seen = rule.seen
            fresh = Rule("stk_push", where="a:2")
            d.namespace.rules.rules[:] = [fresh]
            unasked = await d.post(
                "/mpesa/stkpush/v1/processrequest", {}, headers={"authorization": "Bearer wrong"}
            )
            return refused, seen, unasked, fresh

    refused, seen, unasked, fresh = in_virtual_time(main())
    assert (seen, fresh.seen) == (1, 0)
    assert "phone: expected '254722000000', found nothing" in refused.hint
    assert unasked.hint.endswith("the request was refused before the rule a:2 was asked")


def test_a_token_request_has_a_near_miss_too():
    async def main():
        async with daraja() as d:
            where = (Condition("consumer_key", Equals("other")),)
            d.namespace.rules.rules.append(Rule("oauth", where, where="a:1"))
            return await d.token()

    assert in_virtual_time(main()).hint.endswith("consumer_key: expected 'other', found 'key'")


def test_no_secret_and_no_long_value_gets_into_the_journal():
    password = Condition("Password", Equals("x"))
    answer, events = pushed(Rule("stk_push", (password,), where="a:1"))
    assert of(RuleMissed, events)[0].found == "***"
    assert answer.hint.endswith("found '***'")
    reference = Condition("reference", Equals("x"))
    _, events = pushed(Rule("stk_push", (reference,), where="a:1"), AccountReference="y" * 1000)
    assert of(RuleMissed, events)[0].found == "y" * MOST_CHARACTERS


def test_a_rate_that_is_not_reached():
    answer, events = pushed(Rule("stk_push", (PHONE,), rate=Rate(2), where="a:1"))
    assert answer.hint.endswith("met 1 of 2 conditions: rate: expected > 2/s, found '1/s'")
    (missed,) = of(RuleMissed, events)
    assert (missed.condition, missed.found) == ("rate", "1/s")


def test_a_value_within_a_list():
    async def main():
        async with daraja() as d:
            amount = Condition("any.amount", Compare(">=", Decimal(100)))
            d.namespace.rules.rules.append(Rule("bills_bulk_invoice", (amount,), where="a:1"))
            path = "/v1/billmanager-invoice/bulk-invoicing"
            return await d.post(path, [{"amount": "10"}, {"amount": 20}])

    assert in_virtual_time(main()).hint.endswith("any.amount: expected >= 100, found '10, 20'")
