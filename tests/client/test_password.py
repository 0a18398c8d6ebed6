from base64 import b64decode
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mpesa_pochi.clock import NAIROBI
from mpesa_pochi.password import password, timestamp
from mpesa_pochi.secret import Secret


def test_timestamp_is_nairobi_time():
    assert timestamp(datetime(2026, 10, 11, 14, 5, 9, tzinfo=NAIROBI)) == "20261011140509"
    assert timestamp(datetime(2026, 12, 31, 22, 0, 0, tzinfo=UTC)) == "20270101010000"


def test_a_time_without_zone_is_refused():
    with pytest.raises(ValueError, match="aware"):
        timestamp(datetime(2026, 10, 11))


@given(st.datetimes(min_value=datetime(1, 1, 2)), st.sampled_from([UTC, NAIROBI]))
def test_timestamp_is_always_fourteen_digits(moment, zone):
    if moment.year < 9999:
        written = timestamp(moment.replace(tzinfo=zone))
        assert len(written) == 14
        assert written.isdigit()


@given(st.text(), st.text())
def test_password_is_base64_of_the_three_and_is_never_shown(shortcode, passkey):
    shortcode, passkey = (text.encode("utf-8", "ignore").decode() for text in (shortcode, passkey))
    made = password(shortcode, Secret(passkey), "20261011140509")
    assert b64decode(made.reveal()).decode() == f"{shortcode}{passkey}20261011140509"
    assert repr(made) == "Secret('********')"
