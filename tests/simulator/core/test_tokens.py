import pytest

from darajasim.core import tokens
from darajasim.core.directory import Directory
from darajasim.core.tokens import TokenBook


def book():
    directory = Directory()
    return TokenBook(directory.listing("blue")), directory


def test_a_token_is_good_until_it_ends():
    ours, _ = book()
    ours.issue("abc", "key", now=100.0, lifetime=60)
    assert "abc" in ours
    assert ours.problem("abc", 159.9) is None
    assert ours.problem("abc", 160.0) == "this token expired 0 s ago; get a new one"
    assert ours.problem("abc", 175.0) == "this token expired 15 s ago; get a new one"


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (None, "expected the header 'Authorization: Bearer <token>', found none"),
        ("", "expected the header 'Authorization: Bearer <token>', found none"),
        ("xyz", "this token was not issued here; get one from /oauth/v1/generate"),
    ],
)
def test_no_token_is_not_a_wrong_token(text, problem):
    ours, _ = book()
    assert ours.problem(text, 0.0) == problem


def test_several_tokens_of_an_app_live_beside_each_other_until_it_is_revoked():
    ours, directory = book()
    for text, key in (("a1", "a"), ("a2", "a"), ("b1", "b")):
        ours.issue(text, key, now=0.0, lifetime=60)
    assert [ours.problem(text, 1.0) for text in ("a1", "a2", "b1")] == [None] * 3
    ours.revoke("a")
    assert [text in ours for text in ("a1", "a2", "b1")] == [False, False, True]
    assert [directory.find(text) for text in ("a1", "a2", "b1")] == [None, None, "blue"]


def test_ended_tokens_are_forgotten_in_the_end(monkeypatch):
    monkeypatch.setattr(tokens, "SWEEP_AT", 10)
    ours, directory = book()
    for second in range(1_000):
        ours.issue(f"t{second}", "key", now=float(second), lifetime=30)
    assert "t0" not in ours
    assert directory.find("t0") is None
    assert all(f"t{second}" in ours for second in range(970, 1_000))
    assert sum(f"t{second}" in ours for second in range(1_000)) <= 2 * 30


def test_looking_for_ended_tokens_does_not_slow_down_many_live_ones(monkeypatch):
    monkeypatch.setattr(tokens, "SWEEP_AT", 10)
    ours, _ = book()
    sweeps = []
    monkeypatch.setattr(ours, "_drop", lambda _which: sweeps.append(1))
    for number in range(10_000):
        ours.issue(f"t{number}", "key", now=0.0, lifetime=30)
    assert len(sweeps) <= 11  # each at twice the size of the one before


def test_a_book_of_its_own_needs_no_directory():
    ours = TokenBook()
    ours.issue("abc", "key", now=0.0, lifetime=1)
    assert "abc" in ours
