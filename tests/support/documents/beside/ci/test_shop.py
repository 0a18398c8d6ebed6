def test_paid(daraja):
    assert daraja.settle(daraja.push("0722000000", 100)).paid
