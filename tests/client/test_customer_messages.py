import re
import string
from itertools import groupby

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mpesa_pochi.codes import catalogue
from mpesa_pochi.customer_messages import (
    Language,
    MessageState,
    customer_message,
    language_of,
    parse,
    state_message,
)

ROWS = catalogue().rows
SMS = 160
# What the alphabet of an SMS and a keyboard have in common.
ALPHABET = set(string.ascii_letters + string.digits + " .,;:!?'*#()-/")
# What a customer must never have to read.
INTERNALS = re.compile(
    r"\b(api|apis|daraja|callback|stk|push|token|http|https|json|gateway|server|timeout|code|field"
    r"|request id|shortcode|passkey|credential|initiator|msisdn|party|url|null|error|exception"
    r"|wso2|apigee|b2c|b2b|c2b|ratiba|oauth|ussd|backend|organisation|cache|query)\b",
    re.IGNORECASE,
)
LANGUAGES = list(Language)


def sentences():
    for row in ROWS:
        yield row.key, {language: customer_message(row, language) for language in Language}
    for state in MessageState:
        yield state.value, {language: state_message(state, language) for language in Language}


SENTENCES = dict(sentences())


def test_every_row_has_something_to_say_to_the_customer_and_to_the_merchant():
    assert len(SENTENCES) >= len(ROWS)
    assert [row.key for row in ROWS if not row.merchant.strip()] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_sentence_is_one_sms_of_whole_sentences(language):
    for key, spoken in SENTENCES.items():
        text = spoken[language]
        assert 15 <= len(text) <= SMS, f"{key}: {len(text)} characters"
        assert text[0].isupper(), key
        assert text[-1] == ".", key
        assert set(text) <= ALPHABET, f"{key}: {set(text) - ALPHABET}"
        assert "  " not in text, key


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_sentence_says_what_only_developers_know(language):
    for key, spoken in SENTENCES.items():
        text = spoken[language]
        assert INTERNALS.search(text) is None, f"{key}: {text}"
        assert "_" not in text
        numbers = set(re.findall(r"\d+", text.replace("0722 000000", "").replace("250,000", "")))
        assert numbers <= {"1", "334"}, f"{key}: {numbers}"


def test_no_sentence_holds_its_own_code_or_text():
    for row in ROWS:
        for text in SENTENCES[row.key].values():
            assert len(row.code) < 3 or row.code not in text, row.key
            assert len(row.text) < 20 or row.text not in text, row.key


def test_swahili_is_not_english():
    for key, spoken in SENTENCES.items():
        english, swahili = (set(re.findall(r"[a-z]{3,}", spoken[x].lower())) for x in Language)
        shared = (english & swahili) - {"pesa", "sms", "pin", "bonga", "till", "safaricom"}
        assert shared == set(), f"{key}: {shared}"


def test_a_sentence_names_no_money_taken_in_both_languages_or_in_neither():
    for key, spoken in SENTENCES.items():
        english = "No money was taken" in spoken[Language.ENGLISH]
        swahili = "Hujakatwa pesa" in spoken[Language.SWAHILI]
        assert english == swahili, key


UNDECIDED = {
    "pending", "processing", "being-processed", "in-flight-empty", "internal-error", "server-fault",
    "output-data-invalid", "gateway-timeout", "soap-fault", "system-internal-error",
    "transaction-does-not-exist", "rule-limited", "subscriber-lock", "waf-blocked", "maintenance",
}  # fmt: skip


@pytest.mark.parametrize("key", sorted(UNDECIDED))
def test_nothing_is_promised_about_money_where_it_is_not_known(key):
    assert "No money was taken" not in SENTENCES[key][Language.ENGLISH]


@pytest.mark.parametrize("key", ["paid", "pending", "processing"])
def test_nobody_is_asked_to_pay_again_who_has_paid_or_is_paying(key):
    assert "again" not in SENTENCES[key][Language.ENGLISH]
    assert "tena" not in SENTENCES[key][Language.SWAHILI]


def test_one_sentence_has_one_translation():
    pairs = sorted({tuple(spoken[x] for x in Language) for spoken in SENTENCES.values()})
    for english, group in groupby(pairs, key=lambda pair: pair[0]):
        assert len(list(group)) == 1, english
    swahili = [pair[1] for pair in pairs]
    assert len(set(swahili)) == len(swahili)


def test_a_language_that_nobody_wrote_in_is_refused():
    with pytest.raises(ValueError, match="fr"):
        customer_message(ROWS[0], "fr")


@pytest.mark.parametrize(
    ("wish", "language"),
    [
        (None, "en"),
        ("", "en"),
        ("sw", "sw"),
        ("SW-ke", "sw"),
        ("sw-KE,sw;q=0.9,en;q=0.8", "sw"),
        ("en-GB,en;q=0.9,sw;q=0.8", "en"),
        ("fr,sw;q=0.4", "sw"),
        ("fr", "en"),
        ("*", "en"),
        ("sw;q=0", "en"),
        ("sw;q=0.2, *;q=0.1", "sw"),
        ("sw;q=nonsense,en;q=0.1", "en"),
        ("swahili", "en"),
        (";;,,==", "en"),
    ],
)
def test_the_language_that_is_asked_for(wish, language):
    assert language_of(wish) == language


@given(st.text(max_size=40))
def test_any_wish_is_a_language(wish):
    assert language_of(wish) in set(Language)


STATES = "".join(f'[state.{state}]\nen = "E."\nsw = "S."\n' for state in MessageState)
MESSAGE = '[[message]]\nen = "E."\nsw = "S."\nrows = ["paid"]\n'


def test_a_row_in_two_messages_is_refused():
    with pytest.raises(ValueError, match="'paid' in one message, found two"):
        parse(STATES + MESSAGE * 2)


def test_a_state_without_a_sentence_is_refused():
    with pytest.raises(ValueError, match=r"expected the states failed, .*; found prompted"):
        parse('[state.prompted]\nen = "E."\nsw = "S."\n' + MESSAGE)
