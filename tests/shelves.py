"""A site with something on every shelf, and the address of every page there is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMessage
from django.shortcuts import render
from django.test import Client, RequestFactory
from django.urls import reverse
from django.utils import timezone

from digest.deliver.outbox import OutboxBackend, read_outbox
from digest.feedback import reading_list, record
from digest.models import Delivery, Paper, Snapshot
from digest.render.stage import make_mail_url
from digest.tasks import deliver_first, first_digest
from digest.web import periods
from subscribers import tokens
from subscribers.account import address
from subscribers.mail import mail_links
from subscribers.models import FormerAddress, SiteLook, Subscriber
from subscribers.signup import opt_in
from subscribers.signup.wishes import Wishes
from tests.factories import make_match, make_paper, make_reader, make_source

TOPIC = "world model"


@dataclass(frozen=True)
class Shelves:
    """Addresses by who may find them; `mails` are whole mails, without our frame around them."""

    public: list[str]
    signed: list[str]
    mails: list[str]
    programs: list[str]
    reader: Subscriber
    paper: Paper

    @property
    def pages(self) -> list[str]:
        return [*self.public, *self.signed, *self.mails]

    @property
    def all(self) -> list[str]:
        return [*self.pages, *self.programs]


# Addresses of operators' scripts; without a token they say so.
MANAGED = (
    *("", "token", "editions", "editions/2026-04-22", "editions/2026-04-22/hold", "sources"),
    *("sources/1", "sources/1/pause", "subscribers", "subscribers/1", "subscribers/1/pause"),
    *("suppressions", "suppressions/1", "topics", "topics/1", "nothing"),
)


def fill_the_shelves() -> Shelves:
    """Papers of today, readers in every state, some mails."""
    now = timezone.now()
    paper = _papers()
    SiteLook.objects.create(imprint="The lab, Example Street 1", contact="desk@example.org")
    reader = make_reader(TOPIC, next_digest_at=now)
    record.give_feedback(reader.pk, paper, "more", now)
    reading_list.save_paper(reader, paper, now)
    newcomer = make_reader(TOPIC)
    first_digest(newcomer.pk)
    deliver_first(newcomer.pk)
    OutboxBackend().send_messages([EmailMessage("Hello", "Text", "a@example.org", ["b@c.org"])])
    return Shelves(
        _public(paper, now.date()),
        [*_signed(reader, paper), *(f"/outbox/{name}/" for name in _letters()[:1]), "/outbox/"],
        [
            _path(make_mail_url(Delivery.objects.get(subscriber=newcomer).pk)),
            *(f"/outbox/{name}/html/" for name in _letters()),
            "/preview/mail/?t=world+model",
        ],
        _programs(reader, paper, now.date()),
        reader,
        paper,
    )


def _papers() -> Paper:
    now, source = timezone.now(), make_source(kind="arxiv", title="arXiv")
    for n in range(6):
        paper = make_paper(
            source,
            title=f"A World Model for Slow Cameras, Part {n}",
            abstract="We keep 0<x<1 and learn when to stop. " * 12,
            normal_form=" a world model for slow camera ",
            authors=["Ada Adler", "Ben Berg", "Cleo Cruz", "Dan Dahl", "Eva Ek"],
            organization="Northlight Labs",
            categories=["cs.CV"],
            code_url="https://code.example.org/slow",
            code_stars=1234,
            trend=5.0 - n,
            trend_parts={"votes": 63, "votes_since_yesterday": 41, "parts": {"votes": 2.5}},
            news_at=now,
        )
        for hour in (3, 2, 1):
            taken_at = now - timedelta(hours=hour)
            Snapshot.objects.create(paper=paper, taken_at=taken_at, upvotes=60 - 20 * hour)
        make_match(paper, TOPIC, where="World Model")
    return paper


def _public(paper: Paper, today: date) -> list[str]:
    return [
        "/",
        f"/papers/{today}/",
        "/papers/",
        reverse("digest:span", args=[periods.make_week(today)]),
        reverse("digest:span", args=[periods.make_month(today)]),
        "/papers/2020-01-04/",
        reverse("digest:paper", args=[paper.identifier]),
        "/topics/",
        "/topics/world-model/",
        "/search",
        "/search/?q=world+model",
        "/search?q=-power",
        "/search?q=zebra+quilting",
        "/api/",
        "/interests/",
        "/subscribe/",
        "/subscribe/?t=rlhf&t=%22world+model%22",
        "/preferences/",
        "/imprint/",
        "/contact/",
        "/preview/?t=world+model&t=-power",
        "/privacy/",
        "/nothing/",
    ]


def _signed(reader: Subscriber, paper: Paper) -> list[str]:
    now, long_ago = timezone.now(), timezone.now() - timedelta(days=5)
    asked = Subscriber.objects.create(email="asked@example.org", wishes={"topics": ["RAG"]})
    late = Subscriber.objects.create(email="late@example.org", wishes={"topics": ["RAG"]})
    late.confirmation_sent_at = long_ago
    left = make_reader(TOPIC)
    left.unsubscribe(now)
    mover = make_reader(TOPIC)
    address.request_move(mover, "new@example.org", now)
    former = FormerAddress.objects.create(subscriber=mover, email="old@example.org", left_at=now)
    said = mail_links.feedback_url(reader.pk)
    urls = [
        mail_links.confirm_url(asked),
        mail_links.confirm_url(late),
        mail_links.confirm_url(reader),
        mail_links.confirm_url(left),
        mail_links.preferences_url(reader.pk),
        mail_links.preferences_url(0),
        mail_links.unsubscribe_url(reader.pk),
        mail_links.unsubscribe_url(left.pk),
        mail_links.unsubscribe_url(0),
        mail_links.account_url(reader, now),
        mail_links.account_url(reader, long_ago),
        mail_links.move_url(mover.pk, now, "new@example.org"),
        mail_links.move_url(mover.pk, long_ago, "new@example.org"),
        mail_links.move_back_url(former.pk),
        mail_links.move_back_url(0),
        said,
        *(f"{said}{word}/{paper.pk}/" for word in ("more", "less", "save", "mute")),
        f"{said}more/0/",
        f"{said}near/",
        mail_links.past_digests_url(reader.pk),
        (all_of_day := mail_links.all_papers_url(reader.pk, 0, now.date())),
        all_of_day.removesuffix(f"{now.date()}/"),  # of the last digest
        all_of_day.replace(f"{now.date()}/", "1/"),  # as earlier mails have it
        mail_links.reading_list_url(reader.pk),
        mail_links.reading_list_url(left.pk),
        make_mail_url(0),
    ]
    return [_path(url) for url in urls]


def _programs(reader: Subscriber, paper: Paper, today: date) -> list[str]:
    return [
        "/healthz",
        "/readyz?of=pages",
        "/robots.txt",
        "/.well-known/security.txt",
        "/favicon.ico",
        "/sitemap.xml",
        "/look/shipped.css",
        "/sitemaps/pages.xml",
        f"/sitemaps/{today}.xml",
        "/feeds/nothing",
        "/feeds/latest.atom",
        "/feeds/papers/2026-W17.json",
        "/feeds/topics/world-model.atom",
        "/feeds/search.json?q=world+model",
        *(f"/api/v1/manage/{of}" for of in MANAGED),
        _path(mail_links.reading_feed_url(reader.pk)),
        _path(mail_links.reading_bibtex_url(reader.pk)),
        "/api/v1/papers?sort=trend",
        f"/api/v1/papers/{paper.identifier}",
        "/api/v1/topics",
        "/api/v1/topics/world-model",
        "/api/v1/days",
        "/api/v1/days/2026-04-22",
        "/api/v1/search?q=world+model",
        "/api/v1/openapi.json",
        "/api/v1/nothing",
    ]


def _letters() -> list[str]:
    return [letter.name for letter in read_outbox(settings.OUTBOX_DIR)]


def _path(url: str) -> str:
    return urlsplit(url).path


def answers_to_forms(shelves: Shelves) -> Iterator[tuple[str, Any]]:
    """The pages that no address leads to: what each form answers, and what is refused."""
    now, client = timezone.now(), Client()
    stamp = {"shown_at": tokens.sign_stamp(now - timedelta(minutes=1))}
    wish = {"email": "new@example.org", "topics": "RAG", "timezone": "UTC", **stamp}
    mine = _path(mail_links.preferences_url(shelves.reader.pk))
    out = _path(mail_links.unsubscribe_url(shelves.reader.pk))
    own = _path(mail_links.account_url(shelves.reader, now))
    said = _path(mail_links.feedback_url(shelves.reader.pk))
    forms: list[tuple[str, dict[str, str]]] = [
        ("/subscribe/", wish),
        ("/subscribe/", wish | {"email": "nobody", "topics": "-power"}),
        ("/preferences/", {"email": "new@example.org"}),
        ("/interests/", {"pasted": "We learn a world model for slow cameras. " * 5}),
        ("/interests/", {"pasted": "?"}),
        (mine, {"followed": "-power", "timezone": "UTC"}),
        (mine, {"send_link": "1"}),
        (f"{said}less/{shelves.paper.pk}/", {}),
        (f"{said}save/{shelves.paper.pk}/", {"undo": "1"}),
        (f"{said}mute/{shelves.paper.pk}/", {"mute": "world model"}),
        (out, {"instead": "pause"}),
        (own, {"action": "move", "new_email": "new@example.net"}),
        (own, {"action": "delete"}),
        (out, {}),
        (own, {"action": "delete", "sure": "1"}),
    ]
    for path, fields in forms:
        yield f"{path} {fields}", client.post(path, fields, follow=True)
    pending = opt_in.request_confirmation("soon@example.org", Wishes(["RAG"]), now)
    confirm = _path(mail_links.confirm_url(Subscriber.objects.get(pk=pending)))
    yield "confirmed", client.post(confirm, follow=True)
    for status in (400, 403, 413, 429, 500):
        request = RequestFactory().get("/")
        yield f"{status}", render(request, f"{status}.html", status=status)
    yield "403 csrf", render(RequestFactory().get("/"), "403_csrf.html", status=403)
