"""Every other product in the catalogue, against the fidelity notes, restated by hand."""

import pytest

from darajasim.core.catalogue import catalogue
from support.every import every

ROWS = catalogue().rows
LIMIT = "Declined due to limit rule"
NO_PRODUCT = "Invalid API call as no apiproduct match found"

# Part 2, section 8.1: every text that was reported for the wire, or is a name in Safaricom's table.
# Without texts: the code alone is known.
RESULTS: dict[str, set[str]] = {
    "0": {
        "The service request is processed successfully.",
        "The service request is processed successfully",
        "The service request has been accepted successfully.",
        "The service request has b een accepted successfully.",
    },
    "1": {"The balance is insufficient for the transaction.", "The balance is insufficient"},
    "2": {LIMIT, f"{LIMIT}: less than the minimum transaction amount."},
    "3": {f"{LIMIT}: greater than the maximum transaction amount."},
    "4": {
        f"{LIMIT}: would exceed daily transfer limit",
        f"{LIMIT}: would exceed the daily transfer limit.",
    },
    "5": {"Would Exceed Minimum Balance"},
    "6": {"Unresolved Primary Party"},
    "7": {"The ReceiverParty information is invalid."},
    "8": {f"{LIMIT}: would exceed the maximum balance."},
    "11": {"The DebitParty is in an invalid state."},
    "12": {"Credit Account Invalid"},
    "13": {"Unresolved Debit Account"},
    "14": {"The CreditParty is in an invalid state.", "Unresolved Credit Account"},
    "15": {"Duplicate Detected", "Duplicate OriginatorConversationID."},
    "17": {"System internal error.", "Internal Failure"},
    "18": {"Initiator Credential Check Failure"},
    "19": {"Message Sequencing Failure"},
    "20": {"Unresolved Initiator"},
    "21": {
        "The initiator is not allowed to initiate this request",
        "The initiator is not allowed to initiate this request.",
    },
    "22": set(),
    "24": {"Missing mandatory fields"},
    "25": {"InvalidRequestParameters"},
    "26": {
        "Traffic blocking condition in place",
        "System busy. The service request is rejected.",
    },
    "29": {"InvalidCommand"},
    "1001": {
        "Unable to lock subscriber, a transaction is already in process for the current subscriber."
    },
    "1005": set(),
    "2001": {"The initiator information is invalid."},
    "2006": {
        "Declined due to account rule: The account status does not allow this transaction.",
        "Declined due to account rule",
    },
    "2007": {"External validation failed for the C2B transaction."},
    "2008": {"Authentication Failed."},
    "2020": set(),
    "2026": {"The channel session ID has expired."},
    "2028": {"The request is not permitted according to product assignment."},
    "2029": {"Failed due to an unresolved reason type."},
    "2032": {"The transaction receipt number does not exist."},
    "2033": {
        (
            "The transaction receipt number cannot be found by the specified "
            "OriginatorConversationID or ConversationID."
        )
    },
    "2040": {
        (
            "Credit Party customer type (Unregistered or Registered Customer) "
            "can't be supported by the service ."
        ),
        (
            "Credit Party customer type (Unregistered or Registered Customer) "
            "can't be supported by the service."
        ),
    },
    "2043": {"This organization is not a child organization of the initiator."},
    "2051": set(),
    "2202": {"The Account Number you provided is not exist. Please check your input information."},
    "4001": {"Insufficient balance"},
    "8006": {"The security credential is locked.", "The security credential is locked"},
    "9999": {"Internal error occurred while executing the transaction."},
    "SFC_IC0003": {"The operator does not exist.", "Receiver party is invalid"},
    "R000001": {"The transaction has already been reversed"},
    "R000002": {"The OriginalTransactionID is invalid."},
    "R002": set(),
    "R003": set(),
    "100000000": {"Request was cached, waiting for resending"},
    "100000001": {"The system is overload"},
    "100000002": {"Throttling error"},
    "100000004": {"Internal Server Error"},
    "100000005": {"Invalid input value:%1"},
    "100000007": {"Service's status is abnormal."},
    "100000009": {"API's status is abnormal"},
    "100000010": {"Insufficient permissions"},
    "100000011": {"Exceed the limitation of request rate"},
    "100000100": {
        (
            "Saving object to storage fail, value type is class "
            "com.huawei.sag.sfcb2c.common.infobean.B2cSrcInfoBean."
        )
    },
}

COMMAND_FIELDS = (
    *("InitiatorName", "Initiator", "SecurityCredential", "CommandID", "QueueTimeOutURL"),
    *("SenderIdentifierType", "RecieverIdentifierType", "AccountReference", "TransactionID"),
    *("ReceiverParty", "IdentifierType", "OriginatorConversationID", "OriginalConversationID"),
    *("Occassion", "Occasion", "Requester", "IDType", "IDNumber"),
)
C2B_FIELDS = (
    *("ShortCode", "ResponseType", "ConfirmationURL", "ValidationURL", "CommandID", "Amount"),
    *("Msisdn", "BillRefNumber"),
    "ValidationURL - URL has the word MPESA",
    "ConfirmationURL - URL has the word MPESA",
)

# Part 1, sections 6 and 11.1; part 2, section 1.4; part 3, sections 0 and 3.3.
ANSWERS: list[tuple[str, int, str]] = [
    *[("400.002.02", 400, f"Bad Request - Invalid {field}") for field in COMMAND_FIELDS],
    *[("400.003.02", 400, f"Bad Request - Invalid {field}") for field in C2B_FIELDS],
    ("400.003.01", 400, "Invalid Access Token"),
    ("401", 401, "Unauthorized - Invalid Access Token"),
    ("401.001", 401, "Error Occurred - Invalid Access Token - {token}"),
    ("401.001", 401, "Invalid Access Token"),
    ("401.002.01", 401, "Error Occurred - Invalid Access Token - {token}"),
    ("401.003.01", 401, "Error Occurred - Invalid Access Token - {token}"),
    ("401.003.01", 401, f"Error Occurred - Invalid Access Token - {NO_PRODUCT}"),
    ("404.002.01", 404, "Resource not found"),
    ("404.003.01", 404, "Resource not found"),
    ("500.002.1001", 500, "Duplicate OriginatorConversationID."),
    ("500.002.1001", 500, "System internal error."),
    ("500.002.1001", 500, "Service is currently under maintenance. Please try again later"),
    ("500.003.1001", 500, "Service is currently unreachable. Please try again later."),
    ("500.003.1001", 500, "Service is temporarily unavailable. Please try again later"),
    ("500.003.1001", 500, "Urls are already registered."),
    (
        "500.003.1001",
        500,
        "Duplicate notification info, SP ID is 107078, correlator is {shortcode}",
    ),
    ("999996", 400, "Invalid Authentication passed"),
    (
        "",
        504,
        (
            '{"fault":{"faultstring":"Gateway Timeout","detail":{"errorcode":'
            '"messaging.adaptors.http.flow.GatewayTimeout","reason":"TARGET_READ_TIMEOUT"}}}'
        ),
    ),
    (
        "",
        401,
        (
            f'{{"fault":{{"faultstring":"{NO_PRODUCT}","detail":{{"errorcode":'
            '"keymanagement.service.InvalidAPICallAsNoApiProductMatchFound"}}}'
        ),
    ),
]

# What stands in a product's own answer or callback: operation, code, JSON type, text.
OTHERS: list[tuple[str, str, str, str, str]] = [
    ("inline", "stk_push", "0", "string", "Success. Request accepted for processing"),
    ("inline", "c2b_register", "0", "string", "Success"),
    ("inline", "c2b_simulate", "0", "string", "Accept the service request successfully."),
    ("inline", "b2c_payment", "0", "string", "Accept the service request successfully."),
    ("inline", "dynamic_qr", "00", "string", "The service request is processed successfully."),
    ("inline", "standing_order", "200", "string", "Request accepted for processing"),
    (
        "inline",
        "standing_order",
        "400",
        "integer",
        "Value in field 'BusinessShortCode' can only be what was issued for this application",
    ),
    ("inline", "bills_optin", "200", "string", "Success"),
    ("inline", "bills_optin", "409", "string", "Action Forbidden: Biller already Registered"),
    ("inline", "bills_optin", "409", "string", "Action Forbidden: Invalid consumer key/short code"),
    (
        "inline",
        "bills_single_invoice",
        "409",
        "string",
        "Action forbidden: Another entry exist with the same externalReference number",
    ),
    (
        "inline",
        "bills_cancel_invoice",
        "409",
        "string",
        "partially or fully paid invoices cannot be cancelled.",
    ),
    ("inline", "pull_register", "1000", "string", "Shortcode Registered Successfully"),
    ("inline", "pull_register", "1001", "string", "Shortcode already Registered!"),
    ("inline", "pull_query", "1000", "string", "Success"),
    (
        "inline",
        "pull_query",
        "1001",
        "string",
        "No records found or Organization Name not available",
    ),
    ("inline", "b2b_express", "0", "string", "USSD Initiated Successfully"),
    ("inline", "imsi_check", "200", "string", "Success"),
    ("inline", "iot_all_sims", "200", "integer", "No records were found"),
    ("inline", "iot_all_sims", "404", "integer", "No records were found"),
    ("inline", "iot_all_sims", "200", "integer", "Operation Failed"),
    ("inline", "org_info", "4000", "string", "Success"),
    ("notice", "standing_order", "0", "string", "Standing order created successfully"),
    ("notice", "standing_order", "1037", "string", "Error"),
    ("notice", "b2b_express", "0", "string", "The service request is processed successfully."),
    ("notice", "b2b_express", "4001", "string", "User cancelled transaction"),
    ("c2b", "c2b_simulate", "0", "string", "Accepted"),
    ("c2b", "c2b_simulate", "C2B00011", "string", "Invalid MSISDN"),
    ("c2b", "c2b_simulate", "C2B00012", "string", "Invalid Account Number"),
    ("c2b", "c2b_simulate", "C2B00013", "string", "Invalid Amount"),
    ("c2b", "c2b_simulate", "C2B00014", "string", "Invalid KYC Details"),
    ("c2b", "c2b_simulate", "C2B00015", "string", "Invalid Shortcode"),
    ("c2b", "c2b_simulate", "C2B00016", "string", "Other Error"),
]

CODES = {
    "standing_order": {"0", "1001", "1025", "1032", "1037", "1050", "1051", "2001", "3001"},
    "b2b_express": {"0", "4001", "4102", "4104", "4201", "4203", "1", "2001"},
    "bonga_redeem": {
        *("6000", "6001", "6004", "6005", "6006", "6007", "6008", "6009", "6011"),
        *("1037", "1031", "2001", "17"),
    },
}


class TestResults:
    @every(RESULTS)
    def test_a_result_has_exactly_the_known_texts(self, code):
        (row,) = catalogue().lookup(code, "result")
        assert set(row.texts) == RESULTS[code] or (not RESULTS[code] and row.source == "guessed")

    def test_there_are_no_others(self):
        assert {row.code for row in ROWS if row.surface == "result"} == set(RESULTS)

    @pytest.mark.parametrize(
        ("code", "style", "text"),
        [
            ("2040", "observed", "can't be supported by the service ."),
            ("2040", "documented", "can't be supported by the service."),
            ("8006", "observed", "The security credential is locked."),
            ("8006", "documented", "The security credential is locked"),
            ("26", "observed", "System busy. The service request is rejected."),
            ("26", "documented", "Traffic blocking condition in place"),
            ("0", "legacy", "The service request has been accepted successfully."),
            ("2", "documented", LIMIT),
        ],
    )
    def test_text_by_style(self, code, style, text):
        assert catalogue().coded("result", code).text_in(style).endswith(text)


class TestAnswers:
    @pytest.mark.parametrize(("code", "status", "text"), ANSWERS)
    def test_an_answer_has_the_known_text(self, code, status, text):
        rows = catalogue().lookup(code, "http")
        assert len([row for row in rows if (row.text, row.http_status) == (text, status)]) == 1

    def test_the_portal_says_only_bad_request_of_a_field_of_c2b(self):
        rows = catalogue().lookup("400.003.02", "http")
        assert {row.text_in("documented") for row in rows} == {"Bad Request"}

    @pytest.mark.parametrize("field", COMMAND_FIELDS)
    def test_the_portal_prints_a_dash_and_a_period(self, field):
        found = [
            row
            for row in catalogue().lookup("400.002.02", "http")
            if row.text_in("documented") == f"Bad Request \N{EN DASH} Invalid {field}."
        ]
        assert len(found) == 1

    @pytest.mark.parametrize(
        ("key", "status", "start", "part"),
        [
            ("apigee-spike-arrest", 429, '{"fault":', "policies.ratelimit.SpikeArrestViolation"),
            ("soap-fault", 500, "<?xml", "<faultcode>SOAP-ENV:Server</faultcode>"),
            ("soap-fault", 500, "<?xml", "<faultstring>Internal Error</faultstring>"),
            ("soap-fault-json", 500, '{"Envelope":', "ResponseCode 409 is treated as error"),
            ("unavailable-page", 503, "<html>", "503"),
        ],
    )
    def test_what_stands_in_front_of_daraja(self, key, status, start, part):
        row = catalogue().by_key(key)
        assert (row.code, row.http_status) == ("", status)
        assert row.text.startswith(start)
        assert part in row.text


class TestOwnCodes:
    @pytest.mark.parametrize(("surface", "operation", "code", "json_type", "text"), OTHERS)
    def test_a_code_of_a_product_s_own(self, surface, operation, code, json_type, text):
        found = [
            row
            for row in catalogue().lookup(code, surface)
            if (row.operation, row.json_type, row.text) == (operation, json_type, text)
        ]
        assert len(found) == 1

    @pytest.mark.parametrize("operation", CODES)
    def test_all_codes_of_a_product(self, operation):
        found = {row.code for row in ROWS if row.operation == operation and row.json_type}
        accepted = {row.code for row in ROWS if row.operation == operation and not row.reproduce}
        refused = {"400", "401", "500"}
        assert found - accepted - refused == CODES[operation] - accepted

    def test_every_refusal_of_bill_manager_is_409_on_http_200(self):
        rows = [row for row in ROWS if row.surface == "inline" and row.key.startswith("bills-")]
        refusals = [row for row in rows if row.key != "bills-ok"]
        assert {(row.code, row.json_type, row.http_status) for row in refusals} == {
            ("409", "string", 200)
        }
