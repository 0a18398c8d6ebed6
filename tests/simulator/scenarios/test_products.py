"""What scenarios know of the operations follows from the operations alone."""

import pytest

from darajasim.operations import named
from darajasim.scenarios import matching, products
from darajasim.scenarios.vocabulary import ANY


def test_every_operation_is_a_product():
    assert list(products.products()) == list(named())
    assert {product.name for product in products.meant(ANY)} == set(named())
    assert products.meant("nothing") == ()


def test_every_field_is_a_condition_by_both_names():
    for product in products.products().values():
        for field in product.fields:
            assert field.alias in product.conditions
            assert field.name in product.wire_names
            assert field.alias in products.conditions()
            assert products.reader(product.name, field.alias)
            assert products.reader(product.name, field.name)


def test_every_journal_kind_can_be_counted():
    for product in products.products().values():
        assert set(product.kinds) <= set(products.kinds())


@pytest.mark.parametrize(
    ("on", "name", "reader"),
    [
        ("stk_push", "phone", matching.phone_test),
        ("stk_push", "PhoneNumber", matching.phone_test),
        ("stk_push", "amount", matching.amount_test),
        ("stk_push", "Amount", matching.amount_test),
        ("stk_push", "party_b", matching.text_test),
        ("stk_push", "reference", matching.text_test),
        ("stk_push", "TransactionDesc", matching.text_test),
        ("stk_query", "checkout_request_id", matching.text_test),
        ("oauth", "consumer_key", matching.text_test),
        (ANY, "phone", matching.phone_test),
        (ANY, "amount", matching.amount_test),
        (ANY, "consumer_key", matching.text_test),
    ],
)
def test_a_condition_is_read_as_its_field_is_checked(on, name, reader):
    assert products.reader(on, name) is reader


@pytest.mark.parametrize(
    ("name", "consequences"),
    [
        ("oauth", ("reply",)),
        ("stk_query", ("reply", "result")),
        ("stk_push", ("reply", "result", "customer", "callback")),
        ("b2c_payment", ("reply", "result", "callback")),
    ],
)
def test_what_may_follow(name, consequences):
    assert products.products()[name].consequences == consequences


def test_versions_are_found_by_their_paths():
    for product in products.products().values():
        for version in product.versions:
            assert product.version(version.path) is version
        if product.versions:
            assert product.version(None) is product.versions[-1]
            assert product.version("/unknown") is product.versions[-1]
