"""A public page reads no more than a form can hold."""

from __future__ import annotations

import pytest
from django.test import Client

from config.body_sizes import MOST_BYTES, WEBHOOK_BYTES


@pytest.mark.parametrize("address", ["/subscribe/", "/preview/", "/unsubscribe/x/", "/nothing/"])
def test_a_flood_is_answered_before_it_is_read(client: Client, address: str) -> None:
    answer = client.post(address, "x" * (MOST_BYTES + 1), content_type="text/plain")
    assert answer.status_code == 413
    assert b"more than a form can hold" in answer.content
    assert "script-src" in answer["Content-Security-Policy"]


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["/admin/login/", "/anymail/postmark/tracking/"])
def test_staff_and_providers_are_not_held_to_it(client: Client, address: str) -> None:
    client.raise_request_exception = False
    answer = client.post(address, "x" * (MOST_BYTES + 1), content_type="text/plain")
    assert answer.status_code != 413


def test_a_post_of_reports_has_a_limit_of_its_own(client: Client) -> None:
    for size, is_refused in ((WEBHOOK_BYTES + 1, True), (WEBHOOK_BYTES, False)):
        body = "x" * size
        answer = client.post("/anymail/postmark/tracking/", body, content_type="text/plain")
        assert (answer.status_code == 413) == is_refused
        assert (b"10 megabytes at most" in answer.content) == is_refused


@pytest.mark.django_db
def test_a_bibliography_of_five_hundred_entries_with_abstracts_fits(client: Client) -> None:
    entry = (
        "@article{k, title={On {W}hales}, author={Doe, J}, abstract={" + "We count. " * 60 + "}}"
    )
    answer = client.post("/interests/", {"pasted": "\n".join([entry] * 500)})
    assert answer.status_code == 200
    assert b"BibTeX with 500 entries" in answer.content
    refused = client.post("/interests/", {"pasted": "x" * 2_500_000})
    assert refused.status_code == 413
    assert b"2.5 megabytes is the most" in refused.content
    assert b"fifty topics" not in refused.content


@pytest.mark.django_db
def test_fifty_long_topics_in_any_script_fit(client: Client) -> None:
    topics = "\n".join("\u6269" * 199 + chr(0x4E00 + n) for n in range(50))
    answer = client.post("/subscribe/", {"email": "ada@example.org", "topics": topics})
    assert answer.status_code == 200
