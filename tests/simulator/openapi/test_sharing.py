from darajasim.openapi.sharing import shared_responses


def test_what_two_have_is_said_once_under_the_name_of_the_first():
    first, second = {"400": {"description": "no"}}, {"400": {"description": "no"}}
    components = shared_responses([("one", first), ("two", second)])
    assert components == {"one-400": {"description": "no"}}
    assert first == second == {"400": {"$ref": "#/components/responses/one-400"}}


def test_what_one_has_stays_where_it_is():
    only = {"400": {"description": "no"}, "401": {"description": "who"}}
    other = {"400": {"description": "never"}}
    assert shared_responses([("one", only), ("two", other)]) == {}
    assert only["401"] == {"description": "who"}


def test_one_name_is_never_given_twice():
    first = {"400": {"description": "a"}}
    again = {"400": {"description": "b"}}
    items = [("one", dict(first)), ("one", dict(again)), ("x", dict(first)), ("y", dict(again))]
    components = shared_responses(items)
    assert components == {"one-400": {"description": "a"}, "one-400-2": {"description": "b"}}
