"""The key pair of SecurityCredential: what clients encrypt an initiator's password with.

The key follows from two phrases, so that every simulator has the same certificate, today and
tomorrow: a credential made once stays good, and no private key lies in any file. It protects
nothing; everybody can compute it.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from datetime import UTC, datetime
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

EXPONENT = 65_537
KEY_BYTES = 256
_FIRST = ("darajasim: first prime", 514)
_SECOND = ("darajasim: second prime", 278)
"""A phrase, and how far above the number that it gives the next prime lies."""
COMMON_NAME = "apicrypt.darajasim.test"
VALID = (datetime(2026, 1, 1, tzinfo=UTC), datetime(2099, 1, 1, tzinfo=UTC))

_FORM = re.compile(r"[A-Za-z0-9+/]{342}==")
OPAQUE = "A" * 342 + "=="
"""A credential of the right form that this key does not open; for examples."""


def well_formed(credential: str) -> bool:
    """Whether it looks like one: 344 characters of base64 that end with == (seen: certificates)."""
    return _FORM.fullmatch(credential) is not None


@lru_cache(maxsize=4_096)
def opened(credential: str) -> str | None:
    """The password in a credential, or None when it was not made with this simulator's certificate.

    OpenSSL gives random bytes for what it cannot decrypt, so that nobody can tell; a simulator has
    to tell, so the padding is looked at here.
    """
    if not well_formed(credential):
        return None
    try:
        cipher = int.from_bytes(base64.b64decode(credential, validate=True))
    except binascii.Error:
        return None
    p, q = _primes()
    if cipher >= p * q:
        return None
    at_p = pow(cipher, pow(EXPONENT, -1, p - 1), p)
    at_q = pow(cipher, pow(EXPONENT, -1, q - 1), q)
    plain = at_q + q * ((at_p - at_q) * pow(q, -1, p) % p)
    padding, zero, password = plain.to_bytes(KEY_BYTES)[2:].partition(b"\0")
    if plain >> (8 * (KEY_BYTES - 2)) != 0x0002 or len(padding) < 8 or not zero:
        return None
    try:
        return password.decode()
    except UnicodeDecodeError:
        return None


def encrypted(password: str) -> str:
    """A credential for `password`, as a client makes one: RSA PKCS#1 v1.5, then base64.

    Raises:
        ValueError: more than 245 bytes.
    """
    from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15  # noqa: PLC0415  # slow

    cipher = _key().public_key().encrypt(password.encode(), PKCS1v15())
    return base64.b64encode(cipher).decode()


@lru_cache(maxsize=1)
def certificate() -> str:
    """The simulator's X.509 certificate, self-signed, as PEM."""
    from cryptography import x509  # noqa: PLC0415  # slow to import
    from cryptography.hazmat.primitives import hashes, serialization  # noqa: PLC0415

    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, COMMON_NAME)])
    key = _key()
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(VALID[0])
        .not_valid_after(VALID[1])
        .sign(key, hashes.SHA256())
    )
    return made.public_bytes(serialization.Encoding.PEM).decode()


@lru_cache(maxsize=1)
def _key() -> RSAPrivateKey:
    from cryptography.hazmat.primitives.asymmetric import rsa  # noqa: PLC0415  # slow to import

    p, q = _primes()
    private = pow(EXPONENT, -1, (p - 1) * (q - 1))
    return rsa.RSAPrivateNumbers(
        p=p,
        q=q,
        d=private,
        dmp1=private % (p - 1),
        dmq1=private % (q - 1),
        iqmp=pow(q, -1, p),
        public_numbers=rsa.RSAPublicNumbers(EXPONENT, p * q),
    ).private_key()


@lru_cache(maxsize=1)
def _primes() -> tuple[int, int]:
    first, second = (
        (int.from_bytes(hashlib.shake_256(phrase.encode()).digest(128)) | 0b11 << 1022 | 1) + above
        for phrase, above in (_FIRST, _SECOND)
    )
    return max(first, second), min(first, second)
