from hypothesis import given
from hypothesis import strategies as st

from mpesa_pochi.redaction import Redactor, mask_id, mask_numbers, mask_phone
from mpesa_pochi.secret import Secret


def test_known_secrets_are_cut_out_wherever_they_stand():
    redact = Redactor([Secret("token-1"), Secret("token-12345")])
    assert redact("Invalid Access Token - token-12345 (token-1)") == (
        "Invalid Access Token - ******** (********)"
    )
    assert "token" not in repr(redact)


def test_secrets_too_short_to_be_any_are_left():
    assert Redactor([Secret("k"), Secret("")])("Invalid key") == "Invalid key"


@given(st.lists(st.text(min_size=6), min_size=1), st.text(), st.text())
def test_nothing_known_survives(secrets, before, after):
    redact = Redactor(map(Secret, secrets))
    assert secrets[0] not in redact(before + secrets[0] + after).replace("********", "")


def test_phones_keep_their_prefix_and_their_end():
    assert mask_phone("254722000149") == "2547*****149"
    assert mask_phone("0722") == "****"
    assert mask_phone("") == ""


def test_the_subscriber_in_an_id_is_masked():
    assert mask_id("ws_CO_111020261405093708374149") == "ws_CO_111020261405093******149"
    assert mask_id("ws_CO_11102026140509123") == "ws_CO_11102026140509123"
    assert mask_id("short") == "short"


def test_numbers_in_text_from_outside_are_masked():
    text = "phone 254708374149, 0722000000 or ws_CO_111020261405093708374149; code 400.002.02"
    assert mask_numbers(text) == (
        "phone 254******149, 0******000 or ws_CO_111020261405093******149; code 400.002.02"
    )
