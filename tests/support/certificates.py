"""Certificates made on the spot, long expired as Safaricom's are."""

import base64
from datetime import UTC, datetime
from functools import cache

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.x509.oid import NameOID


@cache
def rsa_key(bits=2048):
    return rsa.generate_private_key(public_exponent=65537, key_size=bits)


@cache
def curve_key():
    return ec.generate_private_key(ec.SECP256R1())


def certificate(key):
    """PEM of a certificate that was valid in 2014 and 2015."""
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "daraja.test")])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(datetime(2014, 11, 12, tzinfo=UTC))
        .not_valid_after(datetime(2015, 11, 11, tzinfo=UTC))
        .sign(key, hashes.SHA256())
    )
    return made.public_bytes(serialization.Encoding.PEM).decode("ascii")


def opened(credential, key):
    """The password in a credential."""
    sealed = base64.b64decode(credential.reveal(), validate=True)
    return key.decrypt(sealed, padding.PKCS1v15()).decode()
