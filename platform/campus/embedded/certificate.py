"""The certificate without which no door of the embedded store but S3 answers.

SeaweedFS guards its master, volume, filer and admin by addresses, and every program of this
machine has the right address. So they speak TLS and ask for a certificate. There is one, made anew
at every start; its key is readable to us alone, and it is its own authority.
"""

from __future__ import annotations

from datetime import timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from campus import clock
from campus.embedded import files

# Longer than any process runs: it is replaced at the next start.
LASTS = timedelta(days=3650)
EARLIER = timedelta(days=1)
USES = (ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH)


def paths(home: Path) -> tuple[Path, Path]:
    """Where the certificate and its key lie."""
    folder = home / "secrets"
    return folder / "objects.crt", folder / "objects.key"


def renew(home: Path) -> None:
    """Make a new certificate and key for 127.0.0.1. Raises PartError where none can be written."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "campus objects")])
    here = x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))])
    now = clock.now()
    made = (
        x509.CertificateBuilder(subject_name=name, issuer_name=name, public_key=key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - EARLIER)
        .not_valid_after(now + LASTS)
        .add_extension(here, critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(x509.ExtendedKeyUsage(USES), critical=False)
        .sign(key, hashes.SHA256())
    )
    certificate, private = paths(home)
    pem = serialization.Encoding.PEM
    plain = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    files.write_private(private, plain.decode())
    files.write_private(certificate, made.public_bytes(pem).decode())
