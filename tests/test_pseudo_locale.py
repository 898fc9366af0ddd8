"""A catalogue that puts every message in brackets: what stands outside is lost to translators."""

from __future__ import annotations

import re
import sys
from collections.abc import Collection, Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from zoneinfo import available_timezones

import pytest
from django.conf import settings as site
from django.contrib.auth.models import User
from django.test import Client
from django.utils.dates import MONTHS, MONTHS_3, WEEKDAYS, WEEKDAYS_ABBR

from digest.deliver.outbox import read_mail, read_outbox
from digest.models import Paper
from subscribers.mail import emails
from tests.catalogue import CATALOGUE, CLOSES, OPENS, read_catalogue, write_false_catalogue
from tests.shelves import TOPIC, fill_the_shelves
from tests.staff_shelves import fill_for_staff, list_computed_words

READ_OUT = {"title", "alt", "placeholder", "aria-label", "label"}
READ_OUT |= {"data-chosen", "data-remove", "data-removed", "data-added", "data-swapped"}
READ_OUT |= {"data-share"}
WORD = re.compile(r"[^\W\d_]{3,}")
# Names, addresses and examples, and what the shelves hold as typed by operators and readers.
NAMES = "Offprint PDF arXiv Hugging Face Daily Papers BibTeX example org http https testserver"
TYPED = "The lab Example Street desk RAG rlhf power zebra quilting Hello Text reader mail you"
EXAMPLES = "localhost article arxiv lecun list recent"
# Of the admin only what is ours: our own pages, and what stands in its fields and lists.
OURS = {"front", "readonly"}


class Outside(HTMLParser):
    """The words of a page outside of all brackets, as a person sees or hears them.

    With `of` only those within boxes of these classes, and of classes that begin with "field-":
    the cells of a list.
    """

    def __init__(self, html: str, of: Collection[str] = ()) -> None:
        super().__init__()
        self.words: list[str] = []
        self._of, self._depth = set(of), 0
        self._box, self._within = "", 0
        self._silent = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if self._within:
            self._within += tag == self._box
        elif self._is_box(tag, given.get("class", "").split()):
            self._box, self._within = tag, 1
        if tag in ("style", "script", "code", "pre") or given.get("class") == "headers":
            self._silent = tag
        if self._is_heard:
            for name in READ_OUT & given.keys():
                self.words += WORD.findall(cut_brackets(given[name])[0])

    def handle_endtag(self, tag: str) -> None:
        self._within -= self._within > 0 and tag == self._box
        if tag == self._silent:
            self._silent = ""

    def handle_data(self, data: str) -> None:
        said, self._depth = cut_brackets(data, self._depth)
        if self._is_heard and not self._silent:
            self.words += WORD.findall(said)

    def _is_box(self, tag: str, classes: list[str]) -> bool:
        # Of a list within a form Unfold's own buttons stand in the cells.
        is_cell = tag in ("td", "th") and "field-tabular" not in classes
        is_cell = is_cell and any(name.startswith("field-") for name in classes)
        return bool(self._of) and (is_cell or not self._of.isdisjoint(classes))

    @property
    def _is_heard(self) -> bool:
        return not self._of or self._within > 0


def cut_brackets(text: str, depth: int = 0) -> tuple[str, int]:
    """What is outside of all brackets, and how deep in them the text ends."""
    outside = ""
    for piece in re.split(f"([{OPENS}{CLOSES}])", text):
        depth += {OPENS: 1, CLOSES: -1}.get(piece, 0)
        outside += piece if depth == 0 and piece != CLOSES else " "
    return outside, depth


def forget_kept_texts() -> None:
    """What a process keeps in one language, as it has one."""
    for name, module in list(sys.modules.items()):
        if name.startswith(("digest.", "subscribers.")):
            for kept in vars(module).values():
                if hasattr(kept, "cache_clear"):
                    kept.cache_clear()


@pytest.fixture
def in_brackets(settings: Any, tmp_path: Path) -> Iterator[None]:
    forget_kept_texts()
    settings.EMAIL_BACKEND = settings.OUTBOX_BACKEND
    settings.LOCALE_PATHS = [write_false_catalogue(tmp_path / "locale", read_catalogue(CATALOGUE))]
    yield
    forget_kept_texts()


def list_known() -> set[str]:
    """Words that need no translation by us: of papers, names, zones, and Django's of days."""
    papers = [
        f"{p.title} {p.abstract} {p.organization} {p.authors} {p.categories}"
        for p in Paper.objects.all()
    ]
    dates = [*MONTHS.values(), *MONTHS_3.values(), *WEEKDAYS.values(), *WEEKDAYS_ABBR.values()]
    texts = [*papers, *available_timezones(), *map(str, dates), NAMES, TYPED, EXAMPLES, TOPIC]
    known = {word for text in texts for word in WORD.findall(text)}
    return known | {word.capitalize() for word in known}


def find_strange(
    client: Client, address: str, known: set[str], of: Collection[str] = ()
) -> list[str]:
    answer = client.get(address, follow=True)
    content = b"".join(answer.streaming_content) if answer.streaming else answer.content  # type: ignore[attr-defined]
    page = content.decode()
    assert OPENS in page, address
    return [f"{address}: {word}" for word in Outside(page, of).words if word not in known]


@pytest.mark.django_db
@pytest.mark.usefixtures("in_brackets")
def test_every_page_and_mail_says_in_brackets_what_it_says(client: Client) -> None:
    shelves = fill_the_shelves()
    known = list_known()
    # The interface for programs is described in English, as its names are.
    pages = [address for address in shelves.pages if address != "/api/"]
    plain = [name for name in shelves.mails if "/outbox/" in name and is_plain(name)]
    assert [
        word
        for address in pages
        if address not in plain
        for word in find_strange(client, address, known)
    ] == []
    mails = [read_mail(Path(site.OUTBOX_DIR), one.name) for one in read_outbox(site.OUTBOX_DIR)]
    texts = [cut_brackets(re.sub(r"http\S+|\S+@\S+", "", mail.text))[0] for mail in mails if mail]
    assert len(texts) > 1
    strange = {word for text in texts for word in WORD.findall(text)} - known
    assert strange - {"OFFPRINT"} == set()


@pytest.mark.django_db
@pytest.mark.usefixtures("in_brackets")
@pytest.mark.parametrize("name", ["confirmation", "link", "move", "moved"])
def test_every_letter_says_in_brackets_what_it_says(name: str) -> None:
    links = ("confirm", "preferences", "account", "unsubscribe", "move", "move_back")
    context: dict[str, Any] = {f"{link}_url": f"{site.SITE_URL}/x/" for link in links}
    letter = emails.build_mail(name, "a@example.org", context | {"topic_count": 2}, {})
    [(html, _kind)] = letter.alternatives
    words = WORD.findall(cut_brackets(re.sub(r"http\S+", "", f"{letter.subject} {letter.body}"))[0])
    assert {*words, *Outside(str(html)).words} <= {"OFFPRINT", "Offprint", "http", "localhost"}
    assert str(html).count(OPENS) > 6


def is_plain(address: str) -> bool:
    """Whether the outbox holds a mail without an HTML part under this address."""
    mail = read_mail(Path(site.OUTBOX_DIR), address.split("/")[2])
    return mail is not None and not mail.html


@pytest.mark.django_db
@pytest.mark.usefixtures("in_brackets")
def test_our_pages_of_the_admin_say_in_brackets_what_they_say(client: Client) -> None:
    shelves = fill_the_shelves()
    owner = User.objects.create_superuser("root", "root@example.org")
    client.force_login(owner)
    addresses = fill_for_staff(shelves, owner)
    known = list_known() | {"root", "Feed", *WORD.findall(list_computed_words())}
    assert [
        word for address in addresses for word in find_strange(client, address, known, OURS)
    ] == []


def test_words_outside_of_brackets_are_heard() -> None:
    page = (
        f'<p title="{OPENS}Marked{CLOSES} not">{OPENS}One {OPENS}in{CLOSES} <b>two</b>{CLOSES}</p>'
    )
    assert Outside(f"{page}<p>Left</p><code>author</code>").words == ["not", "Left"]
    assert Outside('<div class="front"><div>In</div> this</div><p>Out</p>', ["front"]).words == [
        "this"
    ]
