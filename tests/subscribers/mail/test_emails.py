"""Every mail is built in one place: clean headers, short lines, links that work."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from django.utils.html import escape
from hypothesis import given
from hypothesis import strategies as st

from subscribers import tokens
from subscribers.mail import emails, mail_links
from tests.factories import NOW, make_subscriber
from tests.mail_lint import complaints_of_letter

LINK = "https://papers.example.org/confirm/7.x/"


def build(**context: Any) -> Any:
    context = {"confirm_url": LINK, "topic_count": 2, "postal_address": ""} | context
    return emails.build_mail("confirmation", "ada@example.org", context, {"Auto-Submitted": "auto"})


@given(st.text())
def test_a_header_is_one_line_whatever_goes_into_it(text: str) -> None:
    cleaned = emails.clean_header(text)
    assert cleaned.isprintable()
    assert emails.clean_header(cleaned) == cleaned


def test_a_title_cannot_smuggle_in_a_header() -> None:
    assert emails.clean_header("Paper\r\nBcc: eve@example.org") == "Paper Bcc: eve@example.org"
    assert emails.clean_header("right\u202eleft\u2028zero\u200bwidth") == "rightleft zerowidth"
    assert emails.clean_header("👩\u200d💻") == "👩💻"


class Events(HTMLParser):
    """What an HTML document says, its white space in texts made one."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=False)
        self.seen: list[Any] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, attrs))

    def handle_endtag(self, tag: str) -> None:
        self.seen.append(f"/{tag}")

    def handle_data(self, data: str) -> None:
        self.seen.append(" ".join(data.split()))

    def handle_comment(self, data: str) -> None:
        self.seen.append(("comment", data))


words = st.lists(
    st.text(st.characters(codec="utf-8", exclude_characters=" \n\r"), max_size=90), max_size=60
)


@given(words)
def test_no_line_of_text_is_too_long_and_no_word_is_lost(words: list[str]) -> None:
    text = " ".join(words)
    folded = emails.fold_lines(text)
    assert folded.replace("\n", " ") == text
    assert all(len(line.encode()) < 998 for line in folded.split("\n"))


@given(words, st.integers(1, 30))
def test_folded_html_says_the_same_to_the_byte_in_every_attribute(
    words: list[str], times: int
) -> None:
    text = escape(" ".join(words))
    html = (
        "<style>p { font: 'Times  New Roman' }</style>"
        f'<!--[if mso | IE]><table width="600"><![endif]--><p title=\'a "b" c\' class="{text}" '
        f"style=\"font-family: 'Times New Roman', Georgia; color: red\">{text}</p><br />"
    ) * times
    folded = emails.fold_lines(html)
    assert Events(folded).seen == Events(html).seen
    assert len(folded) == len(html)


def test_the_names_of_fonts_are_never_broken() -> None:
    html = "<p style=\"font-family:'Times New Roman'\">x</p>" * 100
    folded = emails.fold_lines(html)
    assert folded.count("'Times New Roman'") == 100
    assert "\n" in folded


def test_short_lines_are_left_alone() -> None:
    html = "<p>a b</p>\n" * 500
    assert emails.fold_lines(html) == html


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
    assert "Georgia, serif" in html
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
    headers = emails.make_unsubscribe_headers(7)
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
    url = mail_links.confirm_url(make_subscriber(confirmation_sent_at=NOW))
    link = tokens.read_dated(tokens.CONFIRM, url.split("/")[-2])
    assert link is not None
    assert link.issued_at == NOW


@pytest.mark.django_db
def test_a_link_can_be_made_for_someone_who_was_never_written_to() -> None:
    subscriber = make_subscriber()
    link = tokens.read_dated(tokens.CONFIRM, mail_links.confirm_url(subscriber).split("/")[-2])
    assert link is not None
    assert link.subscriber_id == subscriber.pk


FOLDERS = Path(emails.settings.BASE_DIR, "templates", "emails")
LETTERS = sorted({path.parent.name for path in FOLDERS.glob("*/subject.txt")})


@pytest.mark.parametrize("name", LETTERS)
def test_every_letter_passes_the_lint_and_its_text_is_72_wide(name: str) -> None:
    links = ("confirm", "preferences", "account", "unsubscribe", "move", "move_back")
    context = dict.fromkeys([f"{link}_url" for link in links], LINK) | {"topic_count": 12}
    context["postal_address"] = "Example Lab, 1 Example Street"
    letter = emails.build_mail(
        name, "ada@example.org", context, {"Auto-Submitted": "auto-generated"}
    )
    assert complaints_of_letter(letter) == []
    lines = [line for line in str(letter.body).split("\n") if LINK not in line]
    assert max(map(len, lines)) <= 72
