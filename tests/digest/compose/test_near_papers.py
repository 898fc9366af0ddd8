"""Papers close to the topics: at most three, labelled, never among the finds, once or never."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

import pytest

from digest.compose import compose_due
from digest.compose.near_papers import (
    PLACES,
    FoundPapers,
    NearPaper,
    NearPapers,
    choose_near,
    find_least_nearness,
    spell_near_words,
)
from digest.models import Delivery, Paper, TopicSense
from digest.models.papers import split_found_words
from digest.render import Typesetter
from subscribers.models import Subscriber, Topic
from subscribers.topics import normal_form
from tests.factories import NOW, make_match, make_paper, make_reader, make_topic

pytestmark = pytest.mark.django_db
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
GRASPS = "A gripper grasps cups with tactile fingers."


def near(title: str = "Grasps", **fields: object) -> Paper:
    fields = {"abstract": GRASPS, "matched_at": NOW, "normal_form": FORM} | fields
    return make_paper(title=title, **fields)


FORM = " grasp | a gripper grasp cup with tactil finger "


def know(query: str, floor: float = 0.0, words: str = "gripper:1.000 tactil:0.800") -> Topic:
    topic = make_topic(query)
    TopicSense.objects.update_or_create(
        topic=topic, defaults={"floor": floor, "words": words, "due_at": NOW + 99 * DAY}
    )
    return topic


def find(query: str = "diffusion policy", strength: float = 3.0) -> Paper:
    paper = make_paper(title="A diffusion policy")
    make_match(paper, query, strength)
    return paper


def sections(reader: Subscriber) -> list[tuple[int, str]]:
    contents = reader.deliveries.latest("pk").contents
    return [(item["id"], item["section"]) for item in contents["papers"]]


def test_three_at_most_stand_behind_the_finds_each_with_its_reason() -> None:
    reader = make_reader("diffusion policy")
    topic, own = know("diffusion policy"), find()
    papers = [near() for _ in range(5)]
    compose_due(NOW)
    expected = [(own.pk, "new"), *((paper.pk, "near") for paper in papers[:PLACES])]
    assert sections(reader) == expected
    item = reader.deliveries.get().contents["papers"][1]
    [[topic_id, query, where]] = item["topics"]
    assert (topic_id, query) == (topic.pk, "diffusion policy")
    assert split_found_words(where) == ["gripper", "tactile"]


def test_no_first_digest_is_made_of_near_papers_alone() -> None:
    reader = make_reader("diffusion policy")
    know("diffusion policy")
    near()
    compose_due(NOW)
    assert reader.deliveries.get().quiet_reason == Delivery.Quiet.NO_MATCH


def test_after_a_long_pause_what_came_as_near_by_itself_comes_no_second_time() -> None:
    """So long a pause that the next digest is as the first, of papers from before it."""
    know("diffusion policy")
    reader = make_reader("diffusion policy")
    compose_due(NOW)
    shown, own = near(), find()
    for paper, at in ((shown, NOW + DAY), (own, NOW + 2 * DAY)):
        Paper.objects.filter(pk=paper.pk).update(first_seen_at=at, news_at=at)
    compose_due(NOW + DAY)
    assert sections(reader) == [(shown.pk, "near")]
    compose_due(NOW + 40 * DAY)
    assert reader.deliveries.latest("pk").contents["is_first"]
    assert sections(reader) == [(own.pk, "new")]


class TestWithoutAnyFind:
    """The second day of somebody whose first one brought nothing."""

    LATER = NOW + DAY

    @pytest.fixture
    def reader(self) -> Subscriber:
        know("diffusion policy", words="gripper:0.500 tactil:0.500")
        reader = make_reader("diffusion policy")
        compose_due(NOW)
        assert reader.deliveries.get().quiet_reason
        return reader

    def near(self, form: str = FORM) -> Paper:
        return near(normal_form=form, first_seen_at=self.LATER, news_at=self.LATER)

    def test_only_papers_near_enough_make_a_mail(self, reader: Subscriber) -> None:
        self.near(FORM.replace("tactil ", ""))
        compose_due(self.LATER)
        assert reader.deliveries.latest("pk").quiet_reason == Delivery.Quiet.NO_MATCH
        far, close = self.near(FORM.replace("tactil ", "")), self.near()
        for paper in (far, close):
            Paper.objects.filter(pk=paper.pk).update(
                first_seen_at=self.LATER + DAY, news_at=self.LATER + DAY, available_at=None
            )
        compose_due(self.LATER + DAY)
        assert sections(reader) == [(close.pk, "near")]

    def test_a_find_has_both_beside_it(self, reader: Subscriber) -> None:
        far, close, own = self.near(FORM.replace("tactil ", "")), self.near(), find()
        Paper.objects.filter(pk=own.pk).update(first_seen_at=self.LATER, news_at=self.LATER)
        compose_due(self.LATER)
        assert sections(reader) == [(own.pk, "new"), (close.pk, "near"), (far.pk, "near")]

    def test_who_switched_them_off_has_a_quiet_day(self, reader: Subscriber) -> None:
        Subscriber.objects.update(wants_near=False)
        self.near()
        compose_due(self.LATER)
        assert reader.deliveries.latest("pk").quiet_reason == Delivery.Quiet.NO_MATCH

    def test_the_mail_says_what_it_is(self, reader: Subscriber) -> None:
        close = self.near()
        compose_due(self.LATER)
        [mail] = Typesetter().render_all([reader.deliveries.latest("pk")])
        assert mail
        assert mail.subject == f"Close to your topics: {close.title}"
        assert "Nothing new is on your topics. 1 paper is close to them." in str(mail.body)


def test_who_switched_them_off_gets_none() -> None:
    reader = make_reader("diffusion policy", wants_near=False)
    know("diffusion policy")
    own, _ = find(), near()
    compose_due(NOW)
    assert sections(reader) == [(own.pk, "new")]


class TestKinds:
    """What names a kind of a topic is a find of it: haze removal of image restoration."""

    def know(self, query: str = "image restoration") -> Topic:
        return know(query, words="haze:0.400 ~imag_restor:0.600")

    def named(self, title: str = "Haze removal", **fields: object) -> Paper:
        form = f"{normal_form(title)}|{normal_form('Haze removal')}"
        return near(title, abstract="Haze removal.", normal_form=form, **fields)

    def test_stands_behind_the_other_finds_and_says_which_kind_it_names(self) -> None:
        reader = make_reader("image restoration")
        topic, own = self.know(), find("image restoration")
        papers = [self.named() for _ in range(5)]
        compose_due(NOW)
        assert sections(reader) == [(paper.pk, "new") for paper in (own, *papers)]
        item = reader.deliveries.get().contents["papers"][1]
        assert item["topics"] == [[topic.pk, "image restoration", "haze removal"]]
        [mail] = Typesetter().render_all([reader.deliveries.get()])
        assert mail
        assert "In your topic: image restoration (names “haze removal”, a kind" in str(mail.body)

    def test_leaves_the_places_of_what_is_close_to_others(self) -> None:
        reader = make_reader("image restoration")
        know("image restoration", words="gripper:1.000 tactil:0.800 haze:0.400 ~imag_restor:0.600")
        named, close = self.named(), [near() for _ in range(PLACES)]
        compose_due(NOW)
        expected = [(named.pk, "new"), *((paper.pk, "near") for paper in close)]
        assert sections(reader) == expected

    def test_less_near_has_a_place_that_what_is_close_leaves_and_makes_no_mail(self) -> None:
        """Of title and opening alone it is near by 0.9: no find, and nothing for three topics."""
        reader = make_reader("image restoration", "whales", "ferns")
        words = "gripper:1.200 tactil:0.800 imag:0.200 restor:0.200"
        know("image restoration", words=f"{words} ~imag_restor:0.600")
        find("whales")
        compose_due(NOW)
        made = {"first_seen_at": NOW + HOUR, "news_at": NOW + HOUR, "matched_at": NOW + HOUR}
        far = self.named(**made)
        compose_due(NOW + DAY)
        assert reader.deliveries.latest("pk").quiet_reason == Delivery.Quiet.NO_MATCH
        made = dict.fromkeys(made, NOW + DAY + HOUR)
        own = make_paper(title="Whales", **made)
        make_match(own, "whales")
        named = {"normal_form": f"{FORM}restor imag "}
        close = [near(**made, **named) for _ in range(PLACES - 1)]
        far = [self.named(**made) for _ in "ab"]
        compose_due(NOW + 2 * DAY)
        papers = [(own.pk, "new"), *((paper.pk, "near") for paper in (*close, far[0]))]
        assert sections(reader) == papers

    def test_takes_only_the_room_that_is_left(self) -> None:
        reader = make_reader("image restoration", max_papers=3)
        self.know()
        own = [find("image restoration") for _ in range(2)]
        papers = [self.named() for _ in range(6)]
        compose_due(NOW)
        placed = sections(reader)
        assert {pk for pk, _ in placed[:2]} == {paper.pk for paper in own}
        assert placed[2] == (papers[0].pk, "new")
        assert {section for _, section in placed[3:]} == {"near"}

    def test_makes_a_mail_and_a_first_one_too_for_whoever_wants_none_that_are_close(self) -> None:
        reader = make_reader("image restoration", wants_near=False)
        self.know()
        paper = self.named()
        compose_due(NOW)
        assert sections(reader) == [(paper.pk, "new")]

    def test_comes_once_and_never_what_is_muted(self) -> None:
        reader = make_reader("image restoration", mutes=("survey",))
        self.know()
        paper, muted = self.named(), self.named()
        make_match(muted, "survey")
        compose_due(NOW)
        assert sections(reader) == [(paper.pk, "new")]
        later = self.named(first_seen_at=NOW + HOUR, news_at=NOW + HOUR)
        compose_due(NOW + DAY)
        assert sections(reader) == [(later.pk, "new")]

    def test_of_several_topics_each_says_which_kind(self) -> None:
        reader = make_reader("image restoration", "dehazing")
        first, second = self.know(), know("dehazing", words="haze:0.400 ~dehazing:0.600")
        paper = self.named("Haze removal and fog removal")
        compose_due(NOW)
        [item] = reader.deliveries.get().contents["papers"]
        assert item["id"] == paper.pk
        said = {topic_id: where for topic_id, _, where in item["topics"]}
        assert said == {first.pk: "haze removal", second.pk: "fog removal"}


def test_what_any_topic_finds_or_mutes_is_not_near() -> None:
    reader = make_reader("diffusion policy", "robots", mutes=("survey",))
    know("diffusion policy")
    own, found, muted = find(), near(), near()
    make_match(found, "robots", 3.0)
    make_match(muted, "survey")
    compose_due(NOW)
    assert set(sections(reader)) == {(own.pk, "new"), (found.pk, "new")}


def test_a_paper_comes_once_near_or_found() -> None:
    reader = make_reader("diffusion policy")
    know("diffusion policy")
    find()
    shown = near()
    compose_due(NOW)
    assert (shown.pk, "near") in sections(reader)
    Paper.objects.filter(pk=shown.pk).update(news_at=NOW + DAY, available_at=None)
    again, later = find(), NOW + DAY + timedelta(hours=8)
    Paper.objects.filter(pk=again.pk).update(
        first_seen_at=NOW + DAY, news_at=NOW + DAY, available_at=None
    )
    make_match(shown, "diffusion policy", 3.0)
    compose_due(later)
    assert sections(reader) == [(again.pk, "new")]


class TestPassingMentions:
    """A weaker match than the topic's floor."""

    @pytest.fixture
    def papers(self) -> tuple[int, int]:
        know("diffusion policy", floor=2.0, words="")
        weak = find(strength=1.0)
        Paper.objects.filter(pk=weak.pk).update(trend=9.0, trend_parts={"trend": 9.0, "votes": 99})
        return find(strength=2.5).pk, weak.pk

    def test_do_not_come_unless_they_are_asked_for(self, papers: tuple[int, int]) -> None:
        reader = make_reader("diffusion policy")
        compose_due(NOW)
        assert sections(reader) == [(papers[0], "new")]

    def test_come_behind_all_that_is_on_the_topic_whatever_is_said_of_them(
        self, papers: tuple[int, int]
    ) -> None:
        reader = make_reader("diffusion policy", wants_passing=True)
        compose_due(NOW)
        assert sections(reader) == [(papers[0], "new"), (papers[1], "passing")]
        short = make_reader("diffusion policy", wants_passing=True, max_papers=1)
        compose_due(NOW)
        assert sections(short) == [(papers[0], "new")]

    def test_alone_make_no_mail_and_the_reason_is_said(self, papers: tuple[int, int]) -> None:
        Paper.objects.filter(pk=papers[0]).delete()
        reader = make_reader("diffusion policy")
        compose_due(NOW)
        delivery = reader.deliveries.get()
        assert delivery.quiet_reason == Delivery.Quiet.PASSING
        assert "none is on 1 topic: there are only mentions" in delivery.contents["note"]

    def test_beside_nothing_but_muted_papers_are_no_other_reason_than_these(
        self, papers: tuple[int, int]
    ) -> None:
        make_match(Paper.objects.get(pk=papers[0]), "grippers", 3.0)
        reader = make_reader("diffusion policy", mutes=("grippers",))
        compose_due(NOW)
        assert reader.deliveries.get().quiet_reason == Delivery.Quiet.MUTED

    def test_are_near_where_they_are_like_what_the_topic_finds(
        self, papers: tuple[int, int]
    ) -> None:
        TopicSense.objects.update(words="gripper:1.000")
        Paper.objects.filter(pk=papers[1]).update(normal_form=FORM)
        reader = make_reader("diffusion policy")
        compose_due(NOW)
        assert sections(reader) == [(papers[0], "new"), (papers[1], "near")]


def choose(*ranked: Sequence[NearPaper], topics: int = 2, without: Sequence[int] = ()) -> list[int]:
    return [one.paper_id for one in choose_near(ranked, set(without).__contains__, topics)]


def test_the_best_of_each_topic_come_before_the_second_best_of_any() -> None:
    one = [NearPaper(1, 1, 0, 1.2), NearPaper(2, 1, 1, 1.0)]
    two = [NearPaper(3, 2, 0, 0.95), NearPaper(1, 2, 1, 0.93), NearPaper(4, 2, 2, 0.92)]
    assert choose(one, two) == [1, 3, 2]
    assert choose(one, two, without=[3]) == [1, 2, 4]


def test_the_more_topics_somebody_follows_the_nearer_a_paper_must_be() -> None:
    far = [NearPaper(1, 1, 0, 1.0), NearPaper(2, 1, 1, 0.8), NearPaper(3, 1, 2, 0.36)]
    assert choose(far, topics=1) == [1, 2, 3]
    assert choose(far, topics=2) == [1]
    assert choose(far, topics=3) == []
    assert choose([NearPaper(1, 1, 0, 1.5)], topics=50) == [1]
    assert choose([NearPaper(1, 1, 0, find_least_nearness(2))], topics=2) == [1]


def test_one_word_of_a_name_brings_nothing_near_to_whoever_follows_several_topics() -> None:
    """Who tracks eyes says nothing of object tracking, however often."""
    eyes = NearPaper(1, 1, 0, 2.5, holds_name=False)
    assert choose([eyes, NearPaper(2, 1, 1, 1.5)], topics=3) == [2]
    assert choose([eyes], topics=2) == choose([eyes], topics=1) == [1]


def test_a_paper_close_to_two_topics_is_closer_than_one_that_is_to_one_of_them() -> None:
    one = [NearPaper(1, 1, 0, 1.35), NearPaper(2, 1, 1, 1.3)]
    two = [NearPaper(2, 2, 0, 0.6)]
    assert choose(one, two, topics=4) == [2]  # 1.3 + 0.3 x 0.6, behind the other in one topic
    assert choose(two, one, topics=4) == [2]
    near_all = [[NearPaper(3, topic, 0, 0.95)] for topic in (1, 2, 3)]  # 0.95 + 0.3 x 1.9
    assert choose(*near_all, topics=4) == [3]
    assert choose(*near_all[:2], topics=4) == []


def test_a_mention_in_passing_is_nearer_and_what_is_on_the_topic_takes_no_place() -> None:
    forms = [(pk, f" grasp | gripper {'gripper ' * (pk > 20)}") for pk in range(1, 41)]
    near = NearPapers(lambda _: forms)
    found = FoundPapers(frozenset(range(21, 41)), frozenset({7}))
    day = near.rank_day(7, NOW.date(), {"gripper": 1.0}, found, lambda _: True)
    assert [one.paper_id for one in day] == [7, 1, 2, 3, 4, 5]
    assert day[0].nearness == pytest.approx(day[1].nearness + 0.2)


def test_a_topic_that_nobody_expected_is_answered_as_if_it_had_been() -> None:
    read = list[date]()

    def read_forms(day: date) -> list[tuple[int, str]]:
        read.append(day)
        return [(1, " gripper | gripper "), (2, " cup | cup ")]

    near, other = NearPapers(read_forms), NOW.date() + timedelta(1)
    near.expect([{"gripper": 1.0}, {}])

    def rank(stem: str, day: date) -> list[int]:
        found = FoundPapers(frozenset())
        return [one.paper_id for one in near.rank_day(7, day, {stem: 1.0}, found, lambda _: True)]

    assert [rank(stem, NOW.date()) for stem in ("gripper", "cup", "gripper")] == [[1], [2], [1]]
    near.expect([{"gripper": 1.0}])  # too late: by now all words are read of each day
    assert [rank(stem, other) for stem in ("gripper", "cup")] == [[1], [2]]
    assert read == [NOW.date(), NOW.date(), other]


def test_how_near_a_paper_is_may_be_said_by_more_than_its_words() -> None:
    forms = [(1, " gripper | gripper gripper "), (2, " gripper | cup "), (3, " gripper ")]
    gains = {1: 0.0, 2: 2.0, 3: -5.0}

    def reorder(topic_id: int, ranked: list[tuple[float, int]]) -> list[tuple[float, int]]:
        assert topic_id == 7
        return sorted(((value + gains[pk], pk) for value, pk in ranked), reverse=True)

    day = NearPapers(lambda _: forms, reorder).rank_day(
        7, NOW.date(), {"gripper": 1.0}, FoundPapers(frozenset()), lambda _: True
    )
    assert [(one.paper_id, one.rank) for one in day] == [(2, 0), (1, 1)]
    assert day[0].nearness > 3 > day[1].nearness


def test_little_words_of_a_topic_are_no_reason() -> None:
    weights = {"from": 2.0, "robot": 1.0, "video": 0.5}
    said = spell_near_words(weights, "Robots from the shop", "They learn from video.")
    assert said == ["robots", "video"]


def test_a_kind_of_the_topic_in_the_title_is_the_first_reason_and_is_said_once() -> None:
    weights = {"haze": 2.0, "dehaz": 1.0, "~imag_restor": 0.6, "clear": 0.5, "sky": 0.1}
    said = spell_near_words(weights, "Single-Image Dehazing", "Haze is cleared from the sky.")
    assert said == ["dehazing", "haze", "cleared"]
    assert spell_near_words(weights, "Pictures", "Haze.") == ["haze"]
