import pytest

from support.scenario_text import HEAD, mistake, mistakes, one

PAID = "{phone: 0722000000, amount: 1"


def text(*steps, expect="{payment: {}}"):
    return HEAD + "steps:\n" + "".join(f"  - {step}\n" for step in steps) + f"expect: {expect}\n"


def test_default_names_count_the_payments():
    scenario = one(text(f"pay: {PAID}}}", f"pay: {PAID}, as: shoes}}", f"pay: {PAID}}}", "query"))
    assert [step.name for step in scenario.steps[:3]] == ["payment-1", "shoes", "payment-3"]
    assert scenario.steps[3].payment == "payment-3"
    assert scenario.expect.payments[0].payment == "payment-3"


def test_steps_speak_of_the_last_payment_before_them():
    scenario = one(
        text(f"pay: {PAID}}}", "poll", "await: 5s", f"pay: {PAID}}}", "query: payment-1")
    )
    assert [scenario.steps[index].payment for index in (1, 2, 4)] == ["payment-1"] * 3


def test_within_together_payments_come_first():
    scenario = one(text(f"together: [query: second, pay: {PAID}, as: second}}]"))
    query, pay = scenario.steps[0].steps
    assert query.payment == pay.name == "second"


def test_the_last_payment_of_a_together_is_the_last_one():
    scenario = one(text(f"together: [query, pay: {PAID}}}, pay: {PAID}, as: b}}]"))
    assert scenario.steps[0].steps[0].payment == "b"


@pytest.mark.parametrize(
    ("steps", "message"),
    [
        ((f"pay: {PAID}}}", "query: frist"), "no payment is named `frist`"),
        ((f"pay: {PAID}}}", "poll: {payment: other}"), "no payment is named `other`"),
        ((f"pay: {PAID}}}", "await: other"), "no payment is named `other`"),
        (("query", f"pay: {PAID}}}"), "there is no payment to query yet"),
        (("poll: {within: 5s}", f"pay: {PAID}}}"), "there is no payment to poll yet"),
        (("await: payment-1", f"pay: {PAID}}}"), "the payment `payment-1` is made only later"),
        ((f"pay: {PAID}}}", f"pay: {PAID}, as: payment-1}}"), "two payments are named `payment-1`"),
        ((f"pay: {PAID}, as: payment-2}}", f"pay: {PAID}}}"), "two payments are named `payment-2`"),
        (("together: [query: b]", f"pay: {PAID}, as: b}}"), "the payment `b` is made only later"),
    ],
)
def test_references_that_lead_nowhere(steps, message):
    assert mistake(text(*steps)).message == message


@pytest.mark.parametrize("part", ["payment: {}", "client: {}", "outcome: {}", "query: {}"])
def test_expectations_need_a_payment(part):
    found = mistake(text("wait: 5s", expect=f"{{{part}}}"))
    assert found.message == f"`{part.split(':')[0]}` speaks of a payment, but no step makes one"


def test_expectations_without_a_payment():
    assert mistakes(text("wait: 5s", expect="{requests: {oauth: 0}, balance: {174379: 0}}")) == ()


def test_a_name_that_cannot_be_read_brings_no_second_mistake():
    assert mistake(text(f"pay: {PAID}, as: [x]}}", "query: x", expect="{payments: {x: {}}}"))
    assert mistake(text(f"pya: {PAID}, as: x}}", "query: x", expect="{payments: {x: {}}}"))


def test_a_name_that_is_no_slug_is_one_mistake():
    found = mistakes(text(f"pay: {PAID}, as: My Shoes}}", "query: My Shoes"))
    assert {each.message for each in found} == {"this is not a valid name"}


PUSH = "call: {operation: stk_push, as: first}"


def calling(*steps, expect="{call: {status: 200}}"):
    return text(*steps, expect=expect)


def test_default_names_count_each_kind_of_step_alone():
    phone = "pay_from_phone: {phone: 0722000000, shortcode: 600998, amount: 1}"
    steps = ("call: stk_push", f"pay: {PAID}}}", phone, "call: stk_push", phone)
    scenario = one(calling(*steps))
    assert [step.name for step in scenario.steps] == [
        "call-1",
        "payment-1",
        "phone-payment-1",
        "call-2",
        "phone-payment-2",
    ]
    assert scenario.expect.calls[0].call == "phone-payment-2"


@pytest.mark.parametrize("section", ["fields: {A: %s}", "body: [%s]", "raw: %s", "token: %s"])
def test_values_of_earlier_steps_have_names_that_are_known(section):
    def calls(name):
        hole = f"'${{{name}.Key}}'"
        return mistakes(calling(PUSH, f"call: {{operation: stk_query, {section % hole}}}"))

    assert calls("first") == ()
    (found,) = calls("frist")
    assert found.message == "no step is named `frist`"
    assert found.advice == "did you mean `first`?"


@pytest.mark.parametrize("key", ["path: '/${first.X}'", "method: '${first.X}'", "as: '${first.X}'"])
def test_other_keys_of_a_call_are_not_filled_in(key):
    found = mistakes(calling(PUSH, f"call: {{operation: stk_query, {key}}}"))
    assert "nothing fills in `${first.X}` here" in {each.message for each in found}


def test_expectations_may_compare_with_any_step():
    expect = "{{calls: {{first: {{answer: {{A: '${{{}.X}}'}}, callback: {{A: '${{{}.Y}}'}}}}}}}}"
    steps = (PUSH, f"pay: {PAID}, as: paid}}")
    assert mistakes(calling(*steps, expect=expect.format("paid", "first"))) == ()
    assert mistake(calling(*steps, expect=expect.format("paid", "last"))).message == (
        "no step is named `last`"
    )
    assert mistake(calling(*steps, expect="{payment: {receipt: '${first.X}'}}")).message == (
        "nothing fills in `${first.X}` here"
    )


def test_a_misspelt_step_brings_no_second_mistake():
    assert mistake(calling("cal: {operation: stk_push, as: x}", expect="{calls: {x: {}}}"))
    assert mistake(calling("cal: {operation: stk_push}"))
