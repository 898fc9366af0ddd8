"""What the staff's pages show of a service that has run for a while: every state of everything."""

from __future__ import annotations

from datetime import timedelta
from itertools import chain
from typing import Any

from django.contrib.auth.models import User
from django.urls import reverse
from django.utils import timezone

from digest.flight.acts import ACTS as FLIGHT_ACTS
from digest.models import (
    DailyFigure,
    Delivery,
    DomainPause,
    Edition,
    EditionFlight,
    ManagementToken,
    OperatorAlarm,
    Paper,
    ProviderEvent,
    Source,
    Verdict,
    Webhook,
    WebhookPost,
)
from digest.watch.daily_figures import write_figures
from subscribers.admin.acts import ACTS
from subscribers.models import ConsentEvent, Subscriber, Suppression, Topic
from tests.digest.web.api.manage.asking import make_token
from tests.digest.webhooks.receiver import make_webhook
from tests.factories import make_delivery, make_source, make_subscriber
from tests.shelves import TOPIC, Shelves

DAY = timedelta(days=1)
TYPED = "zebra"  # what stands for the words of operators, providers and servers
Name = DailyFigure.Name


def fill_for_staff(shelves: Shelves, owner: User) -> list[str]:
    """Make it; the addresses of the pages that show it, with `owner` as whom they belong to."""
    _write_days()
    sources = _make_sources()
    deliveries = _make_deliveries(shelves)
    _make_people(shelves)
    webhooks = _make_webhooks()
    tokens = [make_token(owner, name=TYPED, expires_at=ends)[0] for ends in _moments()]
    OperatorAlarm.objects.create(kind=TYPED, sentence=TYPED, raised_at=timezone.now())
    flight = EditionFlight.objects.get()
    reader = shelves.reader.pk
    shown: list[Any] = [*sources, *deliveries, *webhooks, *tokens, shelves.paper, flight.edition]
    shown += [*ProviderEvent.objects.all()[:1], *Topic.objects.filter(query=TOPIC)]
    shown += Subscriber.objects.all()
    kinds = [Delivery, DomainPause, Edition, ManagementToken, Paper, ProviderEvent, Source]
    return [
        reverse("admin:index"),
        *(name_page(kind, "changelist") for kind in [*kinds, Subscriber, Suppression, Webhook]),
        *(name_page(type(one), "change", one.pk) for one in shown),
        *(reverse(f"admin:digest_edition_{name}", args=[flight.pk]) for name in FLIGHT_ACTS),
        *(f"{reverse('admin:subscribers_subscriber_act', args=[n])}?id={reader}" for n in ACTS),
        reverse("admin:subscribers_subscriber_next", args=[reader]),
        f"{reverse('admin:subscribers_subscriber_why', args=[reader])}?paper=2604.00001",
        reverse("admin:subscribers_subscriber_import"),
        reverse("admin:digest_source_opml_upload"),
        reverse("second_step_set_up"),
    ]


def list_computed_words() -> str:
    """What its pages show that nobody wrote: keys, addresses, data, and names for programs."""
    computed = {
        Delivery: ["contents", "key"],
        ManagementToken: ["hint", "scopes"],
        Paper: ["trend_parts", "url", "code_url"],
        Subscriber: ["email"],
        Suppression: ["fingerprint"],
        Webhook: ["kinds", "secret", "url"],
    }
    rows = [kind.objects.values_list(*names) for kind, names in computed.items()]
    return " ".join(str(value) for row in chain(*rows) for value in row)


def name_page(model: Any, page: str, *args: Any) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}", args=args)


def _moments() -> list[Any]:
    return [timezone.now() - DAY, timezone.now() + DAY, None]


def _write_days() -> None:
    """Figures of two days, with complaints and bounces beyond their lines."""
    today = timezone.now().date()
    for day in (today, today - DAY):
        write_figures(day, Name.DELIVERIES, dict.fromkeys(Delivery.Status.values, 1000))
        for name in (Name.JOINED, Name.LEFT, Name.SUPPRESSED, Name.BOUNCED, Name.COMPLAINED):
            write_figures(day, name, {"": 200})
        write_figures(day, Name.SUBSCRIBERS, dict.fromkeys(Subscriber.Status.values, 9))
        write_figures(day, Name.SUPPRESSIONS, {"": 9})
        write_figures(day, Name.PAPERS, {str(Source.objects.latest("pk").pk): 3})
        write_figures(day, Name.FOLLOWERS, {str(Topic.objects.latest("pk").pk): 3})
        write_figures(day, Name.SECONDS, {"score and match": 300, "first digests": 3})


def _make_sources() -> list[Source]:
    """One in each state, asked just now, one that nobody asks, and one that was stopped."""
    now = timezone.now()
    asked = {"last_asked_at": now, "last_fetched_at": now, "next_fetch_at": now + DAY}
    late = {"last_asked_at": now - 9 * DAY, "next_fetch_at": now - 8 * DAY}
    made = [
        make_source(title=TYPED, state=state, last_error=TYPED, **asked)
        for state in Source.State.values
    ]
    made.append(make_source(title=TYPED, state="healthy", note=TYPED, **late))
    made.append(make_source(title=TYPED, state="stopped", is_active=False, last_error=TYPED))
    moves = {"moved_to": "https://new.example.org/feed", "moved_times": 2}
    fresh = {"cs.CL": {"listed_on": "2026-04-22"}, "cs.LG": {}}
    made.append(make_source(title=TYPED, kind="arxiv", freshness=fresh, **moves, **asked))
    return made


def _make_deliveries(shelves: Shelves) -> list[Delivery]:
    """One in each status of today's edition, which is held, with a report of each verdict."""
    now = timezone.now()
    edition, _made = Edition.objects.get_or_create(date=now.date())
    EditionFlight.objects.all().delete()
    held = {"state": "held", "held_in": "flying", "held_by": "bounces", "reason": TYPED}
    EditionFlight.objects.create(edition=edition, since=now, checked_at=now, canary_size=20, **held)
    contents = {"papers": [{"id": pk, "section": "new", "topics": []} for pk in (1, 10**6)]}
    made = []
    for status in Delivery.Status.values:
        quiet = {"quiet_reason": "no_match"} if status == "quiet" else {}
        times = {"sent_at": now} if status == "sent" else {}
        times |= {"claimed_at": now} if status in ("sent", "claimed", "in_doubt") else {}
        fields = {"edition": edition, "covers_until": now, "status": status, "error": TYPED}
        made.append(make_delivery(contents=contents, **fields, **times, **quiet))
    sent = Delivery.objects.filter(subscriber=shelves.reader).first() or made[0]
    for number, verdict in enumerate(Verdict.values):
        ProviderEvent.objects.create(
            provider=TYPED,
            event_id=str(number),
            kind=TYPED,
            verdict=verdict,
            said=TYPED if number else "",
            happened_at=now,
            received_at=now,
            delivery=sent,
            subscriber=sent.subscriber,
        )
    for number, until in enumerate(_moments()[:2]):
        DomainPause.objects.create(
            domain=f"{TYPED}{number}.org", paused_at=now - 2 * DAY, until=until, reason=TYPED
        )
    return made


def _make_people(shelves: Shelves) -> None:
    now = timezone.now()
    make_subscriber(paused_until=now + 9 * DAY)
    banned = make_subscriber()
    Suppression.objects.suppress(banned.email, "complaint")
    for kind in ConsentEvent.Kind.values:
        ConsentEvent.objects.create(
            subscriber=shelves.reader,
            kind=kind,
            happened_at=now,
            noted_at=now,
            by=TYPED,
            note=TYPED,
        )


def _make_webhooks() -> list[Webhook]:
    now = timezone.now()
    made = [
        make_webhook(name=TYPED, is_active=False),
        make_webhook(name=TYPED, failed_at=now, last_error=TYPED),
        make_webhook(name=TYPED, last_taken_at=now),
        make_webhook(name=TYPED),
    ]
    post = {"kind": "left", "subscriber_number": 1, "happened_at": now}
    for fields in (
        {"next_try_at": now},
        {"attempts": 3, "next_try_at": now + DAY, "last_error": TYPED},
        {"attempts": 8, "last_error": TYPED},
        {"attempts": 1, "taken_at": now},
    ):
        WebhookPost.objects.create(webhook=made[1], **post, **fields)
    return made
