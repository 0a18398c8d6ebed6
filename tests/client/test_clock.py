from datetime import UTC, datetime, timedelta

from mpesa_pochi.clock import NAIROBI, now


def test_now_is_nairobi_time_and_aware():
    assert now().utcoffset() == timedelta(hours=3)
    assert abs(now() - datetime.now(UTC)) < timedelta(minutes=1)
    assert str(NAIROBI) == "EAT"
