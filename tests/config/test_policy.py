"""Public pages run nothing inline and load nothing from elsewhere; the admin may do more."""

import logging.config
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from digest.models import Paper
from tests.factories import make_paper


def test_a_public_page_allows_our_own_files_and_nothing_inline(client: Client) -> None:
    policy = client.get("/subscribe/")["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'self'" in policy
    assert "unsafe" not in policy
    assert "http" not in policy


@pytest.mark.django_db
def test_the_admin_may_style_itself_but_loads_nothing_from_elsewhere(client: Client) -> None:
    policy = client.get("/admin/login/")["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "style-src 'self' 'unsafe-inline'" in policy
    assert "http" not in policy


def test_even_what_does_not_exist_carries_the_policy(client: Client) -> None:
    assert "unsafe" not in client.get("/nothing/")["Content-Security-Policy"]


@pytest.mark.django_db
@pytest.mark.parametrize(
    "address", ["/paper/%00/", "/topics/a%00b/", "/search?q=%00", "/?sort=%00"]
)
def test_an_address_with_a_nul_in_it_leads_nowhere(client: Client, address: str) -> None:
    assert client.get(address).status_code == 404


@pytest.mark.django_db
def test_what_is_refused_leaves_one_line_in_the_log(client: Client, capfd: Any) -> None:
    logging.config.dictConfig(settings.LOGGING)
    assert client.post("/subscribe/", {f"field{n}": "" for n in range(1100)}).status_code == 400
    said = capfd.readouterr().err
    assert "TooManyFields" in said
    assert "Traceback" not in said


@pytest.mark.parametrize(
    ("address", "encoding"),
    [("/static/offprint.css", "gzip"), ("/healthz", ""), ("/static/favicon.svg", "gzip")],
)
def test_what_is_text_travels_compressed(client: Client, address: str, encoding: str) -> None:
    answer = client.get(address, HTTP_ACCEPT_ENCODING="gzip")
    assert answer.status_code == 200
    assert answer.headers.get("Content-Encoding", "") == encoding


@pytest.mark.parametrize("provider", ["postmark", "mailgun", "amazon_ses"])
def test_without_its_secret_a_webhook_is_not_there(client: Client, provider: str) -> None:
    assert client.post(f"/anymail/{provider}/tracking/").status_code == 404


@pytest.mark.parametrize(
    ("address", "status"),
    [("postmark", 400), ("mailgun", 404), ("mandrill", 404), ("amazon_ses", 400)],
)
def test_what_no_provider_of_ours_reports_is_no_fault_of_ours(
    client: Client, settings: Any, address: str, status: int
) -> None:
    settings.ANYMAIL = {"WEBHOOK_SECRET": "name:password"}
    headers = {"Authorization": "Basic bmFtZTpwYXNzd29yZA=="}
    url = f"/anymail/{address}/tracking/"
    answer = client.post(url, b"?", "application/json", headers=headers)
    assert answer.status_code == status


@pytest.mark.parametrize("method", ["post", "put", "delete"])
@pytest.mark.parametrize("address", ["/", "/search", "/topics/", "/healthz", "/mail/garbage/"])
def test_a_page_that_only_shows_says_so(method: str, address: str) -> None:
    client = Client(enforce_csrf_checks=True)
    answer = client.generic(method.upper(), address, headers={"Origin": "https://elsewhere.org"})
    assert (answer.status_code, answer["Allow"]) == (405, "GET, HEAD")
    said = answer.content.decode()
    assert f"It answers to GET, and {method.upper()} is something else" in said


def test_a_page_with_a_form_says_what_it_answers_to(client: Client) -> None:
    answer = client.delete("/preferences/garbage/")
    assert answer.status_code == 405
    assert b"It answers to GET or POST" in answer.content


@pytest.mark.django_db
def test_no_page_has_powers_and_none_is_taken_into_another_sites(client: Client) -> None:
    answer = client.get("/subscribe/")
    assert "camera=()" in answer["Permissions-Policy"]
    assert answer["Cross-Origin-Resource-Policy"] == "same-origin"
    assert answer["Cross-Origin-Opener-Policy"] == "same-origin"
    assert client.get("/api/v1/papers")["Cross-Origin-Resource-Policy"] == "cross-origin"


@pytest.mark.django_db
def test_signs_that_turn_text_around_leave_on_no_page_and_in_no_answer(client: Client) -> None:
    """However they came to be stored, on a page that is kept as well."""
    turned = "Robots \u202egnp.exe\u202c and \u2066hands\u2069"
    paper = make_paper(title="Robots", abstract="Hands.", url="https://example.org/a")
    Paper.objects.filter(pk=paper.pk).update(title=turned)
    for address in ("/", "/", f"/paper/{paper.identifier}/", "/api/v1/papers"):
        said = client.get(address).content.decode()
        assert "Robots gnp.exe and hands" in said
        assert not set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069") & set(said)


@pytest.mark.django_db
def test_an_answer_without_the_signs_taken_out_says_how_long_it_is(client: Client) -> None:
    """Or the browser waits for the rest, and takes the page for cut off."""
    answer = client.post("/interests/", {"pasted": "\u202enetworks\u202c"})
    assert "networks" in answer.content.decode()
    assert int(answer["Content-Length"]) == len(answer.content)


def test_an_https_site_sends_plain_requests_to_https_but_for_machines(settings: Any) -> None:
    settings.SECURE_SSL_REDIRECT = True
    settings.SECURE_REDIRECT_EXEMPT = ["^healthz$", "^readyz$"]
    client = Client()
    assert client.get("/subscribe/")["Location"].startswith("https://")
    assert client.get("/healthz").status_code == 200


@pytest.mark.parametrize("provider", ["postmark", "sparkpost", "mailjet", "brevo", "mailtrap"])
@pytest.mark.parametrize("kind", ["tracking", "inbound"])
@pytest.mark.django_db
def test_a_report_of_wrong_types_is_refused_whoever_knows_the_secret(
    settings: Any, provider: str, kind: str
) -> None:
    settings.ANYMAIL = {"WEBHOOK_SECRET": "name:password"}
    headers = {"Authorization": "Basic bmFtZTpwYXNzd29yZA=="}
    client = Client(raise_request_exception=False, headers=headers)
    for body in (b"[1]", b'{"a": 1}', b'"x"', b"null", b'[{"msys": 7}]', b"7"):
        answer = client.post(f"/anymail/{provider}/{kind}/", body, "application/json")
        assert answer.status_code < 500, body
