import pytest
from hypothesis import given
from hypothesis import strategies as st

from mpesa_pochi.codes import Catalogue, Retry, catalogue, parse

ROWS = catalogue().rows
HTTP = [row for row in ROWS if row.surface == "http" and row.code]
STK = [row for row in ROWS if row.surface == "stk"]


def by_key(row):
    return row.key


def test_the_catalogue_is_read_once():
    assert catalogue() is catalogue()


@pytest.mark.parametrize("row", ROWS, ids=by_key)
def test_each_row_is_found_by_its_key_and_its_code(row):
    assert catalogue().by_key(row.key) is row
    assert row in catalogue().lookup(row.code, row.surface)
    assert isinstance(row.retry, Retry)
    assert row.meaning
    assert row.merchant


@pytest.mark.parametrize("row", STK, ids=by_key)
def test_each_result_code_has_one_row(row):
    assert catalogue().result(row.code) is row


@pytest.mark.parametrize("row", HTTP, ids=by_key)
def test_each_known_text_leads_to_its_row(row):
    for text in row.texts:
        for form in (text, text.upper(), f"{text}.", text.replace(" - ", " \u2013 "), f" {text}  "):
            found = catalogue().answer(status=row.http_status, code=row.code, text=form)
            assert found is row, form


def test_500_001_1001_has_seven_meanings():
    assert len(catalogue().lookup("500.001.1001", "http")) == 7


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("[MerchantValidate] - Wrong credentials", "wrong-credentials"),
        ("This transaction does not exist", "transaction-does-not-exist"),
        ("Error: The transaction is being processed, wait", "being-processed"),
        ("Merchant does not exist!", "merchant-does-not-exist"),
        ("Unable to lock subscriber", "subscriber-lock"),
        ("Something that nobody has seen", "internal-error"),
        ("", "internal-error"),
    ],
)
def test_its_meanings_are_told_apart_by_text(text, key):
    assert catalogue().answer(status=500, code="500.001.1001", text=text).key == key


def test_with_no_text_the_status_tells_in_flight_from_a_fault():
    found = catalogue().answer(status=200, code="500.001.1001", text="")
    assert found.key == "in-flight-empty"


@pytest.mark.parametrize(
    ("code", "text", "key"),
    [
        ("400.002.02", "Bad Request - Invalid Party B", "invalid-party-b"),
        ("400.002.02", "Bad Request \u2013 Invalid Amount.", "invalid-amount"),
        ("405.001", "DELETE Method Not Allowed", "method-not-allowed"),
        ("500.003.02", "Error Occured: Spike Arrest Violation", "spike-arrest"),
        ("500.003.02", "System is busy", "gateway-busy"),
        ("500.003.02", "nobody knows", "spike-arrest"),
        ("500.003.1001", "Service is currently unreachable.", "server-fault"),
        ("401.002.01", "Error Occurred - Invalid Access Token - x", "invalid-access-token"),
        ("401.003.01", "", "invalid-access-token"),
    ],
)
def test_other_wordings(code, text, key):
    assert catalogue().answer(status=int(code[:3]), code=code, text=text).key == key


def test_what_nobody_has_seen_has_no_row():
    assert catalogue().answer(status=418, code="418.001", text="teapot") is None
    field = "Bad Request - Invalid Shoe"
    assert catalogue().answer(status=400, code="400.002.02", text=field) is None
    assert catalogue().result("7777") is None
    assert catalogue().lookup("7777", "stk") == ()
    with pytest.raises(KeyError):
        catalogue().by_key("nonsense")


@given(st.integers(100, 599), st.sampled_from(sorted({row.code for row in ROWS})), st.text())
def test_any_text_finds_a_row_of_the_code_or_none(status, code, text):
    found = catalogue().answer(status=status, code=code, text=text)
    assert found is None or found.code == code


ONE = '[[code]]\nkey = "a"\ncode = "1"\nsurface = "stk"\ntext = "x"\nretry = "never"\n'


def test_a_key_names_one_row():
    assert isinstance(parse(ONE), Catalogue)
    with pytest.raises(ValueError, match="a name several"):
        parse(ONE + ONE)


def test_a_wrong_retry_is_refused():
    with pytest.raises(ValueError, match="sometimes"):
        parse(ONE.replace("never", "sometimes"))
