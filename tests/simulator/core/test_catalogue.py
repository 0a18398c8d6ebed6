"""The catalogue against the fidelity notes, restated here by hand."""

import subprocess
import sys
from dataclasses import FrozenInstanceError

import pytest
from hypothesis import given
from hypothesis import strategies as st

from darajasim.core.catalogue import (
    UnknownKeyError,
    catalogue,
    magic_refusal,
    magic_result,
)

LOCKED = "Unable to lock subscriber, a transaction is already in process for the current subscriber"
LIMIT = "Declined due to limit rule"
PUSH_ERROR = "An error occurred while sending a push request"

# Fidelity notes, section 11.2: the code, its JSON type, every text that was seen or documented.
# 1101, 2006 and 2029 have no text there.
RESULTS: dict[str, tuple[str, set[str]]] = {
    "0": ("integer", {"The service request is processed successfully."}),
    "1": (
        "integer",
        {
            "The balance is insufficient for the transaction.",
            "[MpesaCB - ]The balance is insufficient for the transaction.",
        },
    ),
    "2": ("integer", {f"{LIMIT}.", f"{LIMIT}: less than the minimum transaction amount."}),
    "3": ("integer", {f"{LIMIT}: greater than the maximum transaction amount."}),
    "4": ("integer", {f"{LIMIT}: would exceed daily transfer limit."}),
    "8": ("integer", {f"{LIMIT}: would exceed the maximum balance."}),
    "17": ("integer", {"Rule limited."}),
    "26": ("integer", {"System busy", "Traffic blocking condition in place"}),
    "1001": ("integer", {LOCKED, f"[STK_CB - ]{LOCKED}"}),
    "1019": (
        "integer",
        {
            "Transaction has expired.",
            "Transaction expired. No MO has been received",
            "[STK_CB - ]Transaction expired. No MO has been received",
        },
    ),
    "1025": ("integer", {PUSH_ERROR, f"{PUSH_ERROR}."}),
    "1031": ("integer", {"Request cancelled by user"}),
    "1032": (
        "integer",
        {
            "Request cancelled by user",
            "Request cancelled by user.",
            "Request Cancelled by user.",
            "Request canceled by user.",
            "[STK_CB - ]Request cancelled by user",
        },
    ),
    "1036": ("integer", {"SMSC ACK timeout.", "[STK_CB - ]SMSC ACK timeout."}),
    "1037": (
        "integer",
        {
            "No response from user.",
            "DS timeout user cannot be reached.",
            "DS timeout.",
            "[STK_CB - ]DS timeout.",
        },
    ),
    "1101": ("integer", set()),
    "2001": (
        "integer",
        {
            "The initiator information is invalid.",
            "[MpesaCB - ]The initiator information is invalid.",
        },
    ),
    "2006": ("integer", set()),
    "2028": ("integer", {"The request is not permitted according to product assignment."}),
    "2029": ("integer", set()),
    "4999": ("integer", {"The transaction is still under processing"}),
    "8006": ("integer", {"The security credential is locked."}),
    "9999": ("integer", {PUSH_ERROR}),
    "SFC_IC0003": ("string", {"The operator does not exist.", "Receiver party is invalid"}),
    "E3008": ("string", {"Error, the user has a bad debt contract."}),
}

INVALID_FIELDS = (
    "BusinessShortCode",
    "Password",
    "Timestamp",
    "TransactionType",
    "Amount",
    "PartyA",
    "PartyB",
    "PhoneNumber",
    "CallBackURL",
    "ResultURL",
    "Remarks",
    "CheckoutRequestID",
)

# Section 11.1, the rows of OAuth, STK push and STK query: errorCode, HTTP status, the texts of one
# meaning, the default first.
ANSWERS: list[tuple[str, int, list[str]]] = [
    *[
        ("400.002.02", 400, [f"Bad Request - Invalid {field}", f"Bad Request – Invalid {field}."])
        for field in INVALID_FIELDS
    ],
    ("400.002.02", 400, ["Bad Request - Invalid PartyB", "Bad Request - Invalid Party B"]),
    ("400.002.05", 400, ["Invalid Request Payload"]),
    ("400.008.01", 400, ["Invalid Authentication passed", "Invalid authentication type passed"]),
    ("400.008.02", 400, ["Invalid grant type passed"]),
    ("", 400, [""]),
    ("404.001.01", 404, ["Resource not found"]),
    ("404.001.03", 404, ["Invalid Access Token"]),
    ("404.001.04", 404, ["Invalid Authentication Header", "Invalid Authenticator Header"]),
    ("", 404, [""]),
    ("405.001", 405, ["Method Not Allowed", "GET Method Not Allowed"]),
    ("500.001.1001", 500, ["Wrong credentials", "[MerchantValidate] - Wrong credentials"]),
    ("500.001.1001", 500, ["Merchant does not exist"]),
    ("500.001.1001", 500, [LOCKED]),
    ("500.001.1001", 500, ["The transaction is being processed"]),
    ("500.001.1001", 500, ["The transaction does not Exist", "This transaction does not exist"]),
    ("500.001.1001", 200, [""]),
    ("500.001.1001", 500, ["Internal Server Error"]),
    (
        "500.003.02",
        500,
        [
            "Error Occurred: Spike Arrest Violation",
            "Error Occured: Spike Arrest Violation",
            "Spike Arrest Violation",
        ],
    ),
    ("500.003.02", 500, ["System is busy. Please try again in few minutes."]),
    ("500.003.03", 500, ["Quota Violation", "Error Occurred: Quota Violation"]),
    ("500.003.1001", 500, ["Internal Server Error"]),
]

ROWS = catalogue().rows
ALL_ROWS = pytest.mark.parametrize("row", ROWS, ids=[row.key for row in ROWS])


class TestAgainstTheNotes:
    @pytest.mark.parametrize("code", RESULTS)
    def test_a_result_has_exactly_the_known_texts(self, code):
        json_type, texts = RESULTS[code]
        (row,) = catalogue().lookup(code, "stk")
        assert row.json_type == json_type
        assert set(row.texts) == texts or (not texts and row.source == "guessed")

    def test_there_are_no_other_results(self):
        assert {row.code for row in ROWS if row.surface == "stk"} == set(RESULTS)

    @pytest.mark.parametrize(("code", "status", "texts"), ANSWERS)
    def test_an_answer_has_the_known_texts(self, code, status, texts):
        rows = catalogue().lookup(code, "http")
        found = [row for row in rows if row.text == texts[0] and row.http_status == status]
        assert len(found) == 1
        assert set(texts) <= set(found[0].texts)

    def test_there_are_no_other_answers(self):
        known = {(code, status, texts[0]) for code, status, texts in ANSWERS}
        found = {
            (row.code, row.http_status, row.text)
            for row in ROWS
            if row.surface == "http" and not row.key.startswith("waf-")
        }
        assert found == known

    def test_one_error_code_has_seven_meanings(self):
        assert len(catalogue().lookup("500.001.1001", "http")) == 7

    @pytest.mark.parametrize(("key", "status"), [("waf-blocked", 403), ("waf-unavailable", 503)])
    def test_the_firewall_speaks_no_json(self, key, status):
        row = catalogue().by_key(key)
        assert (row.code, row.http_status) == ("", status)
        assert "Request unsuccessful. Incapsula incident ID: {incident}" in row.text

    def test_the_firewall_page_starts_as_captured(self):
        head = '<html style="height:100%"><head><META NAME="ROBOTS"'
        assert catalogue().by_key("waf-blocked").text.startswith(head)

    def test_only_the_query_says_that_a_payment_is_not_over(self):
        open_rows = [row for row in ROWS if not row.terminal]
        assert {row.code for row in open_rows} == {"4999", "1101"}
        assert all(row.appears_in == ("query",) for row in open_rows)

    @ALL_ROWS
    def test_the_status_is_the_code_s_first_three_digits(self, row):
        if row.surface == "http" and row.code and row.key != "in-flight-empty":
            assert row.http_status == int(row.code[:3])

    @pytest.mark.parametrize(
        ("key", "style", "query", "text"),
        [
            ("cancelled", "observed", False, "Request cancelled by user"),
            ("cancelled", "observed", True, "Request Cancelled by user."),
            ("cancelled", "documented", False, "Request cancelled by user."),
            ("cancelled", "documented", True, "Request cancelled by user."),
            ("cancelled", "legacy", True, "[STK_CB - ]Request cancelled by user"),
            ("no-response", "observed", False, "No response from user."),
            ("no-response", "observed", True, "DS timeout user cannot be reached."),
            ("no-response", "legacy", False, "[STK_CB - ]DS timeout."),
            ("paid", "legacy", True, "The service request is processed successfully."),
            ("expired", "legacy", False, "Transaction expired. No MO has been received"),
            ("invalid-amount", "documented", False, "Bad Request – Invalid Amount."),
            ("invalid-party-b", "legacy", False, "Bad Request - Invalid Party B"),
            ("in-flight-empty", "documented", False, ""),
        ],
    )
    def test_text_by_style(self, key, style, query, text):
        assert catalogue().by_key(key).text_in(style, query=query) == text

    def test_an_unknown_style_is_refused(self):
        with pytest.raises(ValueError, match=r"observed, documented, legacy.*'modern'"):
            catalogue().by_key("paid").text_in("modern")


class TestEveryRow:
    @ALL_ROWS
    def test_says_something_useful(self, row):
        for sentence in (row.meaning, row.merchant, row.how):
            assert len(sentence) >= 15
            assert sentence.endswith((".", "`", ".)"))
        assert row.customer or row.surface == "http"

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

    def test_magic_values_are_unique(self):
        values = [tuple(row.reproduce.items()) for row in ROWS]
        assert len(set(values)) == len(values)

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
        assert asked is (row if row.surface == "http" else None)

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
        assert [row.key for row in catalogue().lookup("1032")] == ["cancelled"]
        assert catalogue().lookup("1032", "http") == ()
        assert catalogue().lookup("9") == ()

    @pytest.mark.parametrize("name", ["SFC_IC0003", "sfc_ic0003", " Wrong-Receiver "])
    def test_find_in_any_case(self, name):
        assert [row.code for row in catalogue().find(name)] == ["SFC_IC0003"]

    def test_nothing_is_found_by_nothing(self):
        assert catalogue().find("") == ()
        assert catalogue().find("  ") == ()

    @pytest.mark.parametrize(
        ("name", "near"),
        [
            ("canceled", "cancelled"),
            ("wrong_pin", "wrong-pin"),
            ("1033", "1032"),
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
        message = "no catalogue row has the key 'canceled'; nearest: cancelled"
        assert str(caught.value) == message

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
