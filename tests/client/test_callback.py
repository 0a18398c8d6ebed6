import copy
import json
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from mpesa_pochi.callback import (
    LARGEST,
    ExpectedPayment,
    StkCallback,
    check_callback,
    parse_callback,
)
from mpesa_pochi.clock import NAIROBI
from mpesa_pochi.codes import catalogue
from mpesa_pochi.errors import CallbackRefused, RefusalReason
from mpesa_pochi.outcome import PaymentState

CHECKOUT = "ws_CO_111020261405093708374149"
MERCHANT = "ab12-4c3d-9e8f-0a1b2c3d4e5f734512"
SUCCESS = b"""{"Body": {"stkCallback": {
  "MerchantRequestID": "ab12-4c3d-9e8f-0a1b2c3d4e5f734512",
  "CheckoutRequestID": "ws_CO_111020261405093708374149",
  "ResultCode": 0,
  "ResultDesc": "The service request is processed successfully.",
  "CallbackMetadata": {"Item": [
    {"Name": "Amount", "Value": 1.00},
    {"Name": "MpesaReceiptNumber", "Value": "UJB5Q7X2KD"},
    {"Name": "Balance"},
    {"Name": "TransactionDate", "Value": 20261011140526},
    {"Name": "PhoneNumber", "Value": 254708374149}]}}}}"""
FAILURE = (
    b'{"Body": {"stkCallback": {"MerchantRequestID": "29115-34620561-1", "CheckoutRequestID":'
    b' "ws_CO_DMZ_123456789_04112019140509123", "ResultCode": 1032,'
    b' "ResultDesc": "Request cancelled by user"}}}'
)
ASKED = ExpectedPayment(
    amount=1,
    phone="254708374149",
    checkout_request_id=CHECKOUT,
    merchant_request_id=MERCHANT,
    asked_at=datetime(2026, 10, 11, 14, 5, 9, tzinfo=NAIROBI),
)


def changed(raw=SUCCESS, **changes):
    """The callback with fields replaced; a change to `...` leaves one out."""
    document = json.loads(raw)
    inner = document["Body"]["stkCallback"]
    inner.update(changes)
    for name in [name for name, value in changes.items() if value is ...]:
        del inner[name]
    return json.dumps(document).encode()


def reason(raw):
    with pytest.raises(CallbackRefused) as caught:
        parse_callback(raw)
    str(caught.value).encode()
    return caught.value.reason


# ------------------------------------------------------------------- what has been captured


def test_the_success_of_the_specification():
    assert parse_callback(SUCCESS) == StkCallback(
        merchant_request_id=MERCHANT,
        checkout_request_id=CHECKOUT,
        code="0",
        text="The service request is processed successfully.",
        amount=Decimal("1.00"),
        receipt="UJB5Q7X2KD",
        balance=None,
        paid_at=datetime(2026, 10, 11, 14, 5, 26, tzinfo=NAIROBI),
        phone="254708374149",
    )
    assert str(parse_callback(SUCCESS).amount) == "1.00"
    assert parse_callback(SUCCESS).paid
    assert parse_callback(SUCCESS).state is PaymentState.PAID


def test_the_failure_of_the_specification():
    callback = parse_callback(FAILURE)
    assert callback == StkCallback(
        merchant_request_id="29115-34620561-1",
        checkout_request_id="ws_CO_DMZ_123456789_04112019140509123",
        code="1032",
        text="Request cancelled by user",
    )
    assert callback.state is PaymentState.FAILED
    assert not callback.paid


@pytest.mark.parametrize(
    "row",
    [row for row in catalogue().rows if row.surface == "stk" and row.terminal and row.code != "0"],
    ids=lambda row: row.key,
)
def test_each_terminal_code_in_its_json_type(row):
    code = int(row.code) if row.json_type == "integer" else row.code
    callback = parse_callback(changed(FAILURE, ResultCode=code, ResultDesc=row.text))
    assert (callback.code, callback.text) == (row.code, row.text)


@pytest.mark.parametrize("code", ["E3008", "SFC_IC0003", "1032", "0"])
def test_codes_may_be_strings(code):
    assert parse_callback(changed(ResultCode=code)).code == code


@pytest.mark.parametrize(
    "checkout",
    [
        "ws_CO_04112017140509123",
        "ws_CO_DMZ_1234567890_04112019140509123",
        "ws_CO_041120201405091234",
        "ws_CO_04112020140509123456",
        "ws_CO_04112023140509123708374149",
        CHECKOUT,
    ],
)
@pytest.mark.parametrize("merchant", ["29115-34620561-1", "5309-123456789-4", MERCHANT])
def test_ids_of_every_era(checkout, merchant):
    callback = parse_callback(changed(CheckoutRequestID=checkout, MerchantRequestID=merchant))
    assert (callback.checkout_request_id, callback.merchant_request_id) == (checkout, merchant)


def test_extra_keys_and_an_absent_text_are_no_trouble():
    assert parse_callback(changed(Extra={"a": [1]}, ResultDesc=...)).text == ""
    assert parse_callback(changed(FAILURE, CallbackMetadata=None)).code == "1032"
    assert parse_callback(changed(FAILURE, CallbackMetadata={"Item": []})).amount is None


# ------------------------------------------------------------------------- named refusals


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (b"", RefusalReason.NOT_JSON),
        (b"hello", RefusalReason.NOT_JSON),
        (SUCCESS[:200], RefusalReason.NOT_JSON),
        (SUCCESS + b"x", RefusalReason.NOT_JSON),
        (SUCCESS.replace(b"UJB5", b"\xff\xfe\xfd\xfc"), RefusalReason.NOT_UTF8),
        (b" " * (LARGEST + 1), RefusalReason.TOO_LARGE),
        (b"[" * 1000, RefusalReason.TOO_DEEP),
        (SUCCESS.replace(b"1.00", b"NaN"), RefusalReason.BAD_NUMBER),
        (SUCCESS.replace(b"1.00", b"1e400"), RefusalReason.BAD_NUMBER),
        (SUCCESS.replace(b"254708374149}", b"9" * 5000 + b"}"), RefusalReason.BAD_NUMBER),
        (
            SUCCESS.replace(b'"ResultCode": 0,', b'"ResultCode": 0, "ResultCode": 1032,'),
            RefusalReason.DUPLICATE_KEY,
        ),
        (b"[]", RefusalReason.WRONG_SHAPE),
        (b"null", RefusalReason.WRONG_SHAPE),
        (b"{}", RefusalReason.WRONG_SHAPE),
        (b'{"Body": []}', RefusalReason.WRONG_SHAPE),
        (b'{"body": {"stkCallback": {}}}', RefusalReason.WRONG_SHAPE),
        (b'{"Body": {"StkCallback": {}}}', RefusalReason.WRONG_SHAPE),
        (b'{"Body": {"stkCallback": []}}', RefusalReason.WRONG_SHAPE),
        (b'{"Body": {"stkCallback": {}}}', RefusalReason.MISSING_FIELD),
        (changed(MerchantRequestID=...), RefusalReason.MISSING_FIELD),
        (changed(CheckoutRequestID=None), RefusalReason.MISSING_FIELD),
        (changed(ResultCode=...), RefusalReason.MISSING_FIELD),
        (changed(CallbackMetadata=...), RefusalReason.MISSING_FIELD),
        (changed(CheckoutRequestID=7), RefusalReason.WRONG_TYPE),
        (changed(CheckoutRequestID=[CHECKOUT]), RefusalReason.WRONG_TYPE),
        (changed(ResultCode=False), RefusalReason.WRONG_TYPE),
        (changed(ResultCode=0.0), RefusalReason.WRONG_TYPE),
        (changed(ResultCode=[0]), RefusalReason.WRONG_TYPE),
        (changed(ResultDesc=7), RefusalReason.WRONG_TYPE),
        (changed(CheckoutRequestID=""), RefusalReason.WRONG_VALUE),
        (changed(CheckoutRequestID="a b"), RefusalReason.WRONG_VALUE),
        (changed(CheckoutRequestID="ws_CO_\ud800"), RefusalReason.WRONG_VALUE),
        (changed(CheckoutRequestID="a" * 101), RefusalReason.WRONG_VALUE),
        (changed(ResultCode=-1), RefusalReason.WRONG_VALUE),
        (changed(ResultCode="00"), RefusalReason.WRONG_VALUE),
        (changed(ResultCode=""), RefusalReason.WRONG_VALUE),
        (changed(ResultCode=" 0"), RefusalReason.WRONG_VALUE),
        (changed(ResultCode="0\n"), RefusalReason.WRONG_VALUE),
        (changed(ResultCode="\u0660"), RefusalReason.WRONG_VALUE),
        (changed(ResultDesc="half \ud800"), RefusalReason.WRONG_VALUE),
        (changed(ResultDesc="a\x00b"), RefusalReason.WRONG_VALUE),
        (changed(ResultDesc="a" * 1001), RefusalReason.WRONG_VALUE),
        (changed(ResultCode=4999), RefusalReason.NOT_TERMINAL),
        (changed(ResultCode=1101), RefusalReason.NOT_TERMINAL),
        (changed(ResultCode="4999"), RefusalReason.NOT_TERMINAL),
    ],
)
def test_each_refusal_has_its_name(raw, expected):
    assert reason(raw) is expected


def test_a_code_nobody_has_seen_ends_the_payment_all_the_same():
    assert parse_callback(changed(FAILURE, ResultCode=7777)).state is PaymentState.FAILED


# ---------------------------------------------------------------- against what was asked for


def refused(callback, expected, receipts=()):
    with pytest.raises(CallbackRefused) as caught:
        check_callback(callback, expected, receipts=receipts)
    return caught.value.reason


PAID = parse_callback(SUCCESS)
FAILED = replace(
    parse_callback(FAILURE), checkout_request_id=CHECKOUT, merchant_request_id=MERCHANT
)


def test_the_payment_that_was_asked_for_passes():
    check_callback(PAID, ASKED)
    check_callback(FAILED, ASKED)
    check_callback(replace(PAID, amount=Decimal(1)), replace(ASKED, amount=Decimal("1.0")))


def test_what_is_not_known_is_not_checked():
    lost = replace(ASKED, checkout_request_id=None, merchant_request_id=None, asked_at=None)
    check_callback(PAID, lost)


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"checkout_request_id": "ws_CO_other"}, RefusalReason.WRONG_CHECKOUT_ID),
        ({"merchant_request_id": "1-2-3"}, RefusalReason.WRONG_MERCHANT_ID),
        ({"amount": Decimal("1.01")}, RefusalReason.WRONG_AMOUNT),
        ({"amount": Decimal(100)}, RefusalReason.WRONG_AMOUNT),
        ({"amount": None}, RefusalReason.WRONG_AMOUNT),
        ({"phone": "254708374148"}, RefusalReason.WRONG_PHONE),
        ({"phone": "2547*****148"}, RefusalReason.WRONG_PHONE),
        ({"phone": "2541*****149"}, RefusalReason.WRONG_PHONE),
        ({"phone": None}, RefusalReason.WRONG_PHONE),
        ({"paid_at": ASKED.asked_at - timedelta(days=1)}, RefusalReason.STALE),
    ],
)
def test_another_payments_callback_is_refused(change, expected):
    assert refused(replace(PAID, **change), ASKED) is expected


def test_a_masked_phone_is_compared_where_it_can_be():
    check_callback(replace(PAID, phone="2547*****149"), ASKED)


def test_clocks_may_differ_a_little():
    check_callback(replace(PAID, paid_at=ASKED.asked_at - timedelta(minutes=5)), ASKED)


def test_a_failure_is_bound_by_its_ids_alone():
    assert refused(replace(FAILED, checkout_request_id="ws_CO_x"), ASKED) is (
        RefusalReason.WRONG_CHECKOUT_ID
    )


@pytest.mark.parametrize(
    ("callback", "code", "receipt", "expected"),
    [
        (PAID, "0", "UJB5Q7X2KD", RefusalReason.REPLAYED),
        (PAID, "0", None, RefusalReason.REPLAYED),
        (FAILED, "1032", None, RefusalReason.REPLAYED),
        (PAID, "1032", None, RefusalReason.CONTRADICTED),
        (FAILED, "0", "UJB5Q7X2KD", RefusalReason.CONTRADICTED),
        (FAILED, "1037", None, RefusalReason.CONTRADICTED),
        (PAID, "0", "UJB5Q7X2KE", RefusalReason.CONTRADICTED),
    ],
)
def test_a_payment_is_settled_once(callback, code, receipt, expected):
    settled = replace(ASKED, settled_code=code, settled_receipt=receipt)
    assert refused(callback, settled) is expected


def test_a_receipt_pays_for_one_thing():
    assert refused(PAID, ASKED, receipts={"UJB5Q7X2KD"}) is RefusalReason.RECEIPT_REUSED
    check_callback(PAID, ASKED, receipts={"UJB5Q7X2KE"})
    check_callback(FAILED, ASKED, receipts={"UJB5Q7X2KD"})


# ------------------------------------------------------------------------------------ laws

IDS = st.from_regex(r"[!-~]{1,40}", fullmatch=True)
AMOUNTS = st.one_of(
    st.integers(1, 250_000),
    st.integers(1, 250_000).map(lambda amount: Decimal(f"{amount}.00")),
    st.integers(1, 250_000).map(lambda amount: f"{amount}.00"),
)
RECEIPTS = st.from_regex(r"[A-Z0-9]{10}", fullmatch=True)
PHONES = st.from_regex(r"254[17][0-9]{8}", fullmatch=True)
DATES = st.datetimes(datetime(2017, 1, 1), datetime(2099, 12, 31)).map(
    lambda moment: moment.strftime("%Y%m%d%H%M%S")
)
NUMERIC = st.sampled_from([int, str])


@st.composite
def valid(draw):
    """A success as some Daraja of the last ten years might write it: (document, truth)."""
    amount, receipt, phone, date = (
        draw(AMOUNTS),
        draw(RECEIPTS),
        draw(PHONES),
        draw(DATES),
    )
    items = [
        {"Name": "Amount", "Value": amount},
        {"Name": "MpesaReceiptNumber", "Value": receipt},
        {"Name": "TransactionDate", "Value": draw(NUMERIC)(date)},
        {"Name": "PhoneNumber", "Value": draw(NUMERIC)(phone)},
        *draw(st.sampled_from([[], [{"Name": "Balance"}], [{"Name": "Balance", "Value": 5}]])),
        *draw(st.sampled_from([[], [{"Name": "Extra", "Value": "x"}], [{"Name": "Extra"}]])),
    ]
    inner = {
        "MerchantRequestID": draw(IDS),
        "CheckoutRequestID": draw(IDS),
        "ResultCode": draw(st.sampled_from([0, "0"])),
        "ResultDesc": "The service request is processed successfully.",
        "CallbackMetadata": {"Item": draw(st.permutations(items))},
    }
    inner = dict(draw(st.permutations(list(inner.items()))))
    truth = (inner["CheckoutRequestID"], Decimal(amount), receipt, phone, date)
    return {"Body": {"stkCallback": inner}}, truth


def written(document):
    """JSON with Decimals as numbers, two places kept."""
    marks = {}

    def mark(value):
        marks[f"@{len(marks)}@"] = str(value)
        return f"@{len(marks) - 1}@"

    text = json.dumps(document, default=mark)
    for name, number in marks.items():
        text = text.replace(f'"{name}"', number)
    return text.encode()


@given(valid())
def test_every_valid_callback_is_read_to_the_letter(case):
    document, (checkout, amount, receipt, phone, date) = case
    callback = parse_callback(written(document))
    assert callback.checkout_request_id == checkout
    assert (callback.amount, callback.receipt, callback.phone) == (amount, receipt, phone)
    assert isinstance(callback.amount, Decimal)
    assert callback.paid_at.strftime("%Y%m%d%H%M%S") == date
    expected = ExpectedPayment(
        amount=int(amount),
        phone=phone,
        checkout_request_id=checkout,
        merchant_request_id=callback.merchant_request_id,
        asked_at=callback.paid_at - timedelta(seconds=20),
    )
    check_callback(callback, expected)
    settled = replace(expected, settled_code=callback.code, settled_receipt=callback.receipt)
    assert refused(callback, settled) is RefusalReason.REPLAYED


def places(value, path=()):
    """Every place in a JSON value, as a path."""
    yield path
    if isinstance(value, dict | list):
        inner = value.items() if isinstance(value, dict) else enumerate(value)
        for key, item in list(inner):
            yield from places(item, (*path, key))


JUNK = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=20),
    st.lists(st.integers(), max_size=3),
    st.dictionaries(st.text(max_size=5), st.integers(), max_size=3),
    st.sampled_from(["0", 0, 0.0, -0.0, "1e5", 10**40, "NaN", "254722000000", "0x10", "\ud800"]),
)


@st.composite
def mutated(draw):
    """A valid callback with one to three places replaced, removed or doubled."""
    document = copy.deepcopy(draw(valid())[0])
    for _ in range(draw(st.integers(1, 3))):
        path = draw(st.sampled_from([place for place in places(document) if place]))
        holder = document
        for key in path[:-1]:
            holder = holder[key]
        action = draw(st.sampled_from(["replace", "remove", "double"]))
        if action == "replace":
            holder[path[-1]] = draw(JUNK)
        elif action == "remove":
            del holder[path[-1]]
        elif isinstance(holder, list):
            holder.append(copy.deepcopy(holder[path[-1]]))
        else:
            holder[f"{path[-1]}2"] = copy.deepcopy(holder[path[-1]])
        if not [place for place in places(document) if place]:
            break
    return written(document)


def judged(raw):
    """The result, if it is sound, or the reason. Anything else fails."""
    try:
        callback = parse_callback(raw)
    except CallbackRefused as error:
        str(error).encode()
        return error.reason
    for text in (callback.checkout_request_id, callback.merchant_request_id, callback.code):
        assert text.isascii()
        assert text
    callback.text.encode()
    assert callback.code not in {"4999", "1101"}
    if callback.paid:
        assert 0 < callback.amount < 10**12
        assert callback.receipt.isalnum()
        assert callback.paid_at.utcoffset() == timedelta(hours=3)
        assert callback.phone.startswith("254")
    else:
        assert callback.amount is callback.receipt is callback.phone is None
    return callback


@given(mutated())
def test_a_mutated_callback_is_a_sound_result_or_a_named_reason(raw):
    assert isinstance(judged(raw), StkCallback | RefusalReason)


@given(st.binary(max_size=400))
@example(b"\xff")
@example(b'{"Body":' * 200)
def test_any_bytes_are_a_named_reason(raw):
    assert isinstance(judged(raw), RefusalReason)


@given(st.integers(0, len(SUCCESS) - 1), st.binary(min_size=1, max_size=3))
def test_bytes_overwritten_on_the_way_are_no_other_error(place, noise):
    raw = SUCCESS[:place] + noise + SUCCESS[place + len(noise) :]
    assert isinstance(judged(raw), StkCallback | RefusalReason)


@given(st.integers(0, len(SUCCESS) - 1))
def test_a_truncated_callback_is_refused(length):
    assert judged(SUCCESS[:length]) is RefusalReason.NOT_JSON


@given(
    st.recursive(
        JUNK,
        lambda inner: (
            st.dictionaries(
                st.sampled_from(["Body", "stkCallback", "ResultCode", "CallbackMetadata", "Item"]),
                inner,
                max_size=4,
            )
            | st.lists(inner, max_size=3)
        ),
        max_leaves=12,
    )
)
def test_any_json_is_a_named_reason(value):
    assert isinstance(judged(json.dumps(value).encode()), RefusalReason)


@given(valid(), AMOUNTS, PHONES, IDS)
def test_a_forged_callback_is_never_applied(case, amount, phone, checkout):
    """Whoever guesses must guess id, amount and phone."""
    document, (real_checkout, real_amount, _, real_phone, _) = case
    assume((Decimal(amount), phone, checkout) != (real_amount, real_phone, real_checkout))
    expected = ExpectedPayment(amount=Decimal(amount), phone=phone, checkout_request_id=checkout)
    found = refused(parse_callback(written(document)), expected)
    assert found in {
        RefusalReason.WRONG_CHECKOUT_ID,
        RefusalReason.WRONG_AMOUNT,
        RefusalReason.WRONG_PHONE,
    }
