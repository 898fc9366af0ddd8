"""Every mail is built in one place: clean headers, short lines, links that work."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from subscribers import emails, tokens
from tests.factories import NOW, make_subscriber

LINK = "https://papers.example.org/confirm/7.x/"


def build(**context: Any) -> Any:
    context = {"confirm_url": LINK, "topic_count": 2, "postal_address": ""} | context
    return emails.build("confirmation", "ada@example.org", context, {"Auto-Submitted": "auto"})


@given(st.text())
def test_a_header_is_one_line_whatever_goes_into_it(text: str) -> None:
    cleaned = emails.clean_header(text)
    assert cleaned.isprintable()
    assert emails.clean_header(cleaned) == cleaned


def test_a_title_cannot_smuggle_in_a_header() -> None:
    assert emails.clean_header("Paper\r\nBcc: eve@example.org") == "Paper Bcc: eve@example.org"
    assert emails.clean_header("right\u202eleft\u2028zero\u200bwidth") == "right left zero width"


@given(st.lists(st.text(st.characters(exclude_characters=" \n"), max_size=190)))
def test_no_line_is_too_long_and_no_word_is_lost(words: list[str]) -> None:
    text = " ".join(words)
    folded = emails.fold_lines(text)
    assert folded.split() == text.split()
    assert all(len(line.encode()) < 4 * 391 for line in folded.split("\n"))
    assert all(len(line) <= 200 + 191 for line in folded.split("\n"))


def test_the_mail_has_a_subject_a_text_and_html_with_the_same_link() -> None:
    message = build()
    html = message.alternatives[0][0]
    assert message.subject == "Please confirm your Offprint digest"
    assert message.to == ["ada@example.org"]
    assert LINK in message.body
    assert f'href="{LINK}"' in html
    assert "2 topics" in message.body
    assert "2 topics" in " ".join(html.split())
    assert message.extra_headers == {"Auto-Submitted": "auto"}


def test_the_html_is_compiled_and_asks_nothing_from_elsewhere(settings: Any) -> None:
    settings.SITE_URL = "https://papers.example.org"
    html = build().alternatives[0][0]
    assert "<mj-" not in html
    assert "<img" not in html
    outside = set(re.findall(r"(?:href|src)=\"(https?://[^/\"]+)", html))
    assert outside == {"https://papers.example.org"}
    assert "prefers-color-scheme: dark" in html


def test_a_mail_on_the_wire_has_no_line_of_998_bytes() -> None:
    for line in build().message().as_bytes().splitlines():
        assert len(line) < 998


def test_the_postal_address_is_named_where_there_is_one() -> None:
    message = build(postal_address="Reading Room 3, Halden")
    assert "Reading Room 3, Halden" in message.body
    assert "Reading Room 3, Halden" in message.alternatives[0][0]
    assert "Reading Room" not in build().body


def test_the_headers_let_a_mailbox_unsubscribe_with_one_click(settings: Any) -> None:
    settings.SITE_URL = "https://papers.example.org"
    headers = emails.unsubscribe_headers(7)
    token = tokens.sign(tokens.UNSUBSCRIBE, 7)
    assert headers == {
        "List-Unsubscribe": f"<https://papers.example.org/unsubscribe/{token}/>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        "List-Id": "Offprint <digest.papers.example.org>",
        "Precedence": "bulk",
        "Auto-Submitted": "auto-generated",
    }


@pytest.mark.django_db
def test_the_link_that_confirms_dates_from_its_mail() -> None:
    url = emails.confirm_url(make_subscriber(confirmation_sent_at=NOW))
    link = tokens.read_confirmation(url.split("/")[-2])
    assert link is not None
    assert link.issued_at == NOW


@pytest.mark.django_db
def test_a_link_can_be_made_for_someone_who_was_never_written_to() -> None:
    subscriber = make_subscriber()
    link = tokens.read_confirmation(emails.confirm_url(subscriber).split("/")[-2])
    assert link is not None
    assert link.subscriber_id == subscriber.pk
