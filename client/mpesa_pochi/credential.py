"""The SecurityCredential: an initiator's password, encrypted for Daraja alone."""

import re
from base64 import b64encode
from pathlib import Path

from mpesa_pochi.errors import SettingsError
from mpesa_pochi.secret import Secret

LONGEST_PASSWORD = 245
"""Bytes that a 2048-bit RSA key takes with PKCS#1 v1.5: 256 less 11."""

SMALLEST_KEY = 2048
"""Bits. Both of Safaricom's certificates have keys of exactly this size (seen)."""

CREDENTIAL = re.compile(r"[A-Za-z0-9+/]{342}==")
"""What a credential made with a 2048-bit key looks like: 344 characters of base64."""

_HEAD = "-----BEGIN"


def security_credential(password: Secret, certificate: str | bytes) -> Secret:
    """Base64 of the password's UTF-8, RSA-encrypted with PKCS#1 v1.5 padding (seen).

    The padding is random: each call gives another credential, and any of them may be used for
    many requests (documented). Only the certificate's public key is used. Its dates are not looked
    at, for both of Safaricom's certificates expired years ago and are in use (seen).

    Args:
        password: of the initiator, in plain text.
        certificate: PEM, of the environment that is called: sandbox and production differ.

    Raises:
        SettingsError: the certificate is none, or has no RSA key of at least 2048 bits; or the
            password is empty, longer than 245 bytes, or a credential already.
    """
    complaint = _complaint(password)
    if complaint:
        raise SettingsError(complaint)
    from cryptography.hazmat.primitives.asymmetric import padding  # noqa: PLC0415  # 60 ms
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey  # noqa: PLC0415

    key = _public_key(certificate)
    if not isinstance(key, RSAPublicKey):
        raise SettingsError("the certificate's key is not RSA; give Daraja's own certificate")
    if key.key_size < SMALLEST_KEY:
        raise SettingsError(
            f"the certificate's key has {key.key_size} bits, Daraja's has {SMALLEST_KEY};"
            " give Daraja's own certificate"
        )
    sealed = key.encrypt(password.reveal().encode(), padding.PKCS1v15())
    return Secret(b64encode(sealed).decode("ascii"))


def read_certificate(source: str) -> str:
    """The certificate itself, or what the file of that name holds.

    Raises:
        SettingsError: the file cannot be read.
    """
    if source.lstrip().startswith(_HEAD):
        return source
    try:
        return Path(source).read_text(encoding="utf-8")
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is not text, so not PEM"
        raise SettingsError(
            f"the certificate {source[:100]!a} (MPESA_CERTIFICATE) cannot be read: {why}"
        ) from None


def _complaint(password: Secret) -> str:
    """What is wrong with it. Raises nothing, so that no traceback has it among its variables."""
    text = password.reveal()
    if not text:
        return "the initiator's password is empty; set MPESA_INITIATOR_PASSWORD"
    if CREDENTIAL.fullmatch(text.strip()):
        return (
            "the initiator's password is a security credential already:"
            " set MPESA_SECURITY_CREDENTIAL to it, not MPESA_INITIATOR_PASSWORD"
        )
    if not _is_unicode(text):
        return "the initiator's password holds half a character, which cannot be encrypted"
    size = len(text.encode())
    if size > LONGEST_PASSWORD:
        return f"the initiator's password is {size} bytes; {LONGEST_PASSWORD} can be encrypted"
    return ""


def _is_unicode(text: str) -> bool:
    return not any("\ud800" <= character <= "\udfff" for character in text)


def _public_key(certificate: str | bytes) -> object:
    from cryptography import x509  # noqa: PLC0415  # 60 ms

    raw = certificate.encode("utf-8", "replace") if isinstance(certificate, str) else certificate
    kind = re.search(rb"-----BEGIN ([A-Z0-9 ]{1,40})-----", raw)
    if kind is None:
        raise SettingsError(f"expected a certificate as PEM, found no line that says {_HEAD} …")
    if kind[1] != b"CERTIFICATE":
        found = kind[1].decode("ascii")
        raise SettingsError(f"expected a PEM CERTIFICATE, found a PEM {found}")
    try:
        return x509.load_pem_x509_certificate(raw).public_key()
    except Exception as error:  # noqa: BLE001  # ValueError, UnsupportedAlgorithm, and what Rust adds
        kind_of = type(error).__name__
        raise SettingsError(
            f"the certificate is damaged ({kind_of}); was it pasted whole?"
        ) from None
