import pytest

from darajasim import scenarios


def test_everything_that_is_promised_is_there():
    assert scenarios.__all__ == sorted(scenarios.__all__)
    assert set(scenarios.__all__) == set(scenarios._HOMES)
    for name in scenarios.__all__:
        assert getattr(scenarios, name) is not None


def test_nothing_else_is():
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = scenarios.nothing
