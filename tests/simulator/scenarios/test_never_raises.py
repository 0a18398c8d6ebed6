"""Whatever a file holds: loading it ends in scenarios or in our own error, with real places."""

import re
from pathlib import Path

import pytest
import yaml
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from darajasim.scenarios import ScenarioError, json_schema
from darajasim.scenarios.encoding import decode
from darajasim.scenarios.load import load_source
from darajasim.scenarios.vocabulary import default_vocabulary

HOME = Path(__file__).parent / "good"
GOOD, CALLS = (
    (HOME / name).read_text(encoding="utf-8").replace("scenario: calls", "scenario: everything")
    for name in ("everything.yaml", "calls.yaml")
)
VOCABULARY = default_vocabulary()
COLUMNS = 130
"""The widest a line of a report may be: an excerpt and its margin."""


def load(data: bytes) -> None:
    """Load; an error must be ours, must render, and must point into the file."""
    try:
        source = decode(data, "file.yaml")
        scenarios = load_source(source, Path("everything.yaml"), VOCABULARY)
    except ScenarioError as error:
        check(error, data)
    else:
        assert scenarios
        for scenario in scenarios:
            assert scenario.new_rules() is not scenario.new_rules()


def check(error: ScenarioError, data: bytes) -> None:
    assert error.mistakes
    for mistake in error.mistakes:
        assert mistake.message
        for line in str(mistake).splitlines():
            assert len(line) <= COLUMNS or re.search(r"\S{60}", line), line
        assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]", str(mistake))
        if mistake.place is not None:
            assert mistake.source is not None
            assert 1 <= mistake.place.line <= len(mistake.source.lines)
            line = mistake.source.line(mistake.place.line)
            assert 1 <= mistake.place.column <= len(line) + 1
            assert mistake.place.length >= 1


KEYS = sorted(set(re.findall(r'"([a-z_]+)": \{"', str(json_schema()).replace("'", '"'))))
FRAGMENTS = [
    *(f"{key}: " for key in KEYS),
    *("- ", "  ", "    ", "\n", "\n  ", "\n    - ", "{", "}", "[", "]", ", ", ": ", "#", "\t"),
    *('"', "'", "|", ">", "&a ", "*a", "!!", "!x ", "---\n", "...", "%YAML 1.2\n", "<<: ", "? "),
    *("${a}", "$${a}", "${", "}", "/x(/", "/[0-9]+/", ">= 1", "!= x", "*", "?", "~", "null"),
    *("0722000000", "174379", "100", "1.50", "-1", "1e9", "5s", "1m30s", "NO", "on", "1_000"),
    *("call: ", "${first.X}", "${credential:x}", "phone: ", "PhoneNumber: ", "stk: ", "absent"),
    *(
        "cancelled",
        "1032",
        "500.001.1001",
        "never",
        "reset",
        "stk_push",
        "\ufeff",
        "\x85",
        "\u2028",
    ),
    *("\\", "\\x", "é", "\U0001f4b0", "\x07", "\x00", "\r\n"),
]


@settings(deadline=None)
@given(st.binary(max_size=200))
@example(b"")
@example(b"\xef\xbb\xbf")
@example(b"\xff\xfe\x00\x00")
@example(b"a: &a [*a]")
@example(b"{" * 2000)
@example(b"- " * 2000)
@example(b'scenario: "\\ud800"\nabout: "\\0\\e\\x9b31m"\n')
@example("a: \ud7ff\ue000\U0010ffff".encode())
def test_any_bytes(data):
    load(data)


@settings(deadline=None)
@given(st.text(max_size=200))
def test_any_text(text):
    load(text.encode(errors="surrogatepass"))


@settings(deadline=None)
@given(st.lists(st.sampled_from(FRAGMENTS), max_size=40))
def test_fragments_of_yaml(fragments):
    load("".join(fragments).encode(errors="surrogatepass"))


SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.sampled_from([fragment.strip() for fragment in FRAGMENTS]),
    st.text(max_size=10),
    st.dates(),
)
TREES = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from(KEYS) | st.text(max_size=5), inner, max_size=5)
    ),
    max_leaves=25,
)
SECTIONS = st.fixed_dictionaries(
    {"scenario": st.just("everything") | SCALARS, "about": st.just("x") | SCALARS},
    optional=dict.fromkeys(
        ("tags", "seed", "profile", "world", "rules", "answers", "steps", "expect", "cases"), TREES
    ),
)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(SECTIONS)
def test_any_structure(tree):
    load(yaml.safe_dump(tree, allow_unicode=True).encode(errors="surrogatepass"))


STEP_VERBS = (
    "pay", "wait", "poll", "query", "await", "settle", "together", "call", "pay_from_phone",
)  # fmt: skip


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(st.dictionaries(st.sampled_from(STEP_VERBS), TREES, max_size=2) | TREES, max_size=4)
)
def test_any_steps(steps):
    tree = {"scenario": "everything", "about": "x", "steps": steps, "expect": {"payment": {}}}
    load(yaml.safe_dump(tree).encode(errors="surrogatepass"))


@st.composite
def mutated(draw: st.DrawFn) -> str:
    """The good scenario with a few pieces cut, doubled, moved or replaced."""
    text = draw(st.sampled_from([GOOD, CALLS]))
    for _ in range(draw(st.integers(1, 3))):
        words = re.split(r"(\W)", text)
        first = draw(st.integers(0, len(words) - 1))
        last = min(len(words), first + draw(st.integers(1, 12)))
        piece = draw(
            st.sampled_from(["cut", "double", "fragment", "word"]) if first else st.just("fragment")
        )
        new = {
            "cut": [],
            "double": words[first:last] * 2,
            "fragment": [draw(st.sampled_from(FRAGMENTS))],
            "word": [words[draw(st.integers(0, len(words) - 1))]],
        }[piece]
        text = "".join([*words[:first], *new, *words[last:]])
    return text


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(mutated())
def test_a_good_scenario_with_changes(text):
    load(text.encode(errors="surrogatepass"))


@pytest.mark.parametrize("length", [1, 100, 5_000])
def test_a_very_long_line_is_cut(length):
    text = f"scenario: everything\nabout: {'x ' * length}\nseed: {'y' * length}\n"
    with pytest.raises(ScenarioError) as caught:
        load_source(decode(text.encode(), "f"), Path("everything.yaml"), VOCABULARY)
    assert all(len(line) < COLUMNS for line in str(caught.value).splitlines())


def test_a_thousand_mistakes_are_kept_and_the_first_are_shown():
    text = "scenario: everything\nabout: x\nrules:\n" + "  - {on: stk}\n" * 1000
    with pytest.raises(ScenarioError) as caught:
        load_source(decode(text.encode(), "f"), Path("everything.yaml"), VOCABULARY)
    assert len(caught.value.mistakes) == 1000
    assert str(caught.value).endswith("… and 800 mistakes more")


@pytest.mark.parametrize("where", ["rules: [{on: any, reply: %s}]", "steps: [%s]"])
def test_no_advice_repeats_what_would_act_on_a_terminal(where):
    for text in (r'"\b"', r'"wait \e[2J"'):
        load(f"scenario: file\nabout: x\n{where % text}\n".encode())
