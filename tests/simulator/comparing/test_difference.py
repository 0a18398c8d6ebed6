import json

from hypothesis import given
from hypothesis import strategies as st

from darajasim.comparing.difference import Comparison
from darajasim.comparing.playing import Play, Played
from darajasim.comparing.side import Answer, Heard

VALUES = st.one_of(st.none(), st.booleans(), st.integers(), st.text(max_size=5))
KEYS = st.sampled_from(["ResponseCode", "Amount", "CheckoutRequestID", "ResultDesc", "timestamp"])
BODIES = st.one_of(
    st.dictionaries(KEYS, VALUES).map(lambda found: json.dumps(found).encode()),
    st.binary(max_size=8),
)
ANSWERS = st.builds(
    Answer,
    st.sampled_from([None, 200, 500]),
    st.sampled_from(["application/json", "application/json;charset=UTF-8", "text/html", ""]),
    BODIES,
)
HEARD = st.lists(st.builds(Heard, st.sampled_from(["stk", "result"]), BODIES), max_size=3)
PLAYS = st.dictionaries(st.sampled_from("abc"), st.tuples(ANSWERS, HEARD)).map(
    lambda found: Play([Played(name, "stk_push", *rest) for name, rest in found.items()])
)
THIS = Comparison("shown")


def told(left, right, **options):
    found = Comparison("shown", **options).differences(play(left), play(right))
    return [(each.where, each.left, each.right) for each in found]


def play(fields):
    return Play(
        [Played("a", "stk_push", Answer(200, "application/json", json.dumps(fields).encode()))]
    )


@given(PLAYS)
def test_nothing_differs_from_itself(one):
    assert list(THIS.differences(one, one)) == []


@given(PLAYS, PLAYS)
def test_it_is_the_same_from_the_other_side(one, two):
    there = {each.swapped() for each in THIS.differences(two, one)}
    assert set(THIS.differences(one, two)) == there


def test_values_types_and_keys():
    assert told({"ResponseCode": "0", "a": 1}, {"ResponseCode": 0, "b": 1}) == [
        ("answer: ResponseCode", '"0" (string)', "0 (number)"),
        ("answer: a", "1 (number)", "absent"),
        ("answer: b", "absent", "1 (number)"),
    ]


def test_what_is_volatile_is_compared_by_its_type():
    assert told({"CheckoutRequestID": "ws_CO_1"}, {"CheckoutRequestID": "ws_CO_2"}) == []
    ((where, _, right),) = told({"CheckoutRequestID": "ws_CO_1"}, {"CheckoutRequestID": 2})
    assert (where, right) == ("answer: CheckoutRequestID", "2 (number)")
    assert told({"mine": 1}, {"mine": "2"}, ignored=frozenset({"mine"})) == []


def test_numbers_keep_their_digits():
    left = Play([Played("a", "x", Answer(200, "", b'{"Amount": 1.00}'))])
    right = Play([Played("a", "x", Answer(200, "", b'{"Amount": 1.0}'))])
    (found,) = THIS.differences(left, right)
    assert (found.left, found.right) == ("1.00 (number)", "1.0 (number)")


def test_callbacks_are_counted_and_compared_kind_by_kind():
    one = Heard("stk", b'{"ResultCode": 0}')
    two = Heard("stk", b'{"ResultCode": 1}')
    left = Play([Played("a", "stk_push", Answer(200), [one])])
    right = Play([Played("a", "stk_push", Answer(200), [two, two])])
    assert [each.where for each in THIS.differences(left, right)] == [
        "callbacks stk",
        "callback stk 1: ResultCode",
    ]


def test_ids_in_what_is_no_json_are_volatile_too():
    page = b"<p>Incapsula incident ID: 925961216465278720-1930</p>"
    left = Play([Played("a", "x", Answer(403, "text/html", page))])
    right = Play([Played("a", "x", Answer(403, "text/html", page.replace(b"92", b"17")))])
    assert list(THIS.differences(left, right)) == []
    other = Play([Played("a", "x", Answer(403, "text/html", b"<p>Another page</p>"))])
    assert [each.where for each in THIS.differences(left, other)] == ["answer"]
