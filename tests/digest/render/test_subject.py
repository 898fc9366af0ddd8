"""A subject says what is in the mail, in one line, and never what the one before it said."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.models import Delivery, DigestItem, Edition, Paper, Section, TopicReason
from digest.render import Typesetter, text_width
from digest.render.subject import write_subject
from subscribers.models import Subscriber
from tests.factories import NOW, make_delivery, make_paper, make_subscriber


def item(*queries: str) -> DigestItem:
    """A paper with these topics."""
    return DigestItem(1, Section.NEW, tuple(TopicReason(1, query, "") for query in queries))


def items(*queries: str) -> list[DigestItem]:
    """One paper for each argument; several topics of one paper are parted by `&`."""
    return [item(*filter(None, query.split(" & "))) for query in queries]


@pytest.mark.parametrize(
    ("queries", "title", "said"),
    [
        (["RLHF"], "OmniScope", "RLHF: OmniScope"),
        (["RLHF", "RLHF"], "OmniScope", "RLHF 2: OmniScope"),
        (["a1 & b2", "b2"], "OmniScope", "a1 1 · b2 2: OmniScope"),
        (["a1", "b2", "c3"], "OmniScope", "a1 1 · b2 1: OmniScope"),
        (['"world model"'] * 2, "On It", "world model 2: On It"),
        (['author:"Ada Lovelace"'] * 2, "On It", "Ada Lovelace 2: On It"),
        (["cat:cs.CL"] * 3, "On It", "cs.CL 3: On It"),
        (["robots -surgical -cat:cs.CV -\"to go\""] * 2, "On It", "robots 2: On It"),
        (["diffusion + video"] * 2, "On It", "diffusion + video 2: On It"),
        (["C++"] * 2, "On It", "C++ 2: On It"),
        (["LoRA"], "Slow LoRA for Robots", "Slow LoRA for Robots"),
        (["LoRA", ""], "Slow LoRA for Robots", "Slow LoRA for Robots"),
        (["LoRA"] * 2, "Slow LoRA for Robots", "LoRA 2: Slow LoRA for Robots"),
        (["LoRA"], "Slow and steady adapters for robots that learn: a study of LoRA",
         "LoRA: Slow and steady adapters for robots that learn…"),
        (["agents", "agents -x", "Agents -y & agents"], "On It", "agents 3: On It"),
        (["agents & agents -x"], "On It", "agents: On It"),
        (["LoRA & robots"], "Slow LoRA for Robots", "LoRA · robots: Slow LoRA for Robots"),
    ],
)  # fmt: skip
def test_a_subject_counts_the_topics_and_names_the_first_paper(
    queries: list[str], title: str, said: str
) -> None:
    assert write_subject(items(*queries), title) == said


def test_a_subject_leaves_room_for_the_title_however_long_the_topics_are() -> None:
    long, longer = "retrieval augmented generation", "vision language action models for robots"
    said = write_subject(items(long, long, longer), "OmniScope compresses tokens by half")
    assert said == "retrieval augmented… 2: OmniScope compresses tokens by half"
    assert len(said) <= 60
    short = items("vision language", "vision language", "robots flying")
    said = write_subject(short, "Electroencephalography-conditioned diffusion")
    assert said == "vision language 2 · robots flying 1: Electroencephalography…"
    endless = write_subject(items("x" * 200), "y" * 500)
    assert len(endless) == 60
    assert "yyyy" in endless


def test_a_topic_that_is_syntax_alone_is_named_as_it_was_typed() -> None:
    assert write_subject(items('""'), "OmniScope").startswith('"":')


@pytest.mark.parametrize(
    ("query", "title", "said"),
    [
        ("", "OmniScope", "OmniScope"),
        (
            "小模型",
            "多模态大模型的" * 9,
            "小模型: 多模态大模型的多模态大模型的多模态大模型的多模态大…",
        ),
        ("agents", "🤖" * 40, f"agents: {'🤖' * 25}…"),
        ("agents", "e\u0301" * 40 + " after", "agents: " + "e\u0301" * 40 + " after"),
        ("agents", "Robots\r\nBcc: x\x07", "agents: Robots Bcc: x"),
    ],
)
def test_a_subject_is_60_columns_wide_however_wide_its_characters_are(
    query: str, title: str, said: str
) -> None:
    assert write_subject(items(query), title) == said
    assert text_width.measure_width(said) <= 60


@given(st.lists(st.text(min_size=1, max_size=60), max_size=4), st.text(max_size=200))
def test_a_subject_is_one_clean_line_whatever_is_in_it(queries: list[str], title: str) -> None:
    said = write_subject([item(query) for query in queries], title)
    assert text_width.measure_width(said) <= 60
    assert said.isprintable()
    assert said == " ".join(said.split())


@pytest.fixture
def reader(db: None) -> Subscriber:
    return make_subscriber()


def deliver_on(reader: Subscriber, days: int, paper: Paper, **fields: Any) -> Delivery:
    edition, _ = Edition.objects.get_or_create(date=NOW.date() + timedelta(days))
    sent = {"id": paper.pk, "section": "again", "topics": [[1, "robots", "robots"]]}
    contents = {"papers": [sent] if "status" not in fields else []}
    return make_delivery(subscriber=reader, edition=edition, contents=contents, **fields)


def subjects_of(*deliveries: Delivery) -> list[str]:
    rows = Delivery.objects.select_related("edition", "subscriber").in_bulk()
    messages = Typesetter().render_all([rows[delivery.pk] for delivery in deliveries])
    return [str(message.subject) for message in messages if message]


def test_no_two_mails_running_have_the_same_subject(reader: Subscriber) -> None:
    first, copy = (make_paper(title="Robots that learn to wait") for _ in range(2))
    other = make_paper(title="Robots that learn")
    papers = [first, copy, first, other, other]
    deliveries = [deliver_on(reader, days, paper) for days, paper in enumerate(papers)]
    expected = [
        "Robots that learn to wait",
        "23 Apr: Robots that learn to wait",
        "24 Apr: Robots that learn to wait",
        "Robots that learn",
        "26 Apr: Robots that learn",
    ]
    assert subjects_of(*deliveries) == expected
    assert subjects_of(*reversed(deliveries)) == expected[::-1]  # a later retry changes nothing
    assert [subjects_of(delivery)[0] for delivery in deliveries] == expected


def test_days_without_a_mail_and_other_readers_do_not_count(reader: Subscriber) -> None:
    paper = make_paper(title="Robots that learn to wait")
    deliver_on(make_subscriber(), 0, paper)
    assert subjects_of(deliver_on(reader, 1, paper)) == ["Robots that learn to wait"]
    deliver_on(reader, 2, paper, status="quiet", quiet_reason="no_match")
    last = deliver_on(reader, 3, paper)
    assert subjects_of(last) == ["25 Apr: Robots that learn to wait"]
    paper.delete()
    assert subjects_of(last) == []


def test_few_queries_tell_the_subjects_of_many_mails(
    reader: Subscriber, django_assert_max_num_queries: Any
) -> None:
    papers = [make_paper(title=f"{n} robots") for n in range(4)]
    readers = [make_subscriber() for _ in range(4)]
    for days in (0, 1):
        made = [deliver_on(r, days, papers[n - days]) for n, r in enumerate(readers)]
    rows = list(
        Delivery.objects.select_related("edition", "subscriber").filter(pk__in=[d.pk for d in made])
    )
    with django_assert_max_num_queries(7):
        Typesetter().render_all(rows)
