"""Keys: unknown, missing, exclusive, in the wrong place."""

import pytest

from darajasim.scenarios.model.file import ScenarioFile
from darajasim.scenarios.shape import all_parts
from darajasim.scenarios.vocabulary import default_vocabulary
from support.scenario_text import HEAD, PAY, mistake, mistakes, rule


def test_every_part_can_be_named_in_a_message_and_shown_by_example():
    for part in all_parts(ScenarioFile):
        assert part.title
        assert part.keys(default_vocabulary())
        for field in part.model_fields.values():
            assert field.description
            assert field.examples


@pytest.mark.parametrize(
    ("text", "advice"),
    [
        ("rule: []", "did you mean `rules`?"),
        ("Expect: {}", "did you mean `expect`?"),
        ("customer: cancel", "`customer` is a key of a rule: is the indentation right?"),
        ("consumer_secret: x", "`consumer_secret` is a key of an app: is the indentation right?"),
        (
            "description_required: 1",
            "`description_required` is a key of `profile`: is the indentation right?",
        ),
        ("xyz: 1", ""),
    ],
)
def test_unknown_keys(text, advice):
    found = mistake(f"{HEAD}{text}\n{PAY}".replace("expect: {payment", "expect: {payment"))
    assert found.message.startswith("a scenario has no key")
    assert found.advice == advice


def test_an_invisible_character_in_a_key_is_spelt_out():
    assert "`\\xa0seed`" in str(mistake(f"{HEAD}\u00a0seed: 1\n{PAY}"))


def test_an_empty_key():
    assert mistake(f"{HEAD}'': 1\n{PAY}").message == "this key is empty"


def test_a_misspelt_required_key_is_one_mistake():
    assert mistake(f"{HEAD}world: {{customers: [{{phoen: 0722000000}}]}}\n{PAY}").advice == (
        "did you mean `phone`?"
    )


@pytest.mark.parametrize(
    ("text", "messages"),
    [
        ("{on: any, reply: {error: quota, http: 500}}", ["`error` and `http` exclude each other"]),
        ("{on: stk_push, reply: {http: 1, fault: hang, error: quota}}",
         ["this number is too small", "`http` and `fault` exclude each other",
          "`http` and `error` exclude each other"]),
        ("{on: stk_push, reply: {accepted: true}}", ["`accepted` means nothing without `fault`"]),
        ("{on: stk_push, reply: {content_type: text/plain}}",
         ["`content_type` means nothing without `http`"]),
        ("{on: stk_push, reply: hang, customer: cancel}",
         ["a request that is refused has no `customer`"]),
        ("{on: stk_push, reply: {http: 500}, callback: never}",
         ["a request that is refused has no `callback`"]),
        ("{on: stk_push, reply: lost, customer: cancel, callback: never}", []),
        ("{on: stk_push, reply: {fault: hang, accepted: true}, result: paid}", []),
        ("{on: stk_push, reply: {after: 2s}, result: paid}", []),
        ("{on: oauth, result: paid}", ["a request of oauth has no `result`"]),
        ("{on: stk_query, result: paid}", []),
        ("{on: stk_query, callback: never}", ["a request of stk_query has no `callback`"]),
        ("{on: stk_push, callback: {before: acknowledgement, after: 1s}}",
         ["`before` and `after` exclude each other"]),
        ("{on: oauth, when: {amount: 1}, reply: lost}",
         ["a request of oauth carries no `amount`, so that this rule never matches"]),
        ("{on: oauth, when: {consumer_key: k, call: 2}, reply: lost}", []),
        ("{on: any, when: {amount: 1, consumer_key: k}, reply: lost}", []),
        ("{on: stk_push}", []),
    ],
)  # fmt: skip
def test_keys_of_a_rule_together(text, messages):
    assert [found.message for found in mistakes(rule(text))] == messages


@pytest.mark.parametrize(
    ("step", "messages"),
    [
        ("{}", ["this step is empty"]),
        ("", ["this step is empty"]),
        ("[wait: 5s]", ["a step is a mapping, not a list"]),
        (
            "{wait: 5s, settle: 5s, poll: 5s}",
            ["`settle` is a step of its own", "`poll` is a step of its own"],
        ),
        ("wiat: 5s", ["a step has no key `wiat`"]),
        ("5s", ["unknown step"]),
        ("{together: [settle]}", ["unknown step"]),
        ("{together: [{together: []}]}", ["a step within `together` has no key `together`"]),
        ("{wait: 5}", ["this duration has no unit"]),
        ("{wait: }", ["`wait` has no value"]),
        ("{pay: later}", ["a `pay` step is a mapping"]),
        ("settle", []),
        ("poll", []),
        ("{settle: }", []),
        ("{query: {}}", []),
        ("{await: payment-1}", []),
        ("{poll: 90s}", []),
    ],
)
def test_steps(step, messages):
    steps = f"steps:\n  - pay: {{phone: 0722000000, amount: 1}}\n  - {step}\n"
    text = f"{HEAD}{steps}expect: {{payment: {{}}}}\n"
    assert [found.message for found in mistakes(text)] == messages


@pytest.mark.parametrize(
    ("expect", "messages"),
    [
        ("{}", ["nothing is expected"]),
        ("", ["`expect` has no keys"]),
        ("{payment: {receipt: null, code: null}}", []),
        ("{payment: {receipt: present, code: present}}", []),
        ("{payment: {status: null}}", ["`status` has no value"]),
        ("{payments: [1]}", ["`payments` is a mapping"]),
        ("{client: {error: null, retry: now, outcome: unknown}}", []),
        ("{client: {outcome: accepted}}", ["unknown outcome of a push"]),
        ("{outcome: {state: success}}", ["unknown state"]),
        ("{balance: {0722000000: -1}}", ["only a charges account can hold less than nothing"]),
        ("{balance: {600998/charges: -1, 600998/utility: 1, 600998: 2}}", []),
        ("{balance: {600998/till: 1}}", ["an organisation has no account `till`"]),
        ("{balance: {0722000000/utility: 1}}", ["a customer has no account `utility`"]),
        (
            "{balance: {0722: 1, 12345678: 2}}",
            ["this is neither a phone number nor a shortcode"] * 2,
        ),
        ("{requests: {stk_push: '>= 1', oauth: [1, 2]}}", []),
    ],
)
def test_expectations(expect, messages):
    text = f"{HEAD}steps: [{{pay: {{phone: 0722000000, amount: 1}}}}]\nexpect: {expect}\n"
    assert [found.message for found in mistakes(text)] == messages


def test_mistakes_come_in_the_order_of_the_file():
    text = f"{HEAD}seed: x\nprofile: y\nworld: {{start: z}}\nrules: [{{}}]\n{PAY}cases: 5\n"
    assert [found.place.line for found in mistakes(text)] == [3, 4, 5, 6, 9]


def test_a_section_given_as_a_word():
    found = mistakes(f"{HEAD}world: big\nrules: none\nsteps: pay\nexpect: success\n")
    assert [each.message for each in found] == [
        "`world` is a mapping",
        "`rules` is a list",
        "`steps` is a list",
        "`expect` is a mapping",
    ]
