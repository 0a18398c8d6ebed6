import pytest
from hypothesis import given
from hypothesis import strategies as st

from darajasim.scenarios.source import Place, Source


def excerpt(line, column, length=1):
    return Source("f", line).excerpt(Place(1, column, length)).split("\n")


def test_the_caret_stands_below_the_place():
    assert excerpt("seed: today", 7, 5) == ["    1 | seed: today", "      |       ^^^^^"]


def test_tabs_keep_the_caret_in_line():
    line, carets = excerpt("\tseed: x", 8)
    assert line.index("x") == carets.index("^")
    assert carets.startswith("      | \t")


def test_wide_characters_take_two_columns():
    assert excerpt("名: x", 4)[1] == "      |     ^"
    assert excerpt("名名", 1, 2)[1] == "      | ^^^^"


def test_a_long_line_is_cut_around_the_place():
    line, carets = excerpt("a" * 500 + "X" + "b" * 500, 501)
    assert len(line) < 120
    assert line.index("X") == carets.index("^")
    assert line.startswith("    1 | … a")
    assert line.endswith("b …")


def test_what_would_act_on_a_terminal_is_not_shown():
    assert "\x1b" not in excerpt("a: \x1b[31mred", 4)[0]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r", "\x85", "\u2028", "\u2029"])
def test_lines_end_as_yaml_says(end):
    source = Source("f", f"one{end}two{end}")
    assert source.lines == ("one", "two", "")
    assert source.line(2) == "two"
    assert source.line(0) == source.line(9) == ""


@given(st.text(), st.integers(1, 10), st.integers(1, 300), st.integers(1, 300))
def test_an_excerpt_is_two_lines_of_bounded_width(text, line, column, length):
    shown = Source("f", text).excerpt(Place(line, column, length))
    first, second = shown.split("\n")
    assert "^" in second
    assert len(first) < 120
