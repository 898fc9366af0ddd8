"""What is close to a topic stands on its page, with its reason, apart from what was found."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from digest.match import match_papers
from digest.models import Paper, TopicSense
from subscribers.models import Topic
from tests.factories import make_paper, make_reader

pytestmark = pytest.mark.django_db


def test_a_topics_page_names_the_newest_days_papers_close_to_it(client: Client) -> None:
    now = timezone.now()
    make_reader("diffusion policy")
    topic = Topic.objects.get()
    make_paper(title="A diffusion policy", news_at=now, first_seen_at=now)
    near = make_paper(title="A gripper with tactile fingers", news_at=now, first_seen_at=now)
    make_paper(title="Another gripper", news_at=now - timedelta(days=2), first_seen_at=now)
    make_paper(title="Rivers", news_at=now, first_seen_at=now)
    match_papers(now)
    TopicSense.objects.update_or_create(
        topic=topic,
        defaults={"words": "gripper:1.000 tactil:0.500 diffus:1.000", "due_at": now + timedelta(9)},
    )
    page = client.get(reverse("digest:topic", args=[topic.slug]))
    assert [one.paper for one in page.context["near"]] == [near]
    shown = page.content.decode()
    assert "Close to this topic" in shown
    assert "they are like those it was found in" in shown
    assert "gripper, tactile" in shown
    for form in ("atom", "json"):
        address = f"/feeds/topics/{topic.slug}.{form}"
        said, without = (client.get(a).content.decode() for a in (address, f"{address}?near=no"))
        assert said.index("A diffusion policy") < said.index(f"Close to it: {near.title}")
        assert "Close to diffusion policy: like what it finds (gripper, tactile)" in said
        assert near.title not in without
        assert "?near=no" in without  # its own address
        assert near.title not in client.get(f"{address}?page=2").content.decode()
    TopicSense.objects.update(words="")
    assert "Close to this topic" not in client.get(page.request["PATH_INFO"]).content.decode()


def test_a_topics_page_says_which_words_in_a_title_it_finds_too(client: Client) -> None:
    now = timezone.now()
    make_reader("image restoration")
    topic = Topic.objects.get()
    near = make_paper(title="Dehazing fast", abstract="Degraded.", news_at=now, first_seen_at=now)
    match_papers(now)
    for mark, shown in (("", False), (" ~imag_restor:0.600", True)):
        words = {"words": f"degrad:0.100{mark}", "due_at": now + timedelta(9)}
        TopicSense.objects.update_or_create(topic=topic, defaults=words)
        page = client.get(reverse("digest:topic", args=[topic.slug]))
        assert [one.paper for one in page.context["near"]] == [near] * shown
        # It was found in no paper that these could be like.
        assert "those it was found in" not in page.content.decode()
        assert ("dehazing, degraded" in page.content.decode()) is shown
        assert "Also finds titles with one of these" in page.content.decode()


def test_a_paper_that_was_deleted_takes_no_place_on_a_topics_page(client: Client) -> None:
    """What is in memory of the papers has it until they are read anew."""
    now = timezone.now()
    make_reader("diffusion policy")
    topic = Topic.objects.get()
    papers = [make_paper(title=f"A gripper {n}", news_at=now, first_seen_at=now) for n in range(5)]
    match_papers(now)
    TopicSense.objects.update_or_create(
        topic=topic, defaults={"words": "gripper:1.000", "due_at": now + timedelta(9)}
    )
    address = reverse("digest:topic", args=[topic.slug])
    assert [one.paper for one in client.get(address).context["near"]] == papers[:3]
    Paper.objects.filter(pk=papers[0].pk).delete()
    assert [one.paper for one in client.get(address).context["near"]] == papers[1:4]


def test_what_names_a_kind_stands_apart_from_what_is_close_however_much_it_is(
    client: Client,
) -> None:
    now = timezone.now()
    make_reader("image restoration")
    topic, made = Topic.objects.get(), {"news_at": now, "first_seen_at": now}
    kinds = [
        make_paper(title=f"Haze removal {n}", abstract="Haze removal.", **made) for n in range(5)
    ]
    close = make_paper(title="Degraded", abstract="Dehazing degraded roads.", **made)
    match_papers(now)
    TopicSense.objects.update_or_create(
        topic=topic,
        defaults={
            "words": "degrad:0.250 haze:0.400 ~imag_restor:0.600",
            "due_at": now + timedelta(9),
        },
    )
    page = client.get(reverse("digest:topic", args=[topic.slug]))
    assert [one.paper for one in page.context["of_kinds"]] == kinds
    assert [one.paper for one in page.context["near"]] == [close]
    assert "By a kind of it" in page.content.decode()
    for form in ("atom", "json"):
        said = client.get(f"/feeds/topics/{topic.slug}.{form}").content.decode()
        assert "In image restoration, by a kind of it (haze removal)" in said
        assert f"Close to it: {close.title}" in said
        assert f"Close to it: {kinds[0].title}" not in said
    kinds += [make_paper(title=f"Haze removal {n}", abstract="Haze.", **made) for n in range(3)]
    match_papers(now)
    page = client.get(reverse("digest:topic", args=[topic.slug]))
    assert {one.paper for one in page.context["of_kinds"]} == set(kinds)
