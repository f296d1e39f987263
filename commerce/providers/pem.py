"""Keys as people paste them: in PEM or as bare base64, PKCS#1 or PKCS#8, on one line or many."""

import base64
import binascii
import re

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_der_private_key,
    load_der_public_key,
)
from django.utils.translation import gettext_lazy as _

from commerce.providers.base import Words

_BLOCK = re.compile(r"-----BEGIN ([A-Z0-9 ]+)-----(.*?)-----END \1-----", re.DOTALL)
#: What the providers ask for, and what is safe.
_BITS = 2048


class BadKey(ValueError):
    """This is no key of the kind that is asked for. Never carries what was pasted."""


def private_key(text: str) -> rsa.RSAPrivateKey:
    """Raises `BadKey`."""
    try:
        key = load_der_private_key(_der(text)[1], password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise BadKey("not a private key") from None
    if not isinstance(key, rsa.RSAPrivateKey) or key.key_size < _BITS:
        raise BadKey("not an RSA key of 2048 bits or more")
    return key


def public_key(text: str) -> rsa.RSAPublicKey:
    """A public key, or that of a certificate. Raises `BadKey`."""
    found = certificate(text)
    try:
        key = found.public_key() if found else load_der_public_key(_der(text)[1])
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise BadKey("not a public key") from None
    if not isinstance(key, rsa.RSAPublicKey) or key.key_size < _BITS:
        raise BadKey("not an RSA key of 2048 bits or more")
    return key


def certificate(text: str) -> x509.Certificate | None:
    """The certificate, None where the text is no such thing. Raises `BadKey` for one that cannot be read."""
    label, der = _der(text)
    if label != "CERTIFICATE":
        return None
    try:
        return x509.load_der_x509_certificate(der)
    except ValueError:
        raise BadKey("not a certificate") from None


def serial_of(found: x509.Certificate) -> str:
    """The serial number as the providers write it."""
    return f"{found.serial_number:X}"


def as_pkcs8(key: rsa.RSAPrivateKey) -> str:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def as_spki(key: rsa.RSAPublicKey) -> str:
    return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


def _der(text: str) -> tuple[str, bytes]:
    """Label and content; the label of bare base64 is ""."""
    found = _BLOCK.search(text)
    label, body = (found[1], found[2]) if found else ("", text)
    try:
        return label, base64.b64decode("".join(body.split()), validate=True)
    except (binascii.Error, ValueError):
        raise BadKey("not base64") from None


def check_private(text: str) -> Words | None:
    """For `KeyField.check`."""
    try:
        private_key(text)
    except BadKey:
        return _("This is not an RSA private key of at least 2048 bits, in PEM and without a password.")
    return None


def check_public(text: str) -> Words | None:
    """For `KeyField.check`."""
    try:
        public_key(text)
    except BadKey:
        return _("This is not an RSA public key or certificate of at least 2048 bits, in PEM.")
    return None
