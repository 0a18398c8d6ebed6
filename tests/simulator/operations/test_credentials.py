import base64
import warnings

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from hypothesis import given, settings
from hypothesis import strategies as st

from darajasim.operations.credentials import OPAQUE, certificate, encrypted, opened, well_formed


@settings(max_examples=25, deadline=None)
@given(st.text(max_size=60).filter(lambda text: len(text.encode()) <= 245))
def test_what_is_encrypted_is_opened(password):
    credential = encrypted(password)
    assert well_formed(credential)
    assert opened(credential) == password


def test_the_certificate_encrypts_for_the_same_key():
    read = x509.load_pem_x509_certificate(certificate().encode())
    key = read.public_key()
    assert (key.key_size, key.public_numbers().e) == (2048, 65_537)
    cipher = key.encrypt(b"Safaricom999!*!", padding.PKCS1v15())
    assert opened(base64.b64encode(cipher).decode()) == "Safaricom999!*!"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        read.verify_directly_issued_by(read)


def test_the_certificate_never_changes():
    assert certificate() == certificate()
    first = certificate()
    certificate.cache_clear()
    assert certificate() == first


def test_another_key_makes_what_nobody_here_can_open():
    other = rsa.generate_private_key(65_537, 2048).public_key()
    credential = base64.b64encode(other.encrypt(b"pass", padding.PKCS1v15())).decode()
    assert well_formed(credential)
    assert opened(credential) is None


@pytest.mark.parametrize(
    "credential",
    [
        "",
        "A",
        OPAQUE[:-1],
        OPAQUE + "A",
        " " + OPAQUE,
        "A" * 344,
        OPAQUE.replace("A", "é", 1),
        "=" * 344,
    ],
)
def test_what_has_not_the_form_is_not_opened(credential):
    assert not well_formed(credential)
    assert opened(credential) is None


def test_the_example_has_the_form_and_is_opaque():
    assert well_formed(OPAQUE)
    assert opened(OPAQUE) is None


@pytest.mark.parametrize("number", [2**2048 - 1, 1, 0x0002 << (8 * 254)])
def test_numbers_that_no_padding_made(number):
    assert opened(base64.b64encode(number.to_bytes(256)).decode()) is None
