import subprocess
import sys
import traceback

import pytest
from cryptography.hazmat.primitives import serialization
from hypothesis import given, settings
from hypothesis import strategies as st

from mpesa_pochi import Secret, SettingsError, security_credential
from mpesa_pochi.credential import LONGEST_PASSWORD, read_certificate
from support.certificates import certificate, curve_key, opened, rsa_key

PASSWORD = Secret("Safaricom999!*!")
PASSWORDS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1).filter(
    lambda text: len(text.encode()) <= LONGEST_PASSWORD
)


@given(PASSWORDS)
@settings(max_examples=30, deadline=None)
def test_daraja_can_open_what_was_sealed_and_it_looks_as_daraja_wants(password):
    made = security_credential(Secret(password), certificate(rsa_key()))
    assert opened(made, rsa_key()) == password
    assert len(made.reveal()) == 344
    assert made.reveal().endswith("==")


def test_each_is_another_and_each_can_be_opened():
    pem = certificate(rsa_key()).encode()
    first, second = (security_credential(PASSWORD, pem) for _ in range(2))
    assert first != second
    assert opened(first, rsa_key()) == opened(second, rsa_key()) == "Safaricom999!*!"


def test_a_larger_key_serves_too():
    made = security_credential(PASSWORD, certificate(rsa_key(3072)))
    assert opened(made, rsa_key(3072)) == "Safaricom999!*!"


def private_pem():
    return rsa_key().private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )


def public_pem():
    return (
        rsa_key()
        .public_key()
        .public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    )


@pytest.mark.parametrize(
    ("made", "says"),
    [
        (lambda: "", "no line that says -----BEGIN"),
        (lambda: "daraja.pem", "no line that says -----BEGIN"),
        (lambda: b"\x30\x82\x01", "no line that says -----BEGIN"),
        (lambda: "half \ud800", "no line that says -----BEGIN"),
        (public_pem, "found a PEM PUBLIC KEY"),
        (private_pem, "found a PEM PRIVATE KEY"),
        (lambda: certificate(rsa_key()).replace("M", "*"), "damaged"),
        (lambda: certificate(rsa_key())[:400], "damaged"),
        (lambda: certificate(curve_key()), "is not RSA"),
        (lambda: certificate(rsa_key(1024)), "1024 bits"),
    ],
)
def test_what_is_no_certificate_of_daraja_is_said_to_be(made, says):
    with pytest.raises(SettingsError, match=says):
        security_credential(PASSWORD, made())


@pytest.mark.parametrize(
    ("password", "says"),
    [
        ("", "empty"),
        ("x" * 246, "246 bytes; 245"),
        ("é" * 123, "246 bytes; 245"),
        ("half \ud800", "half a character"),
        (f"{'A' * 342}==", "MPESA_SECURITY_CREDENTIAL"),
        (f" {'A' * 342}==\n", "MPESA_SECURITY_CREDENTIAL"),
    ],
)
def test_what_is_no_password_is_said_to_be(password, says):
    with pytest.raises(SettingsError, match=says):
        security_credential(Secret(password), certificate(rsa_key()))


def test_245_bytes_are_not_too_many():
    made = security_credential(Secret("x" * 245), certificate(rsa_key()))
    assert opened(made, rsa_key()) == "x" * 245


@pytest.mark.parametrize("pem", ["no certificate", lambda: certificate(curve_key())])
def test_no_traceback_shows_the_password(pem):
    with pytest.raises(SettingsError) as caught:
        security_credential(Secret("planted-password" * 20), pem if isinstance(pem, str) else pem())
    told = traceback.TracebackException.from_exception(caught.value, capture_locals=True)
    told.stack[:] = [frame for frame in told.stack if "mpesa_pochi" in frame.filename]
    assert "planted" not in "".join(told.format())


def test_a_certificate_is_read_from_its_file_or_taken_as_it_is(tmp_path):
    pem = certificate(rsa_key())
    path = tmp_path / "daraja.pem"
    path.write_text(pem)
    assert read_certificate(str(path)) == read_certificate(pem) == pem


def test_a_file_that_cannot_be_read_is_named(tmp_path):
    with pytest.raises(SettingsError, match=r"nowhere\.pem.*MPESA_CERTIFICATE.*No such file"):
        read_certificate(str(tmp_path / "nowhere.pem"))
    binary = tmp_path / "daraja.der"
    binary.write_bytes(b"\x30\x82\xff\xfe")
    with pytest.raises(SettingsError, match="not PEM"):
        read_certificate(str(binary))
    with pytest.raises(SettingsError, match="cannot be read"):
        read_certificate("a\0b")


def test_encryption_is_imported_when_it_is_needed():
    code = "import sys, mpesa_pochi.client; sys.exit('cryptography' in sys.modules)"
    assert subprocess.run([sys.executable, "-I", "-c", code], check=False).returncode == 0
