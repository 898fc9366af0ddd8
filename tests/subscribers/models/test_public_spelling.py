"""Each reader sees a topic as they typed it, all others as its followers do most plainly."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from subscribers.account.address import delete_subscriber
from subscribers.account.export import export_subscriber
from subscribers.lists.export_list import list_rows
from subscribers.mail.mail_links import preferences_url
from subscribers.models import Subscriber, Topic
from subscribers.models.public_spelling import spell_left
from subscribers.signup.wishes import Wishes, follow_topics, start_afresh
from tests.factories import make_subscriber

pytestmark = pytest.mark.django_db
LOUD, PLAIN = "Diffusion-Policy!!!", "diffusion policy"


def follow(*queries: str, mutes: tuple[str, ...] = ()) -> Subscriber:
    reader = make_subscriber()
    topics, muted = map(Topic.objects.get_or_create_topics, (queries, mutes))
    reader.replace_interests(topics, muted)
    return reader


def spell() -> str:
    return Topic.objects.get().query


def test_what_is_plainer_is_shown_and_everybody_keeps_what_they_typed(
    client: Client, settings: Any
) -> None:
    settings.SITE_URL = ""
    loud = follow(LOUD)
    assert spell() == LOUD
    plain, third = follow(PLAIN), follow("Diffusion Policies")
    assert spell() == PLAIN
    assert LOUD.encode() in client.get(preferences_url(loud.pk)).content
    page = client.get(preferences_url(plain.pk)).content
    assert LOUD.encode() not in page
    assert [row["topics"] for row in list_rows()] == [[LOUD], [PLAIN], ["Diffusion Policies"]]
    assert Wishes.from_subscriber(loud).topics == [LOUD]
    held = str(export_subscriber(third))
    assert "Diffusion Policies" in held
    assert PLAIN not in held


def test_of_two_as_plain_the_first_stays_so_that_nobody_can_put_a_stump_in_its_place() -> None:
    follow(PLAIN)
    follow("diffus polici")
    assert spell() == PLAIN


def test_what_somebody_typed_leaves_with_them() -> None:
    plain, _ = follow(PLAIN), follow("Diffusion Policy!")
    last = follow("Diffusion Policies")
    plain.replace_interests([], [])
    assert spell() == "Diffusion Policies"
    delete_subscriber(last)
    assert spell() == "Diffusion Policy!"


def test_starting_afresh_leaves_nothing_typed_before() -> None:
    plain, _ = follow(PLAIN), follow(LOUD)
    start_afresh(plain, Wishes(topics=["agents"]))
    assert spell() == LOUD
    follow_topics(plain, Topic.objects.get_or_create_topics(["diffusion policy?"]))
    assert spell() == "diffusion policy?"


def test_what_only_those_who_mute_it_typed_is_not_shown() -> None:
    follow(mutes=(PLAIN,))
    follow(LOUD)
    assert spell() == LOUD


def test_no_two_topics_are_spelled_alike() -> None:
    """A row of an earlier release may have the spelling, and another normal form."""
    follow(LOUD)
    Topic.objects.create(query="diffusion policy?", normal_form="before", slug="before")
    topic = Topic.objects.get(query=LOUD)
    topic.interests.update(typed="diffusion policy?")
    spell_left([topic.pk])
    topic.refresh_from_db()
    assert topic.query == LOUD


def test_a_topic_whose_spellings_are_not_known_keeps_its_own() -> None:
    reader = follow(LOUD)
    reader.interests.update(typed="")
    spell_left([Topic.objects.get().pk])
    assert spell() == LOUD
    assert reader.interests.get().as_typed == LOUD
