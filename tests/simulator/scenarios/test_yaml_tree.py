import pytest
from hypothesis import given
from hypothesis import strategies as st

from darajasim.scenarios.encoding import decode
from darajasim.scenarios.nodes import Mapping, Scalar, Sequence, resolve
from darajasim.scenarios.source import Place
from darajasim.scenarios.yaml_tree import MAX_DEPTH, MAX_NODES, read_document
from support.scenario_text import HEAD, PAY, mistake, mistakes, one


def tree(text):
    root, problems = read_document(decode(text.encode(), "f.yaml"))
    assert problems == []
    return root


@pytest.mark.parametrize(
    "text",
    [
        "0722000000",
        "0712345670",
        "0123456",
        "1:30",
        "NO",
        "no",
        "on",
        "off",
        "Yes",
        "1_000",
        "2026-01-02",
        "1e3",
        ".5",
        "5.",
        "0x1F",
        "0o17",
        "+5",
        "Null",
        "NULL",
        "True",
        "1,5",
        "007",
        "9" * 19,
        ".inf",
        ".nan",
        "<<",
        "=",
    ],
)
def test_what_a_person_reads_as_text_is_text(text):
    assert resolve(text) == text


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0", 0),
        ("-7", -7),
        ("174379", 174379),
        ("1.50", 1.5),
        ("-0.25", -0.25),
        ("true", True),
        ("false", False),
        ("null", None),
        ("~", None),
        ("", None),
    ],
)
def test_plain_words_and_numbers(text, value):
    assert resolve(text) == value
    assert type(resolve(text)) is type(value)


@given(st.integers(-(10**17), 10**17))
def test_every_plain_integer_is_itself(number):
    assert resolve(str(number)) == number


@given(st.from_regex(r"0[17][0-9]{8}", fullmatch=True))
def test_a_phone_number_never_becomes_a_number(phone):
    assert resolve(phone) == phone
    text = f"{HEAD}world: {{customers: [{{phone: {phone}}}]}}\n{PAY}"
    assert one(text).world.customers[0].msisdn == f"254{phone[1:]}"


def test_quotes_make_text():
    root = tree("a: \"5\"\nb: 'true'\nc: |\n  7\n")
    assert [root.get(key).value for key in "abc"] == ["5", "true", "7\n"]


def test_keys_are_text_whatever_they_look_like():
    assert list(tree("0722000000: 1\n174379: 2\ntrue: 3\n'x': 4\n").entries) == [
        "0722000000",
        "174379",
        "true",
        "x",
    ]


def test_places_of_keys_and_values():
    root = tree("first: 1\nsecond:\n  - {third: word}\n  -\n")
    assert root.entry("first").key.place == Place(1, 1, 5)
    assert root.get("first").place == Place(1, 8, 1)
    inner = root.get("second").items[0]
    assert inner.entry("third").key.place == Place(3, 6, 5)
    assert inner.get("third").place == Place(3, 13, 4)


def test_a_missing_value_stands_where_its_key_stands():
    root = tree("first:\nsecond: 2\n")
    assert root.get("first").is_null
    assert root.get("first").place == Place(1, 1, 5)


def test_columns_count_characters_and_crlf_ends_a_line():
    root = tree("é: 'ü'\r\nb: 1\r\n")
    assert root.get("é").place == Place(1, 4, 3)
    assert root.get("b").place == Place(2, 4, 1)


def test_aliases_repeat_a_value():
    root = tree("a: &x {b: [1, 2]}\nc: *x\n")
    assert root.get("a") is root.get("c")


def test_anchors_serve_in_a_scenario():
    scenario = one(f"{HEAD}rules:\n  - {{on: stk_push, when: &w {{call: 1}}, result: paid}}\n"
                   f"  - {{on: stk_push, when: *w, result: cancelled}}\n{PAY}")  # fmt: skip
    assert scenario.rules[0].calls == scenario.rules[1].calls == {1}


def test_a_later_anchor_of_the_same_name_wins():
    root = tree("a: &x 1\nb: &x 2\nc: *x\n")
    assert root.get("c").value == 2


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: &x [*x]\n", "`*x` stands inside the value that it names"),
        ("a: *nowhere\n", "a value that begins with * must be in quotes"),
        ("a: !!str 5\n", "tags are not allowed in a scenario"),
        ("a: !!python/object:os.system ls\n", "tags are not allowed in a scenario"),
        ("a: !ENV home\n", "a value that begins with ! must be in quotes"),
        ("{a: 1}: 2\n", "this cannot be a key"),
        ("<<: {a: 1}\n", "`<<` (merging mappings) is not part of the scenario language"),
    ],
)
def test_what_yaml_could_do_and_scenarios_do_not(text, message):
    _, problems = read_document(decode(text.encode(), "f.yaml"))
    assert [problem.message for problem in problems] == [message]


def test_duplicate_keys_name_both_lines_and_hide_no_other_mistake():
    found = mistakes(f"{HEAD}seed: 1\nseed: 2\nseed: 3\ntag: x\n{PAY}")
    assert [(each.place.line, each.message) for each in found] == [
        (4, "`seed` stands twice in one mapping"),
        (5, "`seed` stands twice in one mapping"),
        (6, "a scenario has no key `tag`"),
    ]
    assert found[1].found == "the first one on line 3, another on line 5"


def test_quoted_and_unquoted_keys_are_the_same_key():
    assert "twice" in mistake(f"{HEAD}'seed': 1\nseed: 2\n{PAY}").message


@pytest.mark.parametrize("opening", ["[", "{a: "])
def test_depth_is_bounded(opening):
    _, problems = read_document(decode((opening * (MAX_DEPTH + 1)).encode(), "f.yaml"))
    assert problems[0].message == "the file is nested too deeply here"


def test_depth_is_bounded_through_aliases():
    lines = [f"a0: &a0 [{'[' * 8}1{']' * 8}]"]
    lines += [f"a{i}: &a{i} [*a{i - 1}]" for i in range(1, MAX_DEPTH)]
    _, problems = read_document(decode("\n".join(lines).encode(), "f.yaml"))
    assert problems[0].message == "the file grows out of bounds here"


def test_size_is_bounded_through_aliases():
    lines = ["a0: &a0 [1, 1, 1, 1, 1, 1, 1, 1, 1, 1]"]
    lines += [f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 10)}]" for i in range(1, 30)]
    _, problems = read_document(decode("\n".join(lines).encode(), "f.yaml"))
    assert f"{MAX_NODES:,}" in problems[0].expected


def test_nodes_are_three_kinds():
    root = tree("a: [1, {b: c}]\n")
    assert isinstance(root, Mapping)
    assert isinstance(root.get("a"), Sequence)
    assert isinstance(root.get("a").items[0], Scalar)
