"""The certificate of our own site, asked of a real server on this machine."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from digest.watch.certificate import CannotAsk, describe_certificate, read_expiry

DAY = timedelta(days=1)
Serve = Callable[[int], str]


def make_certificate(folder: Path, days: int) -> tuple[Path, Path]:
    """A certificate of this machine that signs itself, good for so many days from now."""
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - DAY)
        .not_valid_after(now + days * DAY)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    files = folder / f"{days}.key", folder / f"{days}.pem"
    form = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    files[0].write_bytes(key.private_bytes(serialization.Encoding.PEM, *form))
    files[1].write_bytes(made.public_bytes(serialization.Encoding.PEM))
    return files


@contextmanager
def serve_tls(key: Path, certificate: Path) -> Iterator[str]:
    """The address of a server with this certificate that answers every visitor."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    listener = socket.create_server(("127.0.0.1", 0))

    def answer() -> None:
        while True:
            try:
                line, _ = listener.accept()
            except OSError:
                return
            with suppress(OSError), context.wrap_socket(line, server_side=True) as secured:
                secured.recv(1)

    threading.Thread(target=answer, daemon=True).start()
    try:
        yield f"https://localhost:{listener.getsockname()[1]}"
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()


def test_one_that_ends_soon_is_told_and_one_that_was_renewed_is_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = datetime.now(UTC)
    key, certificate = make_certificate(tmp_path, 40)
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    with serve_tls(key, certificate) as url:
        ends_at = read_expiry(url)
        assert ends_at is not None
        assert timedelta(days=39) < ends_at - now < timedelta(days=41)
        assert describe_certificate(url, now) == ""
        said = describe_certificate(url, now + 30 * DAY)
    assert "in 9 days" in said or "in 10 days" in said
    assert said.endswith("First look at the log of the proxy that renews it.")


def test_one_that_browsers_refuse_is_told(tmp_path: Path) -> None:
    with serve_tls(*make_certificate(tmp_path, 40)) as url:
        said = describe_certificate(url, datetime.now(UTC))
    assert said.startswith(f"Browsers refuse the certificate of {url}: self-signed certificate")


def test_a_site_that_cannot_be_reached_says_nothing_of_its_certificate() -> None:
    with pytest.raises(CannotAsk):
        describe_certificate("https://127.0.0.1:1", datetime.now(UTC))


def test_a_site_without_https_has_none() -> None:
    assert describe_certificate("http://localhost:8000", datetime.now(UTC)) == ""
