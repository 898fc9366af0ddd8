"""Every page there is, in the states that people meet: for `make pictures`."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from camera import Scene
from mail_pictures import TOPICS, Sent

SITE = "http://localhost"
DELETE = "Delete everything"
SET = "/subscribe/?t=LLM+agents&t=diffusion&t=%22world+model%22&t=-power"
ABSTRACT = (
    "We study retrieval for language model agents. A world model predicts what a tool will answer, "
    "and retrieval brings in what the agent has not seen. On three benchmarks the agents plan "
    "further ahead with fewer calls of each tool."
)


@dataclass(frozen=True)
class People:
    """Readers of the sample in the states that a page asks for, by their primary keys."""

    reader: int
    asked: Any
    late: Any
    joining: Any
    left: int
    leaving: int
    pausing: int
    moving: int
    gone: int


def scenes(sent: Sent, now: datetime) -> list[Scene]:
    people = _people(sent, now)
    papers = _say_back(sent.reader, now)
    return [
        *_reading_room(),
        *_front_door(people),
        *_own_pages(people, now),
        *_said_of_papers(people, papers),
        *_others(sent),
        *_staff_pages(sent),
    ]


def _people(sent: Sent, now: datetime) -> People:
    from subscribers.models import Subscriber  # noqa: PLC0415 (after django.setup)

    long_ago = now - timedelta(days=4)
    left = _reader("left", now)
    Subscriber.objects.get(pk=left).unsubscribe(now)
    return People(
        reader=sent.reader.pk,
        asked=_asked("asked", now),
        late=_asked("late", long_ago),
        joining=_asked("joining", now),
        left=left,
        leaving=_reader("leaving", now),
        pausing=_reader("pausing", now),
        moving=_reader("moved", now),
        gone=_reader("gone", now),
    )


def _asked(name: str, at: datetime) -> Any:
    from subscribers.models import Subscriber  # noqa: PLC0415
    from subscribers.signup import opt_in  # noqa: PLC0415 (after django.setup)
    from subscribers.signup.wishes import Wishes  # noqa: PLC0415

    wishes = Wishes(topics=TOPICS, timezone="Europe/Berlin")
    rows = Subscriber.objects.filter(
        pk=opt_in.request_confirmation(f"{name}@example.org", wishes, at)
    )
    rows.update(confirmation_sent_at=at)
    return rows.get()


def _reader(name: str, now: datetime) -> int:
    from subscribers.signup import opt_in  # noqa: PLC0415 (after django.setup)

    return int(opt_in.confirm_latest(_asked(name, now).pk, now).pk)


def _say_back(reader: Any, now: datetime) -> list[Any]:
    """Three papers of the reader's digest, some of them saved, and one asked more of."""
    from digest.feedback import reading_list, record  # noqa: PLC0415 (after django.setup)
    from digest.models import Delivery, Paper  # noqa: PLC0415

    items = Delivery.objects.get(subscriber=reader, status="sent").digest.papers[:4]
    papers = [Paper.objects.get(pk=item.paper_id) for item in items]
    for paper in papers[:3]:
        reading_list.save_paper(reader, paper, now)
    record.give_feedback(reader.pk, papers[0], "more", now)
    return papers


def _reading_room() -> list[Scene]:
    from digest.models import Paper  # noqa: PLC0415 (after django.setup)

    talked_about = Paper.objects.trending()[0]
    quiet = Paper.objects.filter(trend=0).order_by("pk")[0]
    return [
        Scene("today", "/", is_dark_too=True),
        Scene("day", "/papers/2026-04-22/"),
        Scene("week", "/papers/2026-W17/", is_dark_too=True),
        Scene("month", "/papers/2026-04/"),
        Scene("quiet-day", "/papers/2026-04-18/"),
        Scene("paper", f"/paper/{talked_about.identifier}/", is_dark_too=True),
        Scene("paper-without-trend", f"/paper/{quiet.identifier}/"),
        Scene("topics", "/topics/"),
        Scene("topic", "/topics/diffusion/"),
        Scene("search", "/search?q=%22world+model%22", is_dark_too=True),
        Scene("search-empty", "/search"),
        Scene("search-nothing", "/search?q=zebra+quilting"),
        Scene("search-bad-topic", "/search?q=-power"),
    ]


def _front_door(people: People) -> list[Scene]:
    from subscribers.mail import mail_links  # noqa: PLC0415 (after django.setup)

    mine = (("Email address", "you@example.org"),)
    return [
        Scene("subscribe", "/subscribe/"),
        Scene("subscribe-filled", SET, waits_for=".tried .rate strong", is_dark_too=True),
        Scene(
            "subscribe-refused",
            SET,
            typed=(("Email address", "you at example"),),
            pressed="Subscribe",
            waits_for=".errorlist",
        ),
        Scene("check-inbox", "/subscribe/?t=diffusion", typed=mine, pressed="Subscribe"),
        Scene("confirm", _path(mail_links.confirm_url(people.asked))),
        Scene("confirm-expired", _path(mail_links.confirm_url(people.late))),
        Scene(
            "confirmed", _path(mail_links.confirm_url(people.joining)), pressed="Confirm my digest"
        ),
        Scene("interests", "/interests/"),
        Scene(
            "interests-proposed",
            "/interests/",
            typed=(("BibTeX, arXiv addresses, or any text", ABSTRACT),),
            pressed="Propose topics",
        ),
        Scene("lost-link", "/preferences/"),
        Scene("link-sent", "/preferences/", typed=mine, pressed="Send me my link"),
    ]


def _own_pages(people: People, now: datetime) -> list[Scene]:
    from subscribers.mail import mail_links  # noqa: PLC0415 (after django.setup)
    from subscribers.models import Subscriber  # noqa: PLC0415 (after django.setup)

    reader = Subscriber.objects.get(pk=people.reader)
    mine = mail_links.account_url(reader, now)
    gone = mail_links.account_url(Subscriber.objects.get(pk=people.gone), now)
    return [
        Scene("preferences", _path(mail_links.preferences_url(people.reader)), is_dark_too=True),
        Scene("saved", _path(mail_links.preferences_url(people.moving)), pressed="Save"),
        Scene("account", _path(mine)),
        Scene("account-expired", _path(mail_links.account_url(reader, now - timedelta(days=1)))),
        Scene(
            "move-asked",
            _path(mine),
            typed=(("New address", "me@example.net"),),
            pressed="Send a letter there",
        ),
        Scene("deleted", _path(gone), ticked="I mean it: delete all of it", pressed=DELETE),
        Scene("unsubscribe", _path(mail_links.unsubscribe_url(people.reader)), is_dark_too=True),
        Scene(
            "paused", _path(mail_links.unsubscribe_url(people.pausing)), pressed="Pause for a month"
        ),
        Scene("unsubscribed", _path(mail_links.unsubscribe_url(people.left))),
        Scene("undone", _path(mail_links.unsubscribe_url(people.left)), pressed="Undo"),
        Scene("unknown", _path(mail_links.unsubscribe_url(0))),
        Scene("broken-link", "/preferences/abc/"),
    ]


def _said_of_papers(people: People, papers: list[Any]) -> list[Scene]:
    from subscribers.mail import mail_links  # noqa: PLC0415 (after django.setup)

    said = _path(mail_links.feedback_url(people.reader))
    return [
        Scene("more", f"{said}more/{papers[0].pk}/"),
        Scene("less", f"{said}less/{papers[1].pk}/"),
        Scene("mute", f"{said}mute/{papers[1].pk}/", is_dark_too=True),
        Scene("save", f"{said}save/{papers[3].pk}/"),
        Scene("learned", said),
        Scene("reading-list", _path(mail_links.reading_list_url(people.reader))),
        Scene("reading-list-empty", _path(mail_links.reading_list_url(people.pausing))),
    ]


def _others(sent: Sent) -> list[Scene]:
    from digest.models import Delivery  # noqa: PLC0415 (after django.setup)
    from digest.render.stage import make_mail_url  # noqa: PLC0415
    from subscribers.limits import rate_limits  # noqa: PLC0415

    refusal = rate_limits.Refusal(rate_limits.SIGN_UPS, seconds=700, is_crowded=False)
    delivery = Delivery.objects.get(subscriber=sent.reader, status="sent")
    return [
        Scene("mail-in-browser", _path(make_mail_url(delivery.pk))),
        Scene("mail-gone", _path(make_mail_url(0))),
        Scene("api", "/api/"),
        Scene("outbox", f"/outbox/{sent.letter}/"),
        Scene("error-403", template="403.html"),
        Scene("error-404", "/nothing/"),
        Scene("error-413", template="413.html"),
        Scene("error-429", template="429.html", context={"refusal": refusal}),
        Scene("error-500", template="500.html"),
    ]


def _staff_pages(sent: Sent) -> list[Scene]:
    return [
        Scene("admin-login", "/admin/login/"),
        Scene("admin", "/admin/", is_dark_too=True, for_staff=True),
        Scene("admin-papers", "/admin/digest/paper/", for_staff=True),
        Scene("admin-sources", "/admin/digest/source/", for_staff=True),
        Scene("admin-deliveries", "/admin/digest/delivery/", for_staff=True),
        Scene(
            "admin-subscriber",
            f"/admin/subscribers/subscriber/{sent.reader.pk}/change/",
            for_staff=True,
        ),
    ]


def make_staff() -> str:
    """Somebody who may see the admin; returns the password."""
    from django.contrib.auth import get_user_model  # noqa: PLC0415 (after django.setup)

    password = secrets.token_urlsafe(12)
    get_user_model().objects.create_superuser("admin", "", password)
    return password


def _path(url: str) -> str:
    return url.removeprefix(SITE)
