"""Of hundreds of readers whose mails are set in one process each finds their own links alone."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import timedelta
from random import Random

import pytest
from django.core.mail import EmailMultiAlternatives

from digest.models import Delivery, Edition, Paper, Section
from digest.render import Typesetter
from digest.render.stage import IN_THE_BROWSER
from subscribers import tokens
from subscribers.models import Subscriber
from tests.factories import NOW, make_paper
from tests.mail_lint import html_of

pytestmark = pytest.mark.django_db
READERS, AT_ONCE = 300, 37
ADDRESS = re.compile(r"reader\d+@example\.org")
TOKEN = re.compile(r"(?<=/)~[\w-]+")
OF_READERS = (tokens.PREFERENCES, tokens.UNSUBSCRIBE, tokens.FEEDBACK, tokens.ALL_PAPERS)
# The same topics in several spellings: what is the same for two readers is set once.
TOPICS = [("world model", "World Models", "world-model"), ('"world model"',), ("RAG", "rag")]
SECTIONS = list(Section)


def make_mails(random: Random) -> list[Delivery]:
    """Two editions of papers by lot for each reader, in no order."""
    papers = [make_paper(title=f"A world model {n}", abstract="RAG. " * n) for n in range(30)]
    readers = Subscriber.objects.bulk_create(
        Subscriber(
            email=f"reader{n}@example.org",
            status="active",
            confirmed_at=NOW,
            link_version=random.randrange(3),
        )
        for n in range(READERS)
    )
    days = [NOW.date(), NOW.date() + timedelta(days=1)]
    editions = [Edition.objects.create(date=day) for day in days]
    mails = Delivery.objects.bulk_create(
        Delivery(
            edition=edition,
            subscriber=reader,
            covers_until=NOW,
            contents=make_contents(random, papers),
        )
        for reader in readers
        for edition in editions
    )
    random.shuffle(mails)
    return mails


def make_contents(random: Random, papers: Sequence[Paper]) -> dict[str, object]:
    items = [
        {
            "id": paper.pk,
            "section": random.choice(SECTIONS).value,
            "topics": [[1 + n, random.choice(TOPICS[n]), "world model"] for n in (0, 1, 2)][:most],
            "evidence": "",
        }
        for paper in random.sample(papers, random.randrange(1, 8))
        for most in [random.randrange(1, 4)]
    ]
    since = {"in_topics": 90, "since": NOW.isoformat()} if random.random() < 0.5 else {}
    return {"version": 1, "papers": items, "is_first": random.random() < 0.1, **since}


def list_owners(mail: EmailMultiAlternatives) -> Iterator[tuple[str, int, int]]:
    """What each signed link of the mail is for, whose it is, and of which version."""
    said = f"{html_of(mail)}{mail.body}{mail.extra_headers}"
    for token in set(TOKEN.findall(said)):
        opened = [(one, tokens.read_version(one, token)) for one in (*OF_READERS, IN_THE_BROWSER)]
        [found] = [(purpose, *owner) for purpose, owner in opened if owner]
        yield found


@pytest.mark.parametrize("is_quoted", [True, False])
def test_every_link_opens_to_its_own_reader(is_quoted: bool) -> None:
    mails = make_mails(Random(3))
    for start in range(0, len(mails), AT_ONCE):  # each run meets cards that earlier ones set
        rows = mails[start : start + AT_ONCE]
        for row, mail in zip(rows, Typesetter(is_quoted=is_quoted).render_all(rows), strict=True):
            assert mail is not None
            reader = row.subscriber
            own = {(purpose, reader.pk, reader.link_version) for purpose in OF_READERS}
            if "in_topics" not in row.contents:
                own = {link for link in own if link[0] != tokens.ALL_PAPERS}
            assert set(list_owners(mail)) == own | {(IN_THE_BROWSER, row.pk, 0)}
            assert set(ADDRESS.findall(html_of(mail) + str(mail.body))) == {reader.email}
            assert mail.to == [reader.email]


def test_a_mails_page_has_no_link_of_any_reader() -> None:
    rows = make_mails(Random(4))[:AT_ONCE]
    Typesetter().render_all(rows)
    for row in rows:
        page = Typesetter().render_page(row)
        assert page is not None
        assert TOKEN.findall(page) == []
        assert ADDRESS.findall(page) == []
