import json

import pytest

from darajasim.harness.target.lookup import Lookup, LookupSyntaxError

TREE = {"payment": {"id": 7}, "items": [{"id": "a"}, {"id": "b"}], "credits": [100, 50], "1": "one"}


@pytest.mark.parametrize(
    ("written", "values"),
    [
        ("payment.id", [7]),
        ("items.1.id", ["b"]),
        ("items.*.id", ["a", "b"]),
        ("credits", [[100, 50]]),
        ("credits.*", [100, 50]),
        ("1", ["one"]),
        ("payment.*", [7]),
        ("payment.name", []),
        ("items.9.id", []),
        ("payment.id.deeper", []),
        (r'/"id": "(\w)"/', ["a", "b"]),
    ],
)
def test_where_a_value_is(written, values):
    lookup = Lookup(written)
    assert lookup.all(json.dumps(TREE), TREE) == values
    assert lookup.one(json.dumps(TREE), TREE) == (values[0] if values else None)


@pytest.mark.parametrize(
    "written", ["a..b", ".", "a b", "/(/", "/no group/", "/(two)(groups)/", ""]
)
def test_what_says_nowhere_is_refused(written):
    with pytest.raises(LookupSyntaxError):
        Lookup(written)
