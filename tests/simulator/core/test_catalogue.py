"""The catalogue: laws that every row keeps, and finding rows."""

import json
import re
import subprocess
import sys
from dataclasses import FrozenInstanceError
from itertools import groupby
from operator import attrgetter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from darajasim.core.catalogue import (
    SURFACES,
    UnknownKeyError,
    catalogue,
    magic_refusal,
    magic_result,
)
from darajasim.operations import named
from support.every import every

ROWS = catalogue().rows
ALL_ROWS = every(ROWS, attrgetter("key"))
OTHER_STATUS = {"in-flight-empty"} | {row.key for row in ROWS if row.code.startswith("9999")}
"""An error that is no error, and the numbers of the first portals, which hold no status."""


class TestEveryRow:
    @ALL_ROWS
    def test_says_something_useful(self, row):
        for sentence in (row.meaning, row.merchant, row.how):
            assert len(sentence) >= 15
            assert sentence.endswith((".", "`", ".)"))
        assert row.customer or row.surface != "stk"

    @ALL_ROWS
    def test_names_the_documented_and_legacy_profiles_only_for_another_text(self, row):
        for style in ("documented", "legacy"):
            assert row.variants.get(style) != row.text

    @ALL_ROWS
    def test_is_frozen(self, row):
        with pytest.raises(FrozenInstanceError):
            row.code = "7"
        with pytest.raises(TypeError):
            row.reproduce["PhoneNumber"] = "254700000000"

    @ALL_ROWS
    def test_the_status_of_an_error_is_its_code_s_first_three_digits(self, row):
        if row.surface == "http" and row.code and row.key not in OTHER_STATUS:
            assert row.http_status == int(row.code[:3])

    def test_magic_values_of_an_operation_are_unique(self):
        values = [(row.operation, *sorted(row.reproduce.items())) for row in ROWS]
        assert len(set(values)) == len(values)

    @ALL_ROWS
    def test_its_operation_exists_and_has_its_magic_fields(self, row):
        operation = named()[row.operation][-1]
        fields = {field.name for field in getattr(operation, "fields", ())}
        assert row.operation == "oauth" or set(row.reproduce) <= fields

    @ALL_ROWS
    def test_what_asks_for_it_by_key_stands_in_the_magic_field(self, row):
        asking = [name for name, value in row.reproduce.items() if value == f"ERR-{row.key}"]
        operation = named()[row.operation][-1]
        assert row.operation == "oauth" or asking in ([], [getattr(operation, "magic_field", "")])

    @ALL_ROWS
    def test_only_its_surface_s_places(self, row):
        places = {"stk": {"callback", "query"}, "result": {"callback"}, "notice": {"callback"}}
        places |= {"c2b": {"reply"}, "inline": {"answer"}, "http": {"answer"}}
        assert set(row.appears_in) <= places[row.surface]

    @ALL_ROWS
    def test_a_number_is_a_number_where_it_is_one_on_the_wire(self, row):
        if row.surface in ("stk", "result"):
            assert row.json_type == ("integer" if row.code.isdecimal() else "string")
        if row.surface in ("notice", "c2b"):
            assert row.json_type == "string"

    @pytest.mark.parametrize("surface", ["stk", "result", "c2b"])
    def test_a_code_has_one_meaning_here(self, surface):
        codes = [row.code for row in ROWS if row.surface == surface]
        assert len(set(codes)) == len(codes)

    def test_a_notice_has_one_meaning_for_its_operation(self):
        codes = [(row.operation, row.code) for row in ROWS if row.surface == "notice"]
        assert len(set(codes)) == len(codes)

    def test_surfaces_stand_together_in_the_order_of_the_file(self):
        assert [surface for surface, _some in groupby(ROWS, lambda row: row.surface)] == [*SURFACES]

    def test_a_later_result_is_asked_for_by_its_code(self):
        for row in ROWS:
            if row.surface == "result":
                assert row.reproduce == {"Remarks": f"RES-{row.code}"}
            if row.surface == "notice":
                phone = {"PartyA": f"2547000{row.code:0>5}"}
                reference = {"paymentRef": f"RES-{row.code}"}
                assert row.reproduce == (phone if row.operation == "standing_order" else reference)

    @ALL_ROWS
    def test_braces_are_json_or_something_that_is_filled_in(self, row):
        if row.text.startswith("{"):
            assert json.dumps(json.loads(row.text), separators=(",", ":")) == row.text
        else:
            known = {"incident", "token", "field", "shortcode"}
            assert set(re.findall(r"\{(.*?)\}", row.text)) <= known

    @pytest.mark.parametrize(
        "named_after", ["stk", "result", "c2b", "bills", "pull", "iot", "bonga", "ratiba"]
    )
    def test_keys_that_begin_alike_belong_together(self, named_after):
        mine = [row for row in ROWS if row.key.startswith(f"{named_after}-")]
        assert len(mine) >= (1 if named_after == "stk" else 4)
        product = {"result": "", "ratiba": "standing_order"}.get(named_after, named_after)
        assert all(row.operation.startswith(product) for row in mine)

    def test_a_result_s_phone_number_holds_its_code(self):
        special = {"SFC_IC0003": "254700080003", "E3008": "254700083008"}
        for row in ROWS:
            if row.surface == "stk":
                plain = f"2547000{row.code:0>5}"
                assert row.reproduce == {"PhoneNumber": special.get(row.code, plain)}
                assert magic_result(row.reproduce["PhoneNumber"]) is row

    def test_a_magic_reference_asks_for_its_own_row(self):
        for row in ROWS:
            for value in row.reproduce.values():
                if value.startswith("ERR-"):
                    assert value == f"ERR-{row.key}"

    @ALL_ROWS
    def test_every_answer_can_be_asked_for(self, row):
        asked = magic_refusal(f"ERR-{row.key}")
        assert asked is (row if row.surface in ("http", "inline") else None)

    @given(st.text())
    def test_other_values_ask_for_nothing(self, text):
        keys = {row.key for row in ROWS}
        numbers = {row.reproduce.get("PhoneNumber") for row in ROWS if row.surface == "stk"}
        if text not in numbers:
            assert magic_result(text) is None
        if text.removeprefix("ERR-") not in keys:
            assert magic_refusal(text) is None

    def test_an_ordinary_phone_yields_nothing(self):
        assert magic_result("254708374149") is None
        assert magic_result("254700000099") is None


class TestLookup:
    def test_by_code_on_any_surface(self):
        assert [row.key for row in catalogue().lookup("1032")] == ["cancelled", "ratiba-cancelled"]
        assert [row.key for row in catalogue().lookup("1032", "stk")] == ["cancelled"]
        assert catalogue().lookup("1032", "http") == ()
        assert catalogue().lookup("9") == ()

    @pytest.mark.parametrize(
        ("surface", "code", "operation", "key"),
        [
            ("stk", "2001", None, "wrong-pin"),
            ("result", "2001", None, "result-invalid-initiator"),
            ("result", "2001", "b2c_payment", "result-invalid-initiator"),
            ("notice", "2001", "standing_order", "ratiba-wrong-pin"),
            ("notice", "2001", "b2b_express", "b2b-express-wrong-pin"),
            ("inline", "1000", "pull_query", "pull-rows"),
            ("c2b", "C2B00012", None, "c2b-reject-account-number"),
        ],
    )
    def test_coded(self, surface, code, operation, key):
        assert catalogue().coded(surface, code, operation).key == key

    @pytest.mark.parametrize(
        ("surface", "code", "operation", "message"),
        [
            ("result", "1032", None, "surface result has the code '1032'"),
            ("notice", "4001", "standing_order", "surface notice of standing_order has the code"),
        ],
    )
    def test_a_code_that_is_not_there(self, surface, code, operation, message):
        with pytest.raises(UnknownKeyError, match=message):
            catalogue().coded(surface, code, operation)

    @pytest.mark.parametrize("name", ["SFC_IC0003", "sfc_ic0003", " Wrong-Receiver "])
    def test_find_in_any_case(self, name):
        assert {row.code for row in catalogue().find(name)} == {"SFC_IC0003"}

    def test_nothing_is_found_by_nothing(self):
        assert catalogue().find("") == ()
        assert catalogue().find("  ") == ()

    @pytest.mark.parametrize(
        ("name", "near"),
        [
            ("canceled", "cancelled"),
            ("wrong_pin", "wrong-pin"),
            ("10322", "1032"),
            ("404.1.3", "404.001.03"),
            ("SFC_IC0004", "SFC_IC0003"),
        ],
    )
    def test_nearest(self, name, near):
        assert near in catalogue().nearest(name)

    @given(st.text(max_size=200))
    def test_nearest_names_exist(self, name):
        names = {row.key for row in ROWS} | {row.code for row in ROWS}
        assert set(catalogue().nearest(name)) <= names - {""}

    def test_an_unknown_key_is_named_with_its_neighbours(self):
        with pytest.raises(UnknownKeyError) as caught:
            catalogue().by_key("canceled")
        message = "no catalogue row has the key 'canceled'; nearest: cancelled, "
        assert str(caught.value).startswith(message)

    def test_nothing_is_near_an_outlandish_key(self):
        with pytest.raises(KeyError, match=r"'xyzzy'$"):
            catalogue().by_key("xyzzy")


def test_reading_the_catalogue_does_not_import_the_client():
    program = (
        "import sys; from darajasim.core.catalogue import catalogue; catalogue();"
        "print([name for name in sys.modules if name.startswith('mpesa_pochi')])"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"
