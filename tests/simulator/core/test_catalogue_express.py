"""M-Pesa Express and OAuth in the catalogue, against the fidelity notes, restated by hand."""

import pytest

from darajasim.core.catalogue import catalogue
from support.every import every

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


class TestAgainstTheNotes:
    @every(RESULTS)
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
