from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from darajasim.core.clock import nairobi
from darajasim.scenarios import scalars
from darajasim.scenarios.complaint import Unfit
from darajasim.scenarios.nodes import Scalar, resolve
from darajasim.scenarios.source import Place


def leaf(text, *, quoted=False):
    return Scalar(text, text if quoted else resolve(text), Place(1, 1), quoted=quoted)


def complaint(reader, raw):
    with pytest.raises(Unfit) as caught:
        reader(raw if isinstance(raw, list | dict | Scalar) else leaf(raw))
    (found,) = caught.value.complaints
    return found


@pytest.mark.parametrize(
    ("text", "cents"),
    [
        ("0", 0),
        ("1", 100),
        ("1000", 100_000),
        ("99.50", 9_950),
        ("0.05", 5),
        ("9" * 12, 10**14 - 100),
    ],
)
def test_money_in_cents(text, cents):
    assert scalars.cents(leaf(text)) == cents


@given(st.decimals(0, 10**9, places=2))
def test_every_amount_with_two_decimals(amount):
    assert scalars.cents(leaf(f"{amount:.2f}")) == int(amount * Decimal(100))


@pytest.mark.parametrize(
    ("text", "advice"),
    [
        ("1,000", "write 1000"),
        ("KES 100", "write 100"),
        ("Ksh. 1_000.50", "write 1000.50"),
        ("100/=", "write 100"),
        ("10.5", "write 10.50"),
        ("-1", ""),
        ("1.234", ""),
        ("many", ""),
    ],
)
def test_no_money(text, advice):
    assert complaint(scalars.cents, text).advice == advice


def test_shillings_are_whole():
    assert scalars.shillings(leaf("100")) == 100
    assert scalars.shillings(leaf("0100")) == 100
    assert complaint(scalars.shillings, "99.50").advice == "M-Pesa Express takes no cents"


@pytest.mark.parametrize("written", ["0722000000", "722000000", "254722000000", "+254722000000"])
def test_phones_become_msisdns(written):
    assert scalars.phone(leaf(written)) == "254722000000"


@pytest.mark.parametrize("written", ["0722-000-000", "(0722) 000 000", "+254 722 000.000"])
def test_separators_are_refused_with_the_number_to_write(written):
    advice = complaint(scalars.phone, written).advice
    assert advice in ("write 0722000000", "write +254722000000")


@pytest.mark.parametrize("text", ["a", "customer-cancels", "c2b-1", "1"])
def test_slugs(text):
    assert scalars.slug(leaf(text)) == text


@pytest.mark.parametrize(
    ("text", "advice"),
    [("Two Words", "did you mean `two-words`?"), ("a--b", "did you mean `a-b`?"), ("ß", "")],
)
def test_no_slugs(text, advice):
    assert complaint(scalars.slug, text).advice == advice


def test_flags_are_true_or_false():
    assert scalars.flag(leaf("true")) is True
    assert scalars.flag(leaf("false")) is False


@pytest.mark.parametrize(("text", "word"), [("yes", "true"), ("NO", "false"), ("on", "true")])
def test_other_words_for_flags_are_explained(text, word):
    assert complaint(scalars.flag, text).advice == f"write {word}, without quotes"


def test_a_quoted_flag_is_text():
    assert complaint(scalars.flag, leaf("true", quoted=True)).advice == "write true, without quotes"


def test_whole_numbers_have_bounds():
    read = scalars.whole(1, 10)
    assert [read(leaf(text)) for text in ("1", "10")] == [1, 10]
    assert complaint(read, "0").message == "this number is too small"
    assert complaint(read, "11").message == "this number is too large"
    assert complaint(read, "1.0").message == "this is not a whole number"
    assert complaint(read, "9" * 30).message == "this is not a whole number"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("2026-03-02 09:00:00", "2026-03-02 09:00:00"),
        ("2026-03-02T09:30", "2026-03-02 09:30:00"),
        ("2026-03-02", "2026-03-02 00:00:00"),
    ],
)
def test_moments_are_nairobi_time(text, shown):
    assert f"{nairobi(scalars.moment(leaf(text))):%Y-%m-%d %H:%M:%S}" == shown


@pytest.mark.parametrize(
    "text", ["2026-02-30", "2026-03-02 25:00", "1999-01-01", "now", "2026-03-02 09:00:00+03:00"]
)
def test_no_moments(text):
    assert complaint(scalars.moment, text).message == "this is not a date and time"


@pytest.mark.parametrize("reader", [scalars.text, scalars.cents, scalars.phone, scalars.seconds])
@pytest.mark.parametrize("raw", ["", "null", [], {}, [leaf("1")]])
def test_nothing_and_collections_are_no_values(reader, raw):
    found = complaint(reader, raw)
    assert found.expected
    assert found.found


def test_an_empty_text_is_none_but_an_empty_body_is_one():
    assert complaint(scalars.text, leaf("  ", quoted=True)).message == "the text is empty"
    assert scalars.any_text(leaf("", quoted=True)) == ""


def test_an_unknown_placeholder_brings_no_second_complaint():
    unknown = Scalar("${x}", "${x}", Place(1, 1), unknown=True)
    for reader in (scalars.text, scalars.cents, scalars.phone, scalars.choice("word", "a", "b")):
        with pytest.raises(Unfit) as caught:
            reader(unknown)
        assert caught.value.complaints == ()


def test_calls_are_a_number_or_a_list():
    assert scalars.calls(leaf("2")) == {2}
    assert scalars.calls([leaf("1"), leaf("3"), leaf("1")]) == {1, 3}
    assert complaint(scalars.calls, []).message == "the list is empty"
    assert complaint(scalars.calls, [leaf("1"), leaf("0")]).at == (1,)


@pytest.mark.parametrize(
    ("reader", "good", "bad"),
    [
        (scalars.shortcode, ["174379", "60010", "5123456"], ["1743", "17437900", "x"]),
        (scalars.pin, ["1234", "0000"], ["123", "12345", "abcd"]),
    ],
)
def test_digits(reader, good, bad):
    assert [reader(leaf(text)) for text in good] == good
    for text in bad:
        complaint(reader, text)
