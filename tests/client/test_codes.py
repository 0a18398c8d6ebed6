import pytest
from hypothesis import given
from hypothesis import strategies as st

from mpesa_pochi.codes import Catalogue, Retry, catalogue, letters, parse
from support.every import every

ROWS = catalogue().rows
HTTP = [row for row in ROWS if row.surface == "http" and row.code]
DUPLICATE = "duplicate-originator-conversation-id"
STK = [row for row in ROWS if row.surface == "stk"]


def by_key(row):
    return row.key


def test_the_catalogue_is_read_once():
    assert catalogue() is catalogue()


@every(ROWS, by_key)
def test_each_row_is_found_by_its_key_and_its_code(row):
    assert catalogue().by_key(row.key) is row
    assert row in catalogue().lookup(row.code, row.surface)
    assert isinstance(row.retry, Retry)
    assert row.meaning
    assert row.merchant


@every(STK, by_key)
def test_each_result_code_has_one_row(row):
    assert catalogue().result(row.code) is row


def own_texts(row):
    """The texts that no other row of the same code has: "Bad Request" alone names no field."""
    others = [other for other in catalogue().lookup(row.code, "http") if other is not row]
    taken = {letters(text) for other in others for text in other.texts}
    return [text for text in row.texts if letters(text) not in taken]


@every(HTTP, by_key)
def test_each_known_text_leads_to_its_row(row):
    for text in own_texts(row):
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
        ("500.003.1001", "Service is currently unreachable.", "service-unreachable"),
        ("401.002.01", "Error Occurred - Invalid Access Token - x", "command-invalid-access-token"),
        ("401.003.01", "", "c2b-invalid-access-token"),
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


def test_one_code_means_different_things_on_different_surfaces():
    found = [catalogue().result("2001", surface) for surface in ("stk", "result")]
    assert [row.key for row in found if row] == ["wrong-pin", "result-invalid-initiator"]
    assert catalogue().result("1032", "result") is None


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


MANY = """
[[code]]
key = "token"
code = "401.003.01"
surface = "http"
text = "Error - Invalid Access Token - {token}"
retry = "now"

[[code]]
key = "no-product"
code = "401.003.01"
surface = "http"
text = "Error - Invalid Access Token - no apiproduct match found"
retry = "never"

[[code]]
key = "shortcode"
code = "400.003.02"
surface = "http"
text = "Bad Request - Invalid ShortCode"
variants = { documented = "Bad Request" }
retry = "never"

[[code]]
key = "amount"
code = "400.003.02"
surface = "http"
text = "Bad Request - Invalid Amount"
variants = { documented = "Bad Request" }
retry = "never"

[[code]]
key = "invalid-access-token"
code = "404.001.03"
surface = "http"
text = "Invalid Access Token"
retry = "now"

[[code]]
key = "stk-1"
code = "1"
surface = "stk"
text = "no funds"
retry = "ask"

[[code]]
key = "result-1"
code = "1"
surface = "result"
text = "no funds"
retry = "later"
"""


@pytest.mark.parametrize(
    ("code", "text", "key"),
    [
        ("401.003.01", "Error - Invalid Access Token - Qx7LmZ2vB9rTn4Kd", "token"),
        ("401.003.01", "Error - Invalid Access Token - ", "token"),
        ("401.003.01", "Error - Invalid Access Token - No apiproduct match found.", "no-product"),
        ("401.003.01", "", "token"),
        ("400.003.02", "Bad Request - Invalid Amount", "amount"),
        ("400.003.02", "Bad Request", None),
        ("400.003.02", "", None),
        ("401.777", "whatever", "invalid-access-token"),
        ("401", "", "invalid-access-token"),
        ("400.777", "Invalid Access Token", "invalid-access-token"),
        ("400.777", "Invalid Shoe", None),
    ],
)
def test_texts_with_gaps_and_texts_that_are_shared(code, text, key):
    found = parse(MANY).answer(status=int(code[:3]), code=code, text=text)
    assert (found.key if found else None) == key


def test_one_result_code_has_a_meaning_on_each_surface():
    known = parse(MANY)
    assert known.result("1").key == "stk-1"
    assert known.result("1", "result").key == "result-1"
    assert known.result("1", "c2b") is None
