"""A mail leads to all papers in its reader's topics, whether it had room for them or not."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, datetime, timedelta

import pytest
from django.test import Client
from time_machine import TimeMachineFixture

from digest.compose import compose_due
from digest.compose.candidates import Choice
from digest.compose.full_list import list_all_papers
from digest.flight.site_links import find_status
from digest.models import Delivery, Edition, Paper
from digest.render import Typesetter
from digest.web import all_papers
from subscribers.mail.mail_links import all_papers_url, preferences_url
from subscribers.models import Subscriber
from tests.factories import (
    NOW,
    make_delivery,
    make_match,
    make_paper,
    make_reader,
    note_sources_read,
)

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def _at_noon(time_machine: TimeMachineFixture) -> None:
    time_machine.move_to(NOW + timedelta(hours=1))
    note_sources_read()


def news(title: str, *queries: str, at: datetime = NOW, strength: float = 1.0) -> Paper:
    paper = make_paper(title=title, abstract=title, news_at=at, first_seen_at=at, published_at=at)
    for query in queries:
        make_match(paper, query, strength)
    return paper


@pytest.fixture
def reader() -> Subscriber:
    """Somebody whose topics hold sixty papers, of which three have room."""
    for n in range(58):
        news(f"Robot number {n}.", "robots", strength=5.0)
    news("A quiet octopus.", "octopus")
    news("An octopus and a robot.", "octopus", "robots", strength=2.0)
    news("Of no interest.", "chemistry")
    return make_reader("robots", "octopus", max_papers=3)


def compose(reader: Subscriber) -> Delivery:
    compose_due(NOW, only=reader.email)
    return Delivery.objects.select_related("edition", "subscriber").get(subscriber=reader)


def shown(client: Client, url: str) -> str:
    answer = client.get(url.partition("localhost:8000")[2])
    assert answer.status_code == 200
    return answer.content.decode()


def test_a_mail_says_how_many_there_are_and_links_to_all(reader: Subscriber) -> None:
    delivery = compose(reader)
    [message] = Typesetter().render_all([delivery])
    assert message is not None
    url = all_papers_url(reader.pk, 0, delivery.edition.date)
    html, text = str(message.alternatives[0][0]), str(message.body)
    assert "3 of 60 papers in your topics. <a" in html
    assert f'href="{url}"' in html.replace("\n", "")
    assert "3 of 60 papers in your topics." in text
    assert f"All in your topics: {url}" in text


def test_the_weekly_mail_leads_to_all_papers_of_its_week(client: Client) -> None:
    for days in range(7):
        news(f"Robot of day {days}.", "robots", at=NOW - days * DAY)
    news("Robot of before.", "robots", at=NOW - 8 * DAY)
    weekly = make_reader("robots", max_papers=3, cadence="weekly", next_digest_at=NOW)
    before = Edition.objects.create(date=(NOW - 7 * DAY).date())
    sent = {"status": "sent", "sent_at": NOW - 7 * DAY, "covers_until": NOW - 7 * DAY}
    make_delivery(edition=before, subscriber=weekly, contents={}, **sent)
    compose_due(NOW, only=weekly.email)
    delivery = Delivery.objects.select_related("edition", "subscriber").get(status="planned")
    [message] = Typesetter().render_all([delivery])
    assert message is not None
    url = all_papers_url(weekly.pk, 0, delivery.edition.date)
    assert "3 of 7 papers in your topics." in str(message.body)
    assert f"All in your topics: {url}" in str(message.body)
    page = shown(client, url)
    assert page.count('class="entry"') == 7
    assert "Robot of day 6." in page
    assert "Robot of before." not in page


def test_a_mail_that_holds_all_says_no_more() -> None:
    news("A robot.", "robots")
    delivery = compose(make_reader("robots"))
    assert (delivery.digest.in_topics, delivery.digest.since) == (0, None)
    [message] = Typesetter().render_all([delivery])
    assert message is not None
    assert "/all/" not in str(message.alternatives[0][0]) + str(message.body)


def test_the_list_has_every_paper_on_pages_names_nobody_and_acts_on_nothing(
    client: Client, reader: Subscriber
) -> None:
    delivery = compose(reader)
    url = all_papers_url(reader.pk, 0, delivery.edition.date)
    pages = [shown(client, f"{url}?page={n}") for n in (1, 2, 3)]
    assert [page.count('class="entry"') for page in pages] == [25, 25, 10]
    assert "60 papers" in pages[0]
    assert "Of no interest" not in "".join(pages)
    for page in pages:
        assert reader.email not in page
        assert not re.search(r'/(feedback|preferences|unsubscribe|reading-list)/[^"]', page)
        assert "<form" not in page.partition("<main")[2].partition("</main")[0]
    assert shown(client, url.removesuffix(f"{delivery.edition.date}/")) == pages[0].replace(
        f"{delivery.edition.date}/?", "?"
    )
    answer = client.get(url)
    assert answer["X-Robots-Tag"] == "noindex, nofollow"
    assert "no-store" in answer["Cache-Control"]


def test_neither_muted_papers_nor_those_of_earlier_mails_are_on_it(
    client: Client, reader: Subscriber
) -> None:
    first = compose(reader)
    Delivery.objects.filter(pk=first.pk).update(status="sent", sent_at=NOW)
    again = Paper.objects.get(title="Robot number 3.")
    held = Paper.objects.filter(pk__in=[item.paper_id for item in first.digest.papers])
    held.update(news_at=NOW + DAY)
    Paper.objects.filter(pk=again.pk).update(news_at=NOW + DAY)
    for n in range(4):
        news(f"Late robot {n}.", "robots", at=NOW + DAY)
    muted = news("A muted robot.", "robots", "noise", at=NOW + DAY)
    reader.interests.create(topic=muted.matches.get(topic__query="noise").topic, mode="mute")
    Subscriber.objects.update(next_digest_at=NOW + DAY)
    compose_due(NOW + DAY, only=reader.email)
    delivery = Delivery.objects.exclude(pk=first.pk).get()
    page = shown(client, all_papers_url(reader.pk, 0, delivery.edition.date))
    assert "A muted robot." not in page
    assert page.count("Late robot") >= 4
    expected = delivery.digest.in_topics
    assert f"{expected} papers" in page
    assert all(paper.title not in page for paper in held)


def test_a_forged_an_ended_and_an_old_address_say_so(client: Client, reader: Subscriber) -> None:
    delivery = compose(reader)
    url = all_papers_url(reader.pk, 0, delivery.edition.date)
    other = preferences_url(reader.pk).rpartition("preferences/")[2]
    assert client.get(f"/all/{other}{delivery.edition.date}/").status_code == 404
    assert client.get(all_papers_url(make_reader().pk, 0, delivery.edition.date)).status_code == 410
    Subscriber.objects.filter(pk=reader.pk).update(link_version=1)
    assert client.get(url).status_code == 404
    current = all_papers_url(reader.pk, 1, delivery.edition.date)
    assert client.get(current).status_code == 200
    before = current.replace(f"{delivery.edition.date}/", f"{delivery.pk}/")
    assert client.get(before).status_code == 200  # as mails of 0.2 have it
    Delivery.objects.filter(pk=delivery.pk).update(covers_until=NOW - 40 * DAY)
    assert client.get(current).status_code == 200  # it has not left: its link must not hold it
    Delivery.objects.filter(pk=delivery.pk).update(status="sent", sent_at=NOW - 40 * DAY)
    assert client.get(current).status_code == 410


def test_a_month_has_no_digest(client: Client, reader: Subscriber) -> None:
    compose(reader)
    Edition.objects.update(date=date(2026, 4, 1))
    url = all_papers_url(reader.pk, 0, date(2026, 4, 1))
    assert client.get(url).status_code == 200
    assert client.get(url.replace("2026-04-01", "2026-04")).status_code == 410


def test_whether_the_page_answers_is_told_by_one_of_its_days(
    reader: Subscriber, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As an edition waits for that, and a first digest goes back a week."""
    delivery = compose(reader)
    delivery.contents["since"] = (NOW - 7 * DAY).isoformat()
    delivery.save(update_fields=["contents"])
    asked: list[datetime] = []

    def note(delivery: Delivery, since: datetime, now: datetime) -> Sequence[Choice]:
        asked.append(since)
        return list_all_papers(delivery, since, now)

    monkeypatch.setattr(all_papers, "list_all_papers", note)
    url = all_papers_url(reader.pk, 0, delivery.edition.date)
    assert find_status(url) == 200
    assert Client().get(url.partition("localhost:8000")[2]).status_code == 200
    assert asked == [NOW - DAY, NOW - 7 * DAY]
