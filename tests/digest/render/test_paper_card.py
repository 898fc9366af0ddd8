"""A card in layers is, to the byte, the card that is set plainly, whatever stands in it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from digest.models import DigestItem, Paper, Section, TopicReason
from digest.render import excerpt
from digest.render.card import Card, Size, list_found, mark_card
from digest.render.paper_card import MOST_EXCERPTS, Paragraph, make_paper_card
from digest.render.paper_facts import PaperFacts
from digest.render.template_slots import load_template
from digest.score import explain
from tests import plain_card
from tests.digest.render.test_excerpt import LONG, PROSE, TEXTS, WORDS
from tests.properties import examples

ADDRESS = "https://offprint.example.org/feedback/7.token/"
NUMBERS = {f"note{n}": str(11 + n) for n in range(4)}
OPEN = {"place": "12", "numeral": "12", "feedback_url": ADDRESS, **NUMBERS}
AWKWARD = st.sampled_from(
    [
        *("<b>Robots</b> & 'quotes' {{ 7 }} {% now %} {# cut:tail #} 0<x<1", '"a" > b'),
        *("مقدمة في تعلم الآلة مع GPT-4 و BERT", "می\u200cخواهم \u202eevil\u202c", "扩散策略" * 40),
        *("a\u2028b\u2029c\x85d\x0be \t two  blanks\xa0\xa0 end ", "\ue000place\ue001", "\ue002"),
        *("LLM" * 90, "https://example.org/" + "path/" * 30, "state-of-the-art--" * 12, "", " "),
        *("A Survey of Video Generation: A Benchmark", "LoRA and LoRAs for Seq2Seq in C++"),
    ]
)
SAID = st.one_of(AWKWARD, AWKWARD, PROSE, TEXTS)
NAMES = st.lists(st.one_of(WORDS, st.just("Ada B. <Lovelace>")), max_size=7)
ADDRESSES = st.sampled_from(
    [
        "https://arxiv.org/abs/1?a=1&b='2'",
        "javascript:alert(1)",
        "",
        "https://x.example/" + "y" * 600,
    ]
)


@st.composite
def papers(draw: st.DrawFn) -> Paper:
    return Paper(
        pk=draw(st.integers(1, 10**7)),
        identifier=draw(st.sampled_from(["arxiv:2604.00001", "url:x", "doi:10.1/a&b"])),
        title=draw(SAID) or "Untitled",
        abstract=draw(SAID).strip(),
        summary=draw(st.one_of(st.just(""), st.just(""), SAID)),
        authors=draw(NAMES),
        organization=draw(st.sampled_from(["", "Lab & Sons"])),
        url=draw(ADDRESSES),
        code_url=draw(ADDRESSES),
        code_stars=draw(st.sampled_from([None, 0, 7, 12_345])),
        categories=draw(NAMES),
        published_at=datetime(draw(st.integers(2025, 2026)), 4, 3, tzinfo=UTC),
        first_seen_at=datetime(2026, 4, 3, tzinfo=UTC),
        trend_parts={"votes": 63, "votes_since_yesterday": 41, "days": 2},
    )


PAGE = {"browser_url": "https://papers.example.org/mail/token/"}


@st.composite
def items(draw: st.DrawFn, paper: Paper) -> DigestItem:
    """Up to six reasons, whose words mostly stand in the paper."""
    parts = f"{paper.title} {paper.abstract} {paper.summary}".split() or ["none"]
    runs = st.tuples(st.integers(0, len(parts) - 1), st.integers(1, 3))
    words = st.one_of(
        runs.map(lambda run: " ".join(parts[run[0] : sum(run)])),
        runs.map(lambda run: " ".join(parts[run[0] : sum(run)]).upper()),
        st.sampled_from([*paper.authors, *paper.categories, "survey", "video generation"]),
    )
    wheres = st.lists(words, max_size=3).map(" · ".join)
    queries = st.one_of(words, st.lists(words, min_size=2, max_size=2).map(" + ".join), AWKWARD)
    reasons = st.lists(st.builds(TopicReason, st.just(1), queries, wheres), max_size=6)
    return DigestItem(
        paper_id=paper.pk,
        section=draw(st.sampled_from(list(Section))),
        reasons=tuple(draw(reasons)),
        evidence=draw(st.one_of(st.none(), st.just(""), st.just("+41 <votes>, 63 in all"), SAID)),
        perhaps_seen=draw(st.booleans()),
    )


def set_layers(paper: Paper, item: DigestItem) -> dict[str, str]:
    seen_now = explain.describe_evidence(paper.popularity)
    evidence = seen_now if item.evidence is None else item.evidence
    card = Card(make_paper_card(PaperFacts.read_paper(paper)), item, evidence)
    sizes = {str(size): card.render_html(size) for size in Size}
    for text in sizes.values():
        filled = {"place": len(OPEN["place"]), "feedback_url": len(ADDRESS)}
        added = sum(filled[name] for name in text.slots)
        assert len(text.fill(OPEN).encode()) == text.size + added
    return {
        **{name: opened.fill(OPEN) for name, opened in sizes.items()},
        "text": card.text.fill(OPEN),
        "notes": card.references.notes.fill(OPEN),
        "html line": card.references.lines["html"].fill(PAGE | {"place": "12"}),
        "text line": card.references.lines["text"].fill({"numeral": "12"}),
    }


def set_plainly(paper: Paper, item: DigestItem) -> dict[str, str]:
    html, text = load_template("html"), load_template("text")
    numbers = list(NUMBERS.values())
    notes = plain_card.list_footnotes(paper, ADDRESS, numbers)
    line = {"line": plain_card.make_contents_line(paper, 12), **PAGE}
    entries = {str(size): plain_card.make_html_entry(paper, item, size, "12") for size in Size}
    return {
        **{
            size: html.render_piece("card", {"entry": entry, "feedback_url": ADDRESS})
            for size, entry in entries.items()
        },
        "text": text.render_piece(
            "card", {"entry": plain_card.make_text_entry(paper, item, numbers, "12")}
        ),
        "notes": "".join(text.render_piece("note", {"note": note}) for note in notes),
        "html line": html.render_piece("line", line),
        "text line": text.render_piece("line", line),
    }


@settings(max_examples=examples(15))
@given(st.data())
def test_layers_of_any_paper_and_any_reasons_equal_the_card_set_plainly(
    data: st.DataObject,
) -> None:
    paper = data.draw(papers())
    # Several readers of one paper share what was set of it.
    for item in data.draw(st.lists(items(paper), min_size=1, max_size=3)):
        assert set_layers(paper, item) == set_plainly(paper, item)


@pytest.mark.parametrize("title", ["扩散策略" * 40, "A study of the " * 14, "Grasping " * 30])
def test_a_title_that_is_too_long_is_cut_the_same(title: str) -> None:
    paper, item = make_paper(title=title), make_item("study")
    assert set_layers(paper, item) == set_plainly(paper, item)


def make_paper(**fields: Any) -> Paper:
    day = datetime(2026, 4, 3, tzinfo=UTC)
    given_fields = {"pk": 7, "title": "Grasping", "identifier": "url:x", "published_at": day}
    return Paper(**(given_fields | {"first_seen_at": day} | fields))


def make_item(*words: str, topic: str = "robots") -> DigestItem:
    return DigestItem(7, Section.NEW, (TopicReason(1, topic, " · ".join(words)),), "")


def test_a_paper_is_set_once_for_every_reader_and_anew_when_it_has_changed() -> None:
    first, second = (PaperFacts.read_paper(make_paper(abstract=LONG)) for _ in range(2))
    assert first is not second
    assert make_paper_card(first) is make_paper_card(second)
    for change in ({"title": "Grasps"}, {"abstract": ""}, {"code_stars": 3}, {"authors": ["A"]}):
        changed = PaperFacts.read_paper(make_paper(**({"abstract": LONG} | change)))
        assert make_paper_card(changed) is not make_paper_card(first)


def test_another_address_of_the_site_is_another_card(settings: Any) -> None:
    before = make_paper_card(PaperFacts.read_paper(make_paper()))
    settings.SITE_URL = "https://elsewhere.example.org"
    after = make_paper_card(PaperFacts.read_paper(make_paper()))
    addresses = [card.references.html_addresses["page_url"] for card in (before, after)]
    assert addresses[1].startswith("https://elsewhere.example.org/")
    assert addresses[0] != addresses[1]


def test_readers_who_got_a_paper_by_the_same_words_share_its_marks() -> None:
    paper = make_paper_card(PaperFacts.read_paper(make_paper(abstract="On robots and arms.")))
    robots, arms = make_item("robots"), make_item("arms")
    by_another_topic = make_item("robots", topic="robot learning")
    assert mark_card(paper, list_found(robots)) is mark_card(paper, list_found(by_another_topic))
    assert mark_card(paper, list_found(robots)) is not mark_card(paper, list_found(arms))


def test_excerpt_and_marks_are_found_once_for_both_parts(monkeypatch: Any) -> None:
    calls, plain = list[tuple[Any, ...]](), excerpt.summarize_paper

    def summarize(*args: Any, **kwargs: Any) -> tuple[str, str]:
        calls.append(args)
        return plain(*args, **kwargs)

    monkeypatch.setattr(excerpt, "summarize_paper", summarize)
    paper = make_paper_card(PaperFacts.read_paper(make_paper(abstract=LONG, title="Both parts")))
    card = Card(paper, make_item("number 20"), "")
    for said in (card.render_html(Size.FULL).fill(OPEN), card.text.fill(OPEN)):
        assert "sentence number 18" in " ".join(said.split())
    assert len(calls) == 1


def test_a_paper_keeps_few_excerpts_however_many_words_lead_to_others() -> None:
    paper = make_paper_card(PaperFacts.read_paper(make_paper(abstract=LONG)))
    for n in range(40):
        paper.make_excerpt(f"Excerpt {n}")
    assert len(paper._excerpts) <= MOST_EXCERPTS


@given(SAID, st.lists(WORDS, max_size=4))
@example("two  blanks", [])
@example("x" * 90 + " " + "y" * 91, ["x"])
@example("word " * 40 + "\xa0", ["word"])
@example(("a" * 44 + " ") * 5, [])
def test_a_paragraph_of_any_text_has_the_lines_and_marks_of_the_slow_ways(
    said: str, words: list[str]
) -> None:
    paragraph = Paragraph(said)
    assert paragraph.mark_words(words) == plain_card.mark_lines(said, words)
    assert paragraph.wrapped == plain_card.wrap(said)
