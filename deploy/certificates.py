"""A certificate authority of one installation, and the certificates that it gives its servers and processes."""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.types import CertificateIssuerPrivateKeyTypes
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from deploy.local.keys import write_secret

CA, CA_KEY = "ca.pem", "ca-key.pem"
CERTIFICATE, KEY = "certificate.pem", "key.pem"
BOTH = "both.pem"
"""Key and certificate in one file, as Kafka and MongoDB want them."""
CA_YEARS, DAYS = 10, 397
RENEWED_BEFORE = timedelta(days=30)
LATE_CLOCKS = timedelta(minutes=5)


class Authority:
    """Its certificate and key stand in `folder`, made at the first use; keep the key from whoever it certifies."""

    def __init__(self, folder: Path, name: str = "Simpul") -> None:
        self.file = folder / CA
        if not self.file.exists():
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            _make(folder, name)
        self._certificate = x509.load_pem_x509_certificate(self.file.read_bytes())
        key = serialization.load_pem_private_key((folder / CA_KEY).read_bytes(), None)
        assert isinstance(key, ec.EllipticCurvePrivateKey)
        self._key: CertificateIssuerPrivateKeyTypes = key

    def certify(self, folder: Path, names: Sequence[str], *, client: bool = False, days: int = DAYS) -> None:
        """Put ca.pem, certificate.pem, key.pem, and both in one, into `folder`; what is good for a month more stays.

        `names` are the DNS names and addresses that a server goes by, the first one its own. `client`: where a server
        asks for a certificate, it opens that too.
        """
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        if not (folder / CA).exists() or (folder / CA).read_bytes() != self.file.read_bytes():
            write_secret(folder / CA, self.file.read_bytes())
        whole = (folder / KEY).exists() and (folder / BOTH).exists()
        if whole and self._is_good(folder / CERTIFICATE, names, client=client):
            return
        key = ec.generate_private_key(ec.SECP256R1())
        certificate = self._sign(key.public_key(), names, client=client, days=days).public_bytes(
            serialization.Encoding.PEM
        )
        secret = _pem(key)
        write_secret(folder / KEY, secret)
        write_secret(folder / BOTH, secret + certificate)
        write_secret(folder / CERTIFICATE, certificate)

    def _is_good(self, file: Path, names: Sequence[str], *, client: bool) -> bool:
        if not file.exists():
            return False
        there = x509.load_pem_x509_certificate(file.read_bytes())
        usages = there.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
        return (
            there.not_valid_after_utc - datetime.now(UTC) > RENEWED_BEFORE
            and self._signed(there)
            and there.extensions.get_extension_for_class(x509.SubjectAlternativeName).value == _names(names)
            and (ExtendedKeyUsageOID.CLIENT_AUTH in usages) == client
        )

    def _signed(self, certificate: x509.Certificate) -> bool:
        try:
            certificate.verify_directly_issued_by(self._certificate)
        except (ValueError, InvalidSignature):
            return False
        return True

    def _sign(
        self, key: ec.EllipticCurvePublicKey, names: Sequence[str], *, client: bool, days: int
    ) -> x509.Certificate:
        now = datetime.now(UTC)
        usages = [ExtendedKeyUsageOID.SERVER_AUTH, *([ExtendedKeyUsageOID.CLIENT_AUTH] if client else [])]
        builder = _builder(names[0], key, now, now + timedelta(days=days)).issuer_name(self._certificate.subject)
        for extension, critical in (
            (x509.SubjectAlternativeName(_names(names)), False),
            (x509.ExtendedKeyUsage(usages), False),
            (x509.BasicConstraints(ca=False, path_length=None), True),
            (_usage(signs_certificates=False), True),
            (x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key()), False),
        ):
            builder = builder.add_extension(extension, critical)
        return builder.sign(self._key, hashes.SHA256())


def _make(folder: Path, name: str) -> None:
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    builder = _builder(f"{name} CA", key.public_key(), now, now + timedelta(days=365 * CA_YEARS))
    certificate = (
        builder.issuer_name(_name(f"{name} CA"))
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(signs_certificates=True), critical=True)
        .sign(key, hashes.SHA256())
    )
    write_secret(folder / CA_KEY, _pem(key))
    write_secret(folder / CA, certificate.public_bytes(serialization.Encoding.PEM))


def _builder(name: str, key: ec.EllipticCurvePublicKey, now: datetime, until: datetime) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(_name(name))
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - LATE_CLOCKS)
        .not_valid_after(until)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
    )


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates, key_cert_sign=signs_certificates, crl_sign=signs_certificates,
        content_commitment=False, key_encipherment=False, data_encipherment=False, key_agreement=False,
        encipher_only=False, decipher_only=False,
    )  # fmt: skip


def _name(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


def _names(names: Sequence[str]) -> x509.SubjectAlternativeName:
    return x509.SubjectAlternativeName([_general(name) for name in names])


def _general(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def _pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
