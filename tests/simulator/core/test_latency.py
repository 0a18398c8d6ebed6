from statistics import median

from hypothesis import given
from hypothesis import strategies as st

from darajasim.core.chance import Chance
from darajasim.core.latency import Latency
from darajasim.core.rules import Plan, Reply, Rule

seconds = st.floats(0.001, 10, allow_nan=False)


@given(seconds, st.floats(0, 5, allow_nan=False), st.floats(1, 100), st.integers())
def test_no_answer_takes_longer_than_the_maximum(middle, sigma, times, seed):
    latency, chance = Latency(middle, sigma, middle * times), Chance(seed)
    drawn = [latency.drawn(chance) for _ in range(20)]
    assert all(0 < found <= middle * times for found in drawn)
    assert drawn == [latency.drawn(chance) for chance in [Chance(seed)] for _ in range(20)]


def test_half_are_quicker_than_the_median():
    chance = Chance(1)
    drawn = [Latency(0.4, 0.6, 60).drawn(chance) for _ in range(4000)]
    assert 0.38 < median(drawn) < 0.42
    assert len(set(drawn)) == 4000


def test_without_a_width_it_is_a_constant():
    assert Latency(2.0, 0.0, 2.0).drawn(Chance(1)) == 2.0


def test_a_plan_draws_anew_for_each_request_and_keeps_the_rest():
    rule = Rule("oauth", plan=Plan(Reply(error="quota", latency=Latency(1, 0.5, 3)), text="x"))
    rule.luck = Chance(1)
    first, second = rule.planned(), rule.planned()
    assert first.reply.after != second.reply.after
    assert (first.reply.error, first.reply.latency, first.text) == ("quota", None, "x")
    assert Rule("oauth", plan=first).planned() is first
