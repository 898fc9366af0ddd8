"""Why a subscriber got a paper, or why not: one made case for each reason, and replayed days."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from digest.compose import compose_due
from digest.match import match_papers
from digest.models import Delivery, Edition, Merger, Paper, TopicSense
from digest.models.papers import join_found_words
from digest.why import Reason, explain_why
from subscribers.models import Interest, Subscriber, Suppression
from subscribers.topics.words import normal_form
from tests.factories import (
    NOW,
    make_match,
    make_paper,
    make_reader,
    make_subscriber,
    make_topic,
    note_sources_read,
)

pytestmark = pytest.mark.django_db
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
Case = tuple[Subscriber, Paper]


def make_news(title: str = "Orcas plan with diffusion", **fields: Any) -> Paper:
    """A paper that is in the topic “diffusion”, and could be in digests since NOW."""
    paper = make_paper(**{"title": title, "available_at": NOW, "matched_at": NOW} | fields)
    make_match(paper, "diffusion")
    return paper


def deliver(reader: Subscriber, *papers: Paper, at: timedelta = HOUR, **fields: Any) -> Delivery:
    """A digest composed so long after NOW that was sent, unless another status is given."""
    items = [{"id": paper.pk, "section": "new", "topics": []} for paper in papers]
    day = (NOW + at).date()
    edition = Edition.objects.get_or_create(date=day)[0]
    status = {"status": "sent", "sent_at": NOW + at} if "status" not in fields else {}
    contents = {"papers": items} if papers else {}
    made = {"edition": edition, "subscriber": reader, "covers_until": NOW + at}
    return Delivery.objects.create(**(made | {"contents": contents} | status | fields))


def sent() -> Case:
    reader, paper = make_reader("diffusion"), make_news()
    deliver(reader, paper)
    return reader, paper


def of_status(status: str, **fields: Any) -> Callable[[], Case]:
    def make() -> Case:
        reader, paper = make_reader("diffusion"), make_news()
        deliver(reader, paper, status=status, **fields)
        return reader, paper

    return make


def with_reader(**fields: Any) -> Callable[[], Case]:
    return lambda: (make_reader("diffusion", **fields), make_news())


def suppressed() -> Case:
    reader = make_reader("diffusion")
    Suppression.objects.suppress(reader.email, "bounce")
    return reader, make_news()


def not_news() -> Case:
    return make_reader("diffusion"), make_paper(news_at=None)


def unread() -> Case:
    return make_reader("diffusion"), make_paper(matched_at=None)


def without_topics() -> Case:
    return make_subscriber(), make_news()


def of_words(query: str, title: str) -> Callable[[], Case]:
    """A topic that does not match the paper of this title."""
    return lambda: (
        make_reader(query),
        make_paper(title=title, available_at=NOW, matched_at=NOW),
    )


def muted() -> Case:
    paper = make_news()
    make_match(paper, "orcas")
    return make_reader("diffusion", mutes=("orcas",)), paper


def later() -> Case:
    reader = make_reader("diffusion")
    deliver(reader, make_paper(), at=-HOUR)
    return reader, make_news()


def too_old() -> Case:
    return make_reader("diffusion"), make_news(available_at=NOW - 30 * DAY)


def quiet() -> Case:
    reader, paper = make_reader("diffusion"), make_news()
    deliver(reader, status="quiet", quiet_reason="paused")
    return reader, paper


def nearly() -> Case:
    reader, paper = make_reader("diffusion", max_papers=2), make_news()
    first = [make_news(f"Better {n}", trend=2.0) for n in range(2)]
    second = make_news("The third")
    delivery = deliver(reader, *first)
    delivery.contents |= {"nearly": [second.pk, paper.pk]}
    delivery.save()
    return reader, paper


def nearly_beside(*sections: str) -> Callable[[], Case]:
    """Just below the cut of a digest that has papers beside what the topics find."""

    def make() -> Case:
        reader, paper = nearly()
        delivery = reader.deliveries.get()
        others = [{"id": make_paper().pk, "section": name, "topics": []} for name in sections]
        delivery.contents["papers"] += others
        delivery.save()
        return reader, paper

    return make


def found_too_late() -> Case:
    """A mail of near papers alone, and a paper of a topic that was followed afterwards."""
    reader, paper = make_reader("diffusion"), make_news()
    delivery = deliver(reader, make_paper())
    delivery.contents["papers"][0]["section"] = "near"
    delivery.save()
    return reader, paper


def outranked() -> Case:
    reader, paper = make_reader("diffusion", max_papers=2), make_news()
    better = [make_news(f"Better {n}", trend=2.0 + n) for n in range(7)]
    deliver(reader, *better[-2:])
    return reader, paper


def learn(query: str, floor: float = 0.0, words: str = "") -> None:
    """What the papers of some weeks taught about a topic."""
    topic = make_topic(query)
    TopicSense.objects.create(topic=topic, floor=floor, words=words, due_at=NOW + 30 * DAY)


def mentioned(**fields: Any) -> Callable[[], Case]:
    """A paper below the floor of its topic."""

    def make() -> Case:
        reader, paper = make_reader("diffusion", **fields), make_news()
        learn("diffusion", floor=3.0)
        return reader, paper

    return make


def mentioned_by_two() -> Case:
    reader, paper = make_reader("diffusion", "orcas"), make_news()
    make_match(paper, "orcas", strength=2.5)
    learn("diffusion", floor=3.0)
    learn("orcas", floor=3.0)
    return reader, paper


def on_one_of_two() -> Case:
    reader, paper = make_reader("diffusion", "orcas"), make_news()
    make_match(paper, "orcas", strength=2.5)
    learn("diffusion", floor=3.0)
    learn("orcas", floor=2.0)
    return reader, paper


def close(
    place: int = 1, words: str = "orca:1 whale:0.5 sonar:0.3", **fields: Any
) -> Callable[[], Case]:
    """A paper in no topic, of several on its day that are like what one finds."""

    def make() -> Case:
        reader = make_reader("cetaceans", **fields)
        learn("cetaceans", words=words)
        texts = ["Orcas, whales and orca sonar", "Orcas and whales", "Orcas"][:place]
        made = {"abstract": "", "available_at": NOW, "matched_at": NOW}
        papers = [
            make_paper(title=text, normal_form=f"{normal_form(text)}| ", **made) for text in texts
        ]
        return reader, papers[-1]

    return make


def names_kind(words: str = " haze:0.400", others: int = 0, **fields: Any) -> Callable[[], Case]:
    """A paper in no topic, whose title names a kind of one and whose abstract opens with it."""

    def make() -> Case:
        topics = ["image restoration", "orcas", "whales"][: 1 + others]
        reader = make_reader(*topics, **fields)
        learn("image restoration", words=f"~imag_restor:0.600{words}")
        form = f"{normal_form('Haze removal')}|{normal_form('Haze removal for roads')}"
        made = {"abstract": "Haze removal for roads", "available_at": NOW, "matched_at": NOW}
        return reader, make_paper(title="Haze removal", normal_form=form, **made)

    return make


def close_by_a_word() -> Case:
    """A paper in no topic that has one of the two words of one's name, and names no kind of it."""
    reader = make_reader("object tracking", "orcas", "whales")
    learn("object tracking", words="track:2 ~object_track:0.600")
    made = {"abstract": "", "available_at": NOW, "matched_at": NOW}
    title = "Tracking eyes that track"
    return reader, make_paper(title=title, normal_form=f"{normal_form(title)}| ", **made)


def merged() -> Case:
    reader, paper = make_reader("diffusion"), make_news()
    other = make_paper()
    deliver(reader, other)
    Merger.objects.create(paper=other, into=paper, merged_at=NOW)
    return reader, paper


def sent_then(**changes: Any) -> Callable[[], Case]:
    """What somebody did after a digest says nothing about why it came."""

    def make() -> Case:
        reader, paper = sent()
        Subscriber.objects.filter(pk=reader.pk).update(**changes)
        reader.refresh_from_db()
        return reader, paper

    return make


def sent_then_muted() -> Case:
    reader, paper = sent()
    make_match(paper, "orcas")
    Interest.objects.create(subscriber=reader, topic=make_topic("orcas"), mode="mute")
    return reader, paper


def sent_again() -> Case:
    reader, paper = sent()
    deliver(reader, paper, at=25 * HOUR)
    return reader, paper


def suppressed_and_paused() -> Case:
    reader = make_reader("diffusion", paused_until=NOW + 9 * DAY)
    Suppression.objects.suppress(reader.email, "complaint")
    return reader, make_news()


def quiet_for(reason: str) -> Callable[[], Case]:
    def make() -> Case:
        reader, paper = make_reader("diffusion"), make_news()
        deliver(reader, status="quiet", quiet_reason=reason)
        return reader, paper

    return make


def unmailed() -> Case:
    reader, paper = make_reader("diffusion"), make_news()
    deliver(reader, status="suppressed")
    return reader, paper


def after_a_gap() -> Case:
    reader, paper = make_reader("diffusion"), make_news()
    deliver(reader, make_paper(), at=-30 * DAY)
    deliver(reader, make_paper(), at=9 * DAY)
    return reader, paper


def behind_a_mention() -> Case:
    """A mention never takes the place of a paper on the topic, however much it is talked about."""
    reader, paper = make_reader("diffusion", max_papers=1), make_news()
    learn("diffusion", floor=0.5)
    talked = make_paper(title="Talk", available_at=NOW, matched_at=NOW, trend=90.0)
    make_match(talked, "diffusion", strength=0.2)
    better = make_paper(title="Diffusion", available_at=NOW, matched_at=NOW)
    make_match(better, "diffusion", strength=9.0)
    deliver(reader, better)
    return reader, paper


def sent_for(query: str, where: str, section: str = "new") -> Callable[[], Case]:
    """A paper that its digest has for this topic, found by these words."""

    def make() -> Case:
        reader, paper = make_reader(query), make_paper()
        delivery = deliver(reader, paper)
        topics = [[make_topic(query).pk, query, where]] if where else []
        delivery.contents["papers"][0] |= {"section": section, "topics": topics}
        delivery.save()
        return reader, paper

    return make


CASES: dict[str, tuple[Callable[[], Case], Reason, str]] = {
    "sent": (sent, Reason.SENT, "on 22 April 2026 at 13:00 UTC in the digest of 22 April 2026"),
    "delivered": (of_status("sent", sent_at=NOW, delivered_at=NOW), Reason.SENT, "was delivered"),
    "bounced": (of_status("sent", sent_at=NOW, bounced_at=NOW), Reason.SENT, "it bounced"),
    "planned": (of_status("planned"), Reason.ON_ITS_WAY, "about to leave"),
    "in doubt": (of_status("in_doubt"), Reason.IN_DOUBT, "perhaps sent"),
    "failed": (of_status("failed", error="550 no"), Reason.UNSENT, "failed (550 no)"),
    "expired": (of_status("expired"), Reason.UNSENT, "may come in a later digest"),
    "not news": (not_news, Reason.NOT_NEWS, "never news"),
    "unread": (unread, Reason.UNREAD, "first seen on 22 April 2026 at 12:00 UTC, from Feed"),
    "pending": (
        with_reader(status="pending", confirmed_at=None),
        Reason.UNCONFIRMED,
        "not confirmed",
    ),
    "left": (
        with_reader(status="unsubscribed", unsubscribed_at=NOW),
        Reason.UNSUBSCRIBED,
        "on 22 April 2026 at 12:00 UTC",
    ),
    "suppressed": (suppressed, Reason.SUPPRESSED, "was suppressed (bounce) on "),
    "paused": (
        with_reader(paused_until=NOW + 9 * DAY),
        Reason.PAUSED,
        "starts again on 01 May 2026",
    ),
    "no topics": (without_topics, Reason.NO_TOPICS, "follow no topic"),
    "other words": (
        of_words("surgical robots", "Orcas plan"),
        Reason.NO_MATCH,
        "It holds no word of them.",
    ),
    "half of the words": (
        of_words("diffusion policy", "Policy of orcas"),
        Reason.NO_MATCH,
        "Nearest is “diffusion policy”, of which it holds only “Policy”.",
    ),
    "words apart": (
        of_words("diffusion policy", "A policy for orcas by diffusion"),
        Reason.NO_MATCH,
        "stand in it, but apart from each other",
    ),
    "left out": (
        of_words("orcas -diffusion", "Orcas plan with diffusion"),
        Reason.NO_MATCH,
        "but for what it leaves out",
    ),
    "muted": (muted, Reason.MUTED, "“orcas”"),
    "later": (later, Reason.LATER, "The last was composed on 22 April 2026 at 11:00 UTC."),
    "too old": (too_old, Reason.TOO_OLD, "before the first digest reaches"),
    "quiet": (quiet, Reason.QUIET, "paused by the subscriber"),
    "nearly": (nearly, Reason.OUTRANKED, "It was place 4 in the digest of 22 April 2026"),
    "nearly, beside others": (
        nearly_beside("near", "near", "everywhere", "again"),
        Reason.OUTRANKED,
        "It was place 4 in the digest of 22 April 2026, which had room for 2.",
    ),
    "found too late": (found_too_late, Reason.NO_MATCH, "nothing was found in the topics"),
    "claimed": (
        of_status("claimed", claimed_at=NOW),
        Reason.ON_ITS_WAY,
        "in the digest of 22 April 2026",
    ),
    "failed without a word": (of_status("failed"), Reason.UNSENT, "was not sent: failed. It may"),
    "delivered late": (of_status("sent", sent_at=NOW), Reason.SENT, "22 April 2026 at 12:00 UTC"),
    "not compared until later": (
        lambda: (make_reader("diffusion"), make_news(available_at=NOW + 9 * DAY)),
        Reason.UNREAD,
        "not been compared",
    ),
    "mentioned": (
        mentioned(),
        Reason.PASSING,
        "mentions “diffusion” in passing (strength 1.0; a paper is on this topic from 3.0)",
    ),
    "mentioned twice": (mentioned_by_two, Reason.PASSING, "only mentions “orcas” in passing"),
    "on one, mentions another": (on_one_of_two, Reason.LATER, "can be in the next one"),
    "mentions wanted": (mentioned(wants_passing=True), Reason.LATER, "can be in the next one"),
    "mentioned, paused": (
        mentioned(paused_until=NOW + 9 * DAY),
        Reason.PAUSED,
        "starts again on 01 May 2026",
    ),
    "close": (close(), Reason.NEAR, "close to “cetaceans”: place 1 of the papers of its day"),
    "close, third": (close(3), Reason.NEAR, "place 3 of the papers"),
    "close, but no mail by itself": (
        close(words="orca:0.2 whale:0.2"),
        Reason.NEAR,
        "only those with a nearness from 1.45 make a mail (this one: ",
    ),
    "close, not wanted": (
        close(wants_near=False),
        Reason.NEAR,
        "they get none that are only close. It is not in the topic they follow.",
    ),
    "close by a word of a name": (
        close_by_a_word,
        Reason.NEAR,
        "It has words of “object tracking”, but not all of them, and names no kind of it",
    ),
    "names a kind": (
        names_kind(),
        Reason.NEAR,
        "It names a kind of “image restoration”: such papers come behind all that the topics find, "
        "where these leave room. It is not",
    ),
    "names a kind, far": (
        names_kind("", others=2),
        Reason.NEAR,
        "It names a kind of “image restoration”: such papers are among those close to the topics",
    ),
    "names a kind, none that are close": (
        names_kind(wants_near=False),
        Reason.NEAR,
        "where these leave room. It is not",
    ),
    "merged": (merged, Reason.SENT, "in the digest of 22 April 2026"),
    "sent, then left": (
        sent_then(status="unsubscribed", unsubscribed_at=NOW + HOUR),
        Reason.SENT,
        "on 22 April 2026 at 13:00 UTC",
    ),
    "sent, then paused": (sent_then(paused_until=NOW + 9 * DAY), Reason.SENT, "It was sent"),
    "sent, then muted": (sent_then_muted, Reason.SENT, "It was sent"),
    "sent for a topic": (
        sent_for("image restoration", "image restoration"),
        Reason.SENT,
        "in the digest of 22 April 2026. It was found for image restoration.",
    ),
    "sent by a kind": (
        sent_for("image restoration", "dehazing"),
        Reason.SENT,
        "It was found for image restoration (names “dehazing”, a kind of it).",
    ),
    "sent as close": (
        sent_for("cetaceans", join_found_words(["orca", "sonar"]), "near"),
        Reason.SENT,
        "It is close to cetaceans: orca, sonar.",
    ),
    "sent in passing": (
        sent_for("cetaceans", "cetaceans", "passing"),
        Reason.SENT,
        "It mentions cetaceans in passing.",
    ),
    "sent once more": (
        sent_for("cetaceans", "cetaceans", "again"),
        Reason.SENT,
        "It came again because it is talked about, and was found for cetaceans.",
    ),
    "sent from outside": (
        sent_for("cetaceans", "", "everywhere"),
        Reason.SENT,
        "It is from outside the topics",
    ),
    "sent again": (sent_again, Reason.SENT, "in the digest of 23 April 2026"),
    "pause over": (with_reader(paused_until=NOW - DAY), Reason.LATER, "can be in the next one"),
    "suppressed, paused": (suppressed_and_paused, Reason.SUPPRESSED, "(complaint)"),
    "nothing new": (quiet_for("nothing_new"), Reason.QUIET, "announced anything new"),
    "all muted": (quiet_for("muted"), Reason.QUIET, "all that matched is muted"),
    "sent before": (quiet_for("sent_before"), Reason.QUIET, "all that matched was sent before"),
    "unmailed": (unmailed, Reason.UNSENT, "could have been in the digest of 22 April 2026, which"),
    "after a gap": (
        after_a_gap,
        Reason.TOO_OLD,
        "before the digest of 01 May 2026, the next one, reaches",
    ),
    "behind a better one": (behind_a_mention, Reason.OUTRANKED, "It is place 2 in the digest"),
    "another author": (
        of_words('author:"Grace Hopper"', "Compilers for orcas"),
        Reason.NO_MATCH,
        "holds no word of them",
    ),
    "another category": (
        of_words("cat:math.NT", "Primes and orcas"),
        Reason.NO_MATCH,
        "It is not in the topic they follow.",
    ),
    "outranked": (outranked, Reason.OUTRANKED, "It is place 8 in the digest of 22 April 2026"),
}


@pytest.mark.parametrize("case", CASES)
def test_the_reason_that_decided_is_said(case: str) -> None:
    make, reason, words = CASES[case]
    reader, paper = make()
    answer = explain_why(reader, paper.identifier, NOW + 2 * HOUR)
    assert (answer.reason, answer.paper) == (reason, paper), answer.sentence
    assert words in answer.sentence


def test_every_reason_has_its_case() -> None:
    assert {reason for _, reason, _ in CASES.values()} | {Reason.NOT_INGESTED} == set(Reason)


@pytest.mark.parametrize("text", ["arxiv:1234.56789", "nothing", "", " ", "https://example.org/x"])
def test_a_paper_that_no_source_brought_is_said_to_be_unknown(text: str) -> None:
    answer = explain_why(make_reader("diffusion"), text, NOW)
    assert (answer.reason, answer.paper) == (Reason.NOT_INGESTED, None)


def test_a_paper_is_known_by_its_whole_title_too_in_whatever_letters() -> None:
    reader, paper = sent()
    Paper.objects.filter(pk=paper.pk).update(
        title="Diffusion: planning with walls", folded_title="diffusion planning with walls"
    )
    answer = explain_why(reader, " diffusion planning with WALLS ", NOW + 2 * HOUR)
    assert (answer.reason, answer.paper) == (Reason.SENT, paper)
    part = explain_why(reader, "planning with walls", NOW + 2 * HOUR)
    assert "These words name no paper here" in part.sentence
    assert "No source has brought" not in part.sentence  # it did
    unknown = explain_why(reader, "arXiv:1234.56789", NOW + 2 * HOUR)
    assert "No source has brought this paper" in unknown.sentence


def test_the_command_says_it_and_refuses_whom_it_does_not_know(
    capsys: pytest.CaptureFixture[str],
) -> None:
    reader, paper = sent()
    number = paper.identifier.partition(":")[2]
    call_command("why", reader.email.upper(), f"https://arxiv.org/abs/{number}v2")
    assert f"{paper.title} ({paper.identifier})\nSent. It was sent" in capsys.readouterr().out
    with pytest.raises(CommandError, match="Nobody with the address"):
        call_command("why", "nobody@example.org", number)


def test_answers_agree_with_what_is_composed_day_after_day() -> None:
    """Replayed days: whatever was chosen is said to be, and nothing else is."""
    words = ["diffusion", "agents", "orcas", "retrieval"]
    readers = [make_reader(*words[n : n + 2], max_papers=2) for n in range(3)]
    papers: list[Paper] = []
    for day in range(3):
        now = NOW + day * DAY
        note_sources_read(now, days=1)
        for n in range(6):
            title = f"On {words[n % 4]} and {words[(n + day) % 4]} {day} {n}"
            moments = {"published_at": now, "first_seen_at": now, "news_at": now}
            papers.append(make_paper(title=title, trend=n / 3, **moments))
        match_papers(now)
        compose_due(now)
        Delivery.objects.planned().update(status="sent", sent_at=now)
        Subscriber.objects.update(next_digest_at=now)
    composed = {
        (delivery.subscriber_id, item.paper_id)
        for delivery in Delivery.objects.all()
        for item in delivery.digest.papers
    }
    assert composed
    for reader in readers:
        for paper in papers:
            answer = explain_why(reader, paper.identifier, now + HOUR)
            is_sent = answer.reason == Reason.SENT
            assert is_sent == ((reader.pk, paper.pk) in composed), (paper.title, answer)
            others = {Reason.NO_MATCH, Reason.NEAR, Reason.PASSING, Reason.OUTRANKED}
            assert is_sent or answer.reason in others, answer
