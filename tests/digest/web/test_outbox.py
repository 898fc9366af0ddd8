"""The local outbox shows every mail, safely, and only where mail stays local."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.core.mail import EmailMultiAlternatives
from django.test import Client

from digest.deliver.outbox import OutboxBackend, read_outbox

HTML = "<html><head><title>x</title></head><body style='color:red'><script>1</script></body></html>"


@pytest.fixture(autouse=True)
def local(settings: Any) -> None:
    settings.EMAIL_BACKEND = settings.OUTBOX_BACKEND


def send(subject: str = "Hello", html: str = HTML, body: str = "The text part") -> None:
    message = EmailMultiAlternatives(subject, body, "a@example.org", ["ada@example.org"])
    message.attach_alternative(html, "text/html")
    OutboxBackend().send_messages([message])


def newest(settings: Any) -> str:
    return read_outbox(settings.OUTBOX_DIR)[0].name


def test_an_empty_outbox_says_how_to_fill_it(client: Client) -> None:
    assert b"No mail yet" in client.get("/outbox/").content


def test_the_newest_mail_is_open_with_its_text_and_headers(client: Client, settings: Any) -> None:
    send("First")
    send("Second <b>")
    page = client.get("/outbox/").content.decode()
    assert page.index("Second &lt;b&gt;") < page.index("First")
    assert f"/outbox/{newest(settings)}/html/" in page
    assert "The text part" in page
    assert "<dt>Subject</dt>" in page
    assert "sandbox=" in page


@pytest.mark.django_db
@pytest.mark.parametrize(
    "header",
    ["X-Forwarded-For", "X-Real-IP", "Forwarded", "Via", "X-Forwarded-Host", "X-Forwarded-Proto"],
)
def test_whoever_comes_through_a_proxy_of_this_machine_sees_nothing(
    client: Client, header: str
) -> None:
    send()
    assert client.get("/outbox/", headers={header: "192.0.2.1"}).status_code == 404


@pytest.mark.django_db
def test_a_page_elsewhere_whose_name_was_made_to_point_here_sees_nothing(
    client: Client, settings: Any
) -> None:
    settings.ALLOWED_HOSTS = ["*"]
    send()
    assert client.get("/outbox/", headers={"Host": "evil.example"}).status_code == 404
    assert client.get("/outbox/", headers={"Host": "localhost:8000"}).status_code == 200


@pytest.mark.django_db
def test_of_staff_only_those_see_it_who_may_see_deliveries(client: Client) -> None:
    users = get_user_model().objects
    client.force_login(users.create_user("ada", is_staff=True))
    assert client.get("/outbox/", REMOTE_ADDR="192.0.2.1").status_code == 404
    client.force_login(users.create_superuser("eve"))
    assert client.get("/outbox/", REMOTE_ADDR="192.0.2.1").status_code == 200


def test_any_mail_can_be_opened_by_its_name(client: Client, settings: Any) -> None:
    send("First", body="Read me")
    name = newest(settings)
    send("Second")
    assert b"Read me" in client.get(f"/outbox/{name}/").content


def test_a_mails_html_may_style_itself_and_nothing_else(client: Client, settings: Any) -> None:
    send()
    answer = client.get(f"/outbox/{newest(settings)}/html/")
    policy = answer["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "script-src" not in policy
    assert "sandbox" in policy
    assert "allow-scripts" not in policy
    assert b'<head><base target="_blank"><title>' in answer.content


def test_html_without_a_head_is_shown_too(client: Client, settings: Any) -> None:
    send(html="<p>Only this</p>")
    page = client.get(f"/outbox/{newest(settings)}/html/").content
    assert page.strip() == b'<base target="_blank"><p>Only this</p>'


@pytest.mark.parametrize("name", ["..%2f..%2fsecret_key", "nothing.eml", ".hidden.eml", "%2e%2e"])
def test_only_mails_are_read(client: Client, settings: Any, name: str) -> None:
    settings.OUTBOX_DIR.mkdir(parents=True)
    (settings.OUTBOX_DIR.parent / "secret_key").write_text("secret")
    for address in (f"/outbox/{name}/", f"/outbox/{name}/html/"):
        assert client.get(address).status_code == 404


def test_where_mail_really_leaves_there_is_no_outbox(client: Client, settings: Any) -> None:
    send()
    name = newest(settings)
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    for address in ("/outbox/", f"/outbox/{name}/", f"/outbox/{name}/html/"):
        assert client.get(address).status_code == 404


def test_mails_are_kept_by_no_cache(client: Client) -> None:
    assert client.get("/outbox/")["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    ("site_is_local", "request_from"),
    [
        (False, {"REMOTE_ADDR": "127.0.0.1"}),
        (True, {"REMOTE_ADDR": "203.0.113.7"}),
        (True, {"REMOTE_ADDR": "127.0.0.1", "HTTP_X_FORWARDED_FOR": "203.0.113.7"}),
    ],
)
@pytest.mark.django_db
def test_only_staff_look_into_it_from_elsewhere(
    client: Client, settings: Any, site_is_local: bool, request_from: dict[str, str]
) -> None:
    send()
    settings.SITE_IS_LOCAL = site_is_local
    addresses = ("/outbox/", f"/outbox/{newest(settings)}/html/")
    assert [client.get(a, **request_from).status_code for a in addresses] == [404, 404]
    user = get_user_model().objects.create_user("ada")
    client.force_login(user)
    assert client.get("/outbox/", **request_from).status_code == 404
    user.is_staff = user.is_superuser = True
    user.save()
    assert [client.get(a, **request_from).status_code for a in addresses] == [200, 200]
