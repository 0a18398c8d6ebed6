import copy
import dataclasses
import json
import pickle

import pytest

from mpesa_pochi.secret import Secret

PLANTED = "planted-secret"


@pytest.mark.parametrize("show", [repr, str, format, ascii, "{}".format, "{!r:>30}".format])
def test_no_way_of_showing_it_shows_it(show):
    assert PLANTED not in show(Secret(PLANTED))
    assert "********" in show(Secret(PLANTED))


def test_it_hides_in_a_dataclass_and_its_dict():
    @dataclasses.dataclass
    class Holder:
        secret: Secret

    holder = Holder(Secret(PLANTED))
    assert PLANTED not in repr(holder)
    assert PLANTED not in repr(dataclasses.asdict(holder))
    assert PLANTED not in repr(copy.deepcopy(holder))
    assert copy.copy(holder).secret is holder.secret


def test_it_is_never_serialised():
    with pytest.raises(TypeError, match="never pickled"):
        pickle.dumps(Secret(PLANTED))
    with pytest.raises(TypeError):
        json.dumps(Secret(PLANTED))
    assert not hasattr(Secret(PLANTED), "__dict__")


def test_equality_is_of_what_it_holds_and_with_secrets_only():
    assert Secret("a") == Secret("a")
    assert Secret("a") != Secret("b")
    assert Secret("a") != "a"
    assert Secret("é\ud800") == Secret("é\ud800")
    assert len({Secret("a"), Secret("a")}) == 1


def test_reveal_and_truth():
    assert Secret(PLANTED).reveal() == PLANTED
    assert Secret(PLANTED)
    assert not Secret("")
