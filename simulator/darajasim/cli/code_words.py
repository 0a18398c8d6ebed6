"""What the sheets of codes say in words: where a code stands, how to get it, what to do again."""

from collections.abc import Mapping

from darajasim.core.catalogue import Row

QUOTES = '""'
UNCHANGED = "any valid request"

HEADINGS = {
    "stk": "M-Pesa Express results (ResultCode, in the callback and in the query)",
    "result": (
        "Results of commands (ResultCode, in the Result callback of B2C, Pochi, B2B, tax, balance, "
        "status and reversal)"
    ),
    "notice": "Results of standing orders and of B2B Express (in their own callbacks)",
    "c2b": "Replies to a C2B validation (ResultCode, from the merchant to M-PESA)",
    "inline": "Codes in a product's own answer (no error envelope)",
    "http": "Answers to a request (errorCode, or what stands in front of Daraja)",
}

RETRY_WORDS = {
    "never": "no: the same request will not do better",
    "now": "yes, at once",
    "later": "yes, after a pause",
    "ask": "ask the customer first, then send it again",
}

SOURCE_WORDS = {
    "documented": "documented by Safaricom; no capture confirms it",
    "seen": "captured in real traffic",
    "seen-once": "from one report that nothing else confirms",
    "guessed": "guessed, at least in part: no source has both code and text",
}

OPERATION_WORDS = {
    "oauth": "a token request",
    "stk_push": "a push",
    "stk_query": "a query",
    "c2b_register": "a C2B registration",
    "c2b_simulate": "a simulated C2B payment",
    "b2c_payment": "a B2C payment",
    "b2pochi_payment": "a payment to a Pochi",
    "b2b_payment": "a B2B payment",
    "tax_remittance": "a tax remittance",
    "account_balance": "a balance query",
    "transaction_status": "a status query",
    "reversal": "a reversal",
    "dynamic_qr": "a QR request",
    "standing_order": "a standing order",
    "b2b_express": "a B2B Express request",
    "pull_register": "a Pull registration",
    "pull_query": "a Pull query",
    "bills_optin": "a Bill Manager opt-in",
    "bills_change_optin": "a change of a Bill Manager opt-in",
    "bills_single_invoice": "an invoice",
    "bills_bulk_invoice": "a list of invoices",
    "bills_cancel_invoice": "the cancelling of an invoice",
    "bills_cancel_invoices": "the cancelling of invoices",
    "bills_change_invoice": "a change of an invoice",
    "bills_change_invoices": "a change of invoices",
    "bills_reconciliation": "a Bill Manager reconciliation",
    "imsi_check": "an IMSI check",
    "swap_check": "a Swap check",
    "iot_all_sims": "a list of IoT SIMs",
    "bonga_calculate": "a calculation of Bonga points",
    "bonga_redeem": "a payment with Bonga points",
}
"""Requests that have a better name than their operation's; a product needs no row here."""

_CODE_FIELDS: Mapping[str, str] = {
    "dynamic_qr": "ResponseCode",
    "standing_order": "responseCode",
    "b2b_express": "code",
    "pull_register": "Response Status",
    "imsi_check": "responseCode",
    "swap_check": "responseCode",
    "bills": "rescode",
    "iot": "header.responseCode",
    "bonga": "header.responseCode",
}
"""Where a product's own answer has its code, by operation or product; elsewhere ResponseCode."""

_NOTICE_FIELDS: Mapping[str, str] = {"standing_order": "responseCode", "b2b_express": "resultCode"}

_GOOD_INLINE = frozenset({"0", "00", "200", "1000", "1001", "4000", "6000"})
"""Codes within products' own answers that say yes."""
_GOOD = frozenset({"result-ok", "ratiba-created", "b2b-express-paid", "c2b-accepted"})
"""Rows that say that all is well and yet have something to reproduce."""


def operation_words(name: str) -> str:
    """A request of an operation, with its article."""
    words = OPERATION_WORDS.get(name)
    if words is None:
        words = f"a call of {name.replace('_', ' ')}"
    return words


def magic_text(row: Row) -> str:
    """The magic field and value, as `PhoneNumber=254700001032`."""
    pairs = " ".join(f"{name}={value or QUOTES}" for name, value in row.reproduce.items())
    return pairs or UNCHANGED


def short_text(row: Row, limit: int = 100) -> str:
    """The default text on one line, cut where it is long."""
    if not row.text:
        return "(empty)"
    return row.text if len(row.text) <= limit else f"{row.text[: limit - 1]}…"


def retry_words(row: Row) -> str:
    """Whether to send the same again, in words."""
    if row.key == "paid":
        return "no: it is paid"
    if row.key in _GOOD or _says_yes(row):
        return "no: all is well"
    if row.surface == "c2b":
        return "nothing is sent again: the customer may pay anew"
    if row.surface == "stk" and row.retry == "ask":
        return "ask the customer first, then push again"
    return RETRY_WORDS[row.retry] if row.terminal else "no: it is not over; query again instead"


def _says_yes(row: Row) -> bool:
    """Whether a product's own code means success: the plain answer, or a code that always does."""
    if row.surface != "inline":
        return False
    shared = row.json_type == "integer" and row.code == "200"
    return not row.reproduce or (row.code in _GOOD_INLINE and not shared)


def answer_words(row: Row) -> str:
    """The HTTP status and what carries the code."""
    literal = row.code if row.json_type == "integer" else f'"{row.code}"'
    typed = f"{literal} ({row.json_type})"
    match row.surface:
        case "http":
            carried = f'errorCode "{row.code}" (string)' if row.code else _bare_words(row)
            return f"HTTP {row.http_status}, {carried}"
        case "inline":
            return f"HTTP {row.http_status}, {_code_field(row.operation)} {typed}"
        case "result":
            return f"ResultCode {typed} in the Result callback"
        case "notice":
            return f"{_NOTICE_FIELDS.get(row.operation, 'resultCode')} {typed} in the callback"
        case "c2b":
            return f"ResultCode {typed} in the merchant's answer to the validation"
    query = f'"{row.code}" in the query (HTTP {row.http_status})'
    if "callback" not in row.appears_in:
        return f"ResultCode {query}, never in a callback"
    return f"ResultCode {typed} in the callback, {query}"


def _bare_words(row: Row) -> str:
    if row.text.startswith("{"):
        return "no errorCode: the gateway's own JSON"
    return "no code, no JSON"


def _code_field(operation: str) -> str:
    product = operation.partition("_")[0]
    return _CODE_FIELDS.get(operation) or _CODE_FIELDS.get(product) or "ResponseCode"


def request_words(row: Row) -> str:
    """The request that brings this row, its magic fields as they stand in it."""
    words = operation_words(row.operation)
    if not row.reproduce:
        return f"{words}, as it should be"
    pairs = ", ".join(f'"{name}": "{value}"' for name, value in row.reproduce.items())
    fields = magic_text(row) if row.operation == "oauth" else pairs
    return f"{words} with {fields}{_AFTERWARDS.get(row.surface, '')}{_query_words(row)}"


def _query_words(row: Row) -> str:
    return "" if row.terminal else ", then a query"


_AFTERWARDS: Mapping[str, str] = {
    "result": "; every other command takes it too",
    "c2b": ", when /_sim/inbox of the simulator is the registered ValidationURL",
}
