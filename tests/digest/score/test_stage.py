import math
from datetime import timedelta

import pytest

from digest.models import Entry, Paper, Snapshot
from digest.score import score_papers
from digest.score.stage import HALF_LIFE_HOURS, WEIGHTS, compute_part
from tests.factories import NOW, make_paper, make_source

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


@pytest.fixture
def hf():
    return make_source(kind="huggingface", title="Hugging Face")


def listed(hf, votes=0, at=NOW, category="cs.CL", comments=0, stars=None, **fields):
    """A paper on Hugging Face's list, with one snapshot."""
    paper = make_paper(
        hf, published_at=at, first_seen_at=at, news_at=at, categories=[category], **fields
    )
    snapshot(paper, votes, at, comments=comments, stars=stars)
    return paper


def snapshot(paper, votes, at, **fields):
    Snapshot.objects.create(paper=paper, upvotes=votes, taken_at=at, **fields)


def trend(paper):
    paper.refresh_from_db()
    return paper.trend


def test_the_paper_with_its_days_median_of_votes_has_the_whole_weight_for_them(hf):
    papers = [listed(hf, votes) for votes in (1, 4, 9, 30, 60)]
    assert score_papers(NOW).trending == 5
    assert trend(papers[2]) == WEIGHTS["votes"]
    assert trend(papers[4]) == pytest.approx(math.log(61) / math.log(10), abs=1e-4)
    assert [trend(p) for p in papers] == sorted(trend(p) for p in papers)


def test_the_parts_and_counts_are_stored_beside_the_trend(hf):
    paper = listed(hf, 3, at=NOW - 26 * HOUR, comments=2, stars=100)
    snapshot(paper, 10, NOW - 25 * HOUR, comments=2, stars=100)
    snapshot(paper, 63, NOW, comments=5, stars=1200)
    score_papers(NOW)
    paper.refresh_from_db()
    parts = paper.trend_parts
    assert {k: parts[k] for k in ("votes", "votes_since_yesterday", "comments", "stars")} == {
        "votes": 63,
        "votes_since_yesterday": 53,
        "comments": 5,
        "stars": 1200,
    }
    assert (parts["sources"], parts["days"]) == (1, 2)
    assert parts["decay"] == pytest.approx(0.5 ** (26 / HALF_LIFE_HOURS), abs=1e-4)
    assert paper.trend == pytest.approx(sum(parts["parts"].values()) * parts["decay"], abs=1e-3)


def test_without_any_sign_of_interest_the_trend_is_zero():
    paper = make_paper(make_source(kind="arxiv"))
    report = score_papers(NOW)
    assert (report.papers, report.trending, trend(paper)) == (1, 0, 0)


def test_the_trend_is_halved_every_48_hours(hf):
    paper = listed(hf, 10)
    score_papers(NOW)
    at_first = trend(paper)
    score_papers(NOW + 48 * HOUR)
    assert trend(paper) == pytest.approx(at_first / 2, abs=1e-3)


def test_a_small_category_borrows_its_yardstick_from_its_archive(hf):
    for _ in range(5):
        listed(hf, 50, category="cs.CL")
    alike = [listed(hf, 4, category="math.NA") for _ in range(4)]
    listed(hf, 4, category="math.CO")
    score_papers(NOW)
    alike[0].refresh_from_db()
    parts = alike[0].popularity
    assert (parts.category, parts.papers, parts.trend) == ("math", 5, WEIGHTS["votes"])


def test_each_category_has_its_own_yardstick_where_it_is_large_enough(hf):
    popular = [listed(hf, 50, category="cs.CL") for _ in range(6)]
    modest = [listed(hf, 5, category="math.NA") for _ in range(5)]
    lonely = listed(hf, 5, category="q-bio")
    score_papers(NOW)
    assert trend(popular[0]) == trend(modest[0]) == WEIGHTS["votes"]
    assert trend(lonely) < trend(modest[0])


def test_votes_that_come_now_count_for_more_than_votes_that_came_before(hf):
    slow, fast = listed(hf, 40, at=NOW - DAY), listed(hf, 2, at=NOW - DAY)
    for paper in (slow, fast):
        snapshot(paper, 40, NOW)
    score_papers(NOW)
    assert trend(fast) > trend(slow)


def test_stars_count_by_what_the_code_gained(hf):
    famous, rising, none = (listed(hf, 10, at=NOW - DAY, stars=n) for n in (90_000, 10, None))
    snapshot(famous, 10, NOW, stars=90_000)
    snapshot(rising, 10, NOW, stars=60)
    score_papers(NOW)
    assert trend(famous) == trend(none) < trend(rising)
    famous.refresh_from_db()
    assert (famous.popularity.stars, famous.popularity.stars_gained) == (90_000, 0)


def test_a_further_source_is_counted_and_weighs_nothing_and_two_lists_of_arxiv_are_one(hf):
    once, twice, thrice = (listed(hf, 10) for _ in range(3))
    archives = [make_source(kind="arxiv") for _ in range(2)]
    blog = make_source(kind="feed", weight=3.0)
    for paper, sources in ((twice, archives), (thrice, [*archives, blog])):
        for source in sources:
            Entry.objects.create(
                source=source, paper=paper, guid=str(paper.pk), published_at=NOW, seen_at=NOW
            )
    score_papers(NOW)
    assert trend(once) == trend(twice) == trend(thrice)
    twice.refresh_from_db()
    thrice.refresh_from_db()
    assert (twice.trend_parts["sources"], thrice.trend_parts["sources"]) == (2, 3)
    assert thrice.trend_parts["further_sources"] == 2.0


def test_scoring_twice_gives_the_same_numbers_and_writes_nothing(hf, django_assert_num_queries):
    paper = listed(hf, 7)
    score_papers(NOW)
    before = Paper.objects.values().get(pk=paper.pk)
    with django_assert_num_queries(3):
        score_papers(NOW)
    assert Paper.objects.values().get(pk=paper.pk) == before


def test_what_happens_later_is_not_known_before(hf):
    paper = listed(hf, 7)
    snapshot(paper, 900, NOW + HOUR)
    score_papers(NOW)
    paper.refresh_from_db()
    assert paper.trend_parts["votes"] == 7


def test_a_list_dated_after_now_counts_from_now(hf):
    paper = listed(hf, 7, at=NOW)
    Entry.objects.update(published_at=NOW + DAY)
    score_papers(NOW)
    paper.refresh_from_db()
    assert paper.trend_parts["decay"] == 1


def test_old_papers_are_left_alone(hf):
    paper = listed(hf, 7, at=NOW - 20 * DAY)
    assert score_papers(NOW).papers == 0
    assert trend(paper) == 0


def test_a_paper_without_any_mention_is_passed_over(hf):
    paper = listed(hf, 7)
    Entry.objects.all().delete()
    assert score_papers(NOW).papers == 0
    assert trend(paper) == 0


def test_votes_taken_back_are_no_growth(hf):
    paper = listed(hf, 9, at=NOW - 2 * DAY)
    snapshot(paper, 5, NOW)
    score_papers(NOW)
    paper.refresh_from_db()
    assert paper.trend_parts["votes_since_yesterday"] == 0


@pytest.mark.parametrize("name", WEIGHTS)
def test_a_part_is_zero_at_zero_and_never_divides_by_zero(name):
    assert compute_part(name, 0, 0) == 0
    assert compute_part(name, 1, 0) == pytest.approx(WEIGHTS[name] / 2)  # ln 2 of ln 4
