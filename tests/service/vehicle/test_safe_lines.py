"""The line to the service is safe, or nothing is sent over it."""

from __future__ import annotations

import ipaddress
import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from service.vehicle.talk import Address, NoAnswerError, Talk
from tests.service.vehicle.boxes import token_file
from tests.service.vehicle.fake_service import serving

YEAR = timedelta(days=365)


def certificate(folder: Path, *, begins: timedelta, host: str = "127.0.0.1") -> Path:
    """Write a certificate that signs itself, with its key, and return the file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "liujing")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now + begins)
        .not_valid_after(now + begins + YEAR)
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(host))]),
            critical=False,
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = folder / "certificate.pem"
    path.write_bytes(
        made.public_bytes(serialization.Encoding.PEM)
        + key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return path


def context(path: Path) -> ssl.SSLContext:
    made = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    made.load_cert_chain(path)
    return made


def test_a_named_authority_is_trusted_and_others_are_not(tmp_path: Path) -> None:
    path = certificate(tmp_path, begins=-timedelta(days=1))
    token = token_file(tmp_path)
    with serving(context(path)) as service:
        address = Address.of(service.url, insecure=False)
        knowing = Talk(address, token, ca=path, timeout_s=5)
        other = Talk(address, token, ca=None, timeout_s=5)

        answer = knowing.ask("GET", "/uploads/received?sha256=0")
        with pytest.raises(NoAnswerError, match="证书不可信"):
            other.ask("GET", "/uploads/received?sha256=0")
        knowing.close()
        other.close()

    assert answer.status == 200
    assert service.count("GET") == 1


@pytest.mark.parametrize(
    ("begins", "host", "sentence"),
    [
        pytest.param(YEAR, "127.0.0.1", "请校时", id="of the future: the clock is off"),
        pytest.param(-2 * YEAR, "127.0.0.1", "请校时", id="of the past: likewise"),
        pytest.param(-YEAR / 2, "127.0.0.2", "证书不可信", id="of another host"),
    ],
)
def test_a_certificate_that_is_not_good_here_and_now_is_refused_and_told(
    tmp_path: Path, begins: timedelta, host: str, sentence: str
) -> None:
    path = certificate(tmp_path, begins=begins, host=host)
    with serving(context(path)) as service:
        address = Address.of(service.url, insecure=False)
        talk = Talk(address, token_file(tmp_path), ca=path, timeout_s=5)

        with pytest.raises(NoAnswerError, match=sentence):
            talk.ask("GET", "/uploads/received?sha256=0")
        talk.close()

    assert service.count("GET") == 0
