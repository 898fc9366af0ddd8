"""Every mail backend's calls end in time, over TLS too, and whether a byte left is known."""

from __future__ import annotations

import inspect
import smtplib
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import requests
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from django.core.mail import EmailMessage

from subscribers.limits.call_limit import CALL_SECONDS, CallLimit, CallTooLong
from subscribers.mail import mail_connection
from subscribers.signup.send_confirmation import may_retry
from tests.provider_server import provider_server
from tests.running import PATIENCE_SECONDS
from tests.smtp_server import smtp_server

SHORT = 1.0  # seconds that a call may take


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """A key and a certificate for this machine, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem = tmp_path / "both.pem"
    pem.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + made.public_bytes(serialization.Encoding.PEM)
    )
    return pem


@contextmanager
def slow_server(greeting: bytes, certificate: Path | None) -> Iterator[int]:
    """Takes one connection, says a greeting, and then a byte every moment for ever."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        over = threading.Event()

        def serve() -> None:
            with suppress(OSError):
                connected, _ = listener.accept()
                if certificate:
                    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
                    context.load_cert_chain(certificate)
                    connected = context.wrap_socket(connected, server_side=True)
                connected.sendall(greeting)
                while not over.wait(0.02):
                    connected.sendall(b"x")

        threading.Thread(target=serve, daemon=True).start()
        yield listener.getsockname()[1]
        over.set()


def open_postmark(settings: Any, port: int, scheme: str = "https") -> Any:
    settings.EMAIL_BACKEND = "anymail.backends.postmark.EmailBackend"
    url = f"{scheme}://localhost:{port}/"
    settings.ANYMAIL = {"POSTMARK_SERVER_TOKEN": "token", "POSTMARK_API_URL": url}
    return mail_connection.open_backend(CallLimit(SHORT))


@pytest.mark.parametrize("greeting", [b"", b"HTTP/1.1 200 OK\r\n", b"HTTP/1.1 200 OK\r\n\r\n{"])
def test_an_answer_over_tls_that_never_ends_is_left(
    greeting: bytes, settings: Any, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(certificate))
    with slow_server(greeting, certificate) as port:
        backend = open_postmark(settings, port)
        began = time.monotonic()
        with pytest.raises((requests.RequestException, CallTooLong)), backend.limit.limit_call():
            backend.send_messages([EmailMessage(to=["reader@example.org"])])
    assert backend.limit.is_over
    assert backend.limit.has_sent
    assert time.monotonic() - began < PATIENCE_SECONDS


def test_a_server_that_agrees_on_tls_byte_by_byte_is_left(settings: Any) -> None:
    """Each byte begins the time-outs of the libraries anew."""
    with slow_server(b"\x16\x03\x03\x40\x00", None) as port:  # a record of 16 kB is to come
        backend = open_postmark(settings, port)
        began = time.monotonic()
        with pytest.raises((requests.RequestException, CallTooLong)), backend.limit.limit_call():
            backend.send_messages([EmailMessage(to=["reader@example.org"])])
        assert time.monotonic() - began < 100 * SHORT  # the whole record takes five minutes
    assert backend.limit.is_over
    assert not backend.limit.has_sent
    assert backend.limit._handles == []


def test_a_certificate_that_nobody_trusts_is_seen_before_a_byte_of_the_mail_leaves(
    settings: Any, certificate: Path
) -> None:
    with slow_server(b"", certificate) as port:
        backend = open_postmark(settings, port)
        with pytest.raises(requests.exceptions.SSLError), backend.limit.limit_call():
            backend.send_messages([EmailMessage(to=["reader@example.org"])])
    assert not backend.limit.has_sent


def test_a_proxy_that_says_no_has_not_had_the_mail(
    settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    with slow_server(b"HTTP/1.1 502 No\r\nContent-Length: 0\r\n\r\n", None) as port:
        monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{port}")
        monkeypatch.delenv("NO_PROXY", raising=False)
        monkeypatch.delenv("no_proxy", raising=False)
        backend = open_postmark(settings, 1)
        with pytest.raises(requests.exceptions.ProxyError), backend.limit.limit_call():
            backend.send_messages([EmailMessage(to=["reader@example.org"])])
    assert not backend.limit.has_sent


def test_a_mail_server_over_tls_is_left_as_well(settings: Any, certificate: Path) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_USE_SSL = True
    with slow_server(b"2", certificate) as port:
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", port
        backend = mail_connection.open_backend(CallLimit(SHORT))
        backend.ssl_context = ssl._create_unverified_context()
        with pytest.raises(smtplib.SMTPException), backend.limit.limit_call():
            backend.open()
    assert backend.limit.is_over


def test_a_letter_may_take_less_time_than_any_other_call() -> None:
    assert inspect.signature(mail_connection.send_message).parameters["seconds"].default == 15
    assert CALL_SECONDS > 15


def test_a_confirmation_whose_answer_never_ends_counts_as_sent(settings: Any) -> None:
    settings.EMAIL_BACKEND = "anymail.backends.postmark.EmailBackend"
    with provider_server() as server:
        server.book.faults.append("trickle")
        settings.ANYMAIL = {"POSTMARK_SERVER_TOKEN": "token", "POSTMARK_API_URL": server.url}
        with pytest.raises(Exception, match=r".") as refused:
            mail_connection.send_message(EmailMessage(to=["reader@example.org"]), SHORT)
    assert not may_retry(refused.value)


def test_a_confirmation_through_a_slow_mail_server_ends_too(settings: Any) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    with smtp_server() as server:
        server.faults.append("END trickle")
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.port
        with pytest.raises(smtplib.SMTPException):
            mail_connection.send_message(EmailMessage(to=["reader@example.org"]), SHORT)
        assert len(server.accepted) == 1


def test_a_backend_that_reaches_no_network_is_left_as_it_is(settings: Any, mailoutbox: Any) -> None:
    mail_connection.send_message(EmailMessage(to=["reader@example.org"]))
    assert len(mailoutbox) == 1
    limit = CallLimit()
    mail_connection.open_backend(limit)
    with limit.limit_call():
        assert limit.has_sent  # for all we know
