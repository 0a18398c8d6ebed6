import pytest
from hypothesis import given
from hypothesis import strategies as st

from darajasim.harness.report_escape import one_line, shortened, visible


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Ŵanjikũ → ✓ 100", "Ŵanjikũ → ✓ 100"),
        ("\x1b[31m", r"\x1b[31m"),
        ("a\x00b\x9b", r"a\x00b\x9b"),
        ("\ud800", r"\ud800"),
        ("\u202e\u2028\ufeff", r"\u202e\u2028\ufeff"),
        ("two\nlines\tand a tab", "two\nlines\tand a tab"),
        ("\r\n", "\\r\n"),
    ],
)
def test_what_cannot_be_seen_is_told(text, shown):
    assert visible(text) == shown


def test_one_line_is_one_line():
    assert one_line("a\n::error::\tb\r") == r"a\n::error::\tb\r"


ANYTHING = st.text(st.characters(exclude_categories=()))


@given(ANYTHING)
def test_what_is_shown_can_be_written_and_parsed_anywhere(text):
    from xml.etree.ElementTree import Element, fromstring, tostring

    for shown in (visible(text), one_line(text)):
        element = Element("a", b=one_line(text))
        element.text = shown
        again = fromstring(tostring(element, "utf-8"))  # noqa: S314  # our own
        assert (again.text or "", again.get("b")) == (shown, one_line(text))
        assert visible(shown) == shown
    assert len(one_line(text).splitlines()) <= 1


@given(st.text(), st.integers(1, 20))
def test_a_short_text_is_short(text, most):
    found = shortened(text, most)
    assert len(found) <= most
    assert found == text or found == text[: most - 1] + "…"
