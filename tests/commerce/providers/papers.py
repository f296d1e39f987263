"""Keys and certificates for tests, made once a run."""

from datetime import UTC, datetime, timedelta
from functools import cache

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from cryptography.x509.oid import NameOID


@cache
def key(owner: str) -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def private(owner: str, form: PrivateFormat = PrivateFormat.PKCS8) -> str:
    return key(owner).private_bytes(Encoding.PEM, form, NoEncryption()).decode()


def public(owner: str) -> str:
    return key(owner).public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


@cache
def certificate(owner: str) -> x509.Certificate:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, owner)])
    built = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key(owner).public_key())
    built = built.not_valid_before(datetime.now(UTC) - timedelta(days=1))
    built = built.not_valid_after(datetime.now(UTC) + timedelta(days=1))
    return built.serial_number(0x0F00D << 60).sign(key(owner), SHA256())


def certificate_pem(owner: str) -> str:
    return certificate(owner).public_bytes(Encoding.PEM).decode()


def serial(owner: str) -> str:
    return f"{certificate(owner).serial_number:X}"


def bare(pem: str) -> str:
    """As providers' tools give a key: base64 on one line."""
    return "".join(line for line in pem.splitlines() if "-----" not in line)
