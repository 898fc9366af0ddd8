"""Every mail that is rendered passes the lint, whatever stands in its papers."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.core.mail import EmailMultiAlternatives
from django.utils.html import escape

from digest.compose import folio
from digest.models import Delivery, DigestItem, Paper
from digest.render import Typesetter, size_budget
from digest.render import stage as render_stage
from digest.render.card import Card, Size
from digest.render.paper_card import MARK, make_paper_card
from digest.render.paper_facts import PaperFacts
from digest.render.size_budget import fit_cards
from subscribers.mail import mail_links
from tests.factories import NOW, make_delivery, make_paper, make_reader, make_source
from tests.mail_lint import Page, complaints, html_of

pytestmark = pytest.mark.django_db
LONG_ABSTRACT = "We study diffusion policies for robots, and measure how far they carry. " * 28
HOSTILE = "<script>alert(1)</script> {{ 7|add:7 }} {% now 'Y' %} 0<x<1 & \"quoted\""


def item(paper: Paper, query: str = "diffusion policy", where: str = "", section: str = "new"):
    return {"id": paper.pk, "section": section, "topics": [[1, query, where or query]]}


def deliver(items: list[dict[str, Any]], **contents: Any) -> Delivery:
    return make_delivery(contents={"papers": items, **contents})


def set_one(delivery: Delivery) -> EmailMultiAlternatives:
    message = Typesetter().render_all([delivery])[0]
    assert message is not None
    return message


def test_a_digest_passes_the_lint() -> None:
    assert complaints(set_one(make_delivery())) == []


@pytest.mark.parametrize(
    ("found", "complaint"),
    [
        ("<mj-text>", "MJML is left over"),
        ("<script></script>", "a forbidden element"),
        ("<style>@import 'a'</style>", "an import or url()"),
        ('<td background="https://example.org/a.png">', "an outside request"),
        ('<a href="javascript:alert(1)">', "a link not http(s)"),
        ("x" * 1000, "a long HTML line"),
        ('<img src="cid:a">', "a picture without words"),
        ('<a href="#nowhere">', "a link to nowhere within the mail"),
        ('<b id="p1">', "two places of one name"),
        ("<h1>Again</h1>", "headings out of order"),
        ("<table>", "a table that is read out as one"),
        ("<h3>One more paper</h3>", "text and HTML differ in their papers"),
        ("<p>words</p>", "a look that hangs on the style sheet"),
        ("<p>words</p>\n" * 7000, "a mail that Gmail clips"),
    ],
)
def test_the_lint_itself_sees_what_is_wrong(found: str, complaint: str) -> None:
    message = set_one(make_delivery())
    html = html_of(message) + found
    message.alternatives.clear()
    message.attach_alternative(html, "text/html")
    assert complaint in complaints(message)


def test_the_headers_let_a_mail_program_unsubscribe_with_one_click() -> None:
    delivery = make_delivery()
    headers = set_one(delivery).message()
    link = mail_links.unsubscribe_url(delivery.subscriber_id)
    assert headers["List-Unsubscribe"] == f"<{link}>"
    assert headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert re.search(r"<digest\.\S+>$", headers["List-Id"])


def test_the_unsubscribe_link_stands_twice_in_the_html_and_once_in_the_text() -> None:
    delivery = make_delivery()
    message, link = set_one(delivery), mail_links.unsubscribe_url(delivery.subscriber_id)
    assert Page(html_of(message)).links.count(link) == 2
    assert str(message.body).count(link) == 1


def test_text_and_html_hold_the_same_papers_in_the_same_order() -> None:
    papers = [make_paper(title=f"Study {word}") for word in ("zeta", "alpha", "mu", "beta")]
    sections = ["trending", "trending", "new", "new"]
    items = [item(p, section=s) for p, s in zip(papers, sections, strict=True)]
    message = set_one(deliver(items))
    body = Page(html_of(message)).said
    for part in (body[body.index("Trending in your topics") :], str(message.body)):
        places = [part.index(p.title) for p in papers]
        assert places == sorted(places)
        assert part.index("Trending in your topics") < places[0]
        assert places[1] < part.index("New in your topics") < places[2]


def test_every_papers_reason_names_its_topic() -> None:
    queries = ["world models", "speech + video", "author:Turing"]
    message = set_one(deliver([item(make_paper(), query) for query in queries]))
    for part in (Page(html_of(message)).said, str(message.body)):
        for query in queries:
            assert re.search(rf"In your topic:?\s+{re.escape(query)}", part)


def test_found_words_are_marked_in_the_html() -> None:
    paper = make_paper(title="A Diffusion-Policy for Grasping", abstract="Diffusion policy works.")
    html = html_of(set_one(deliver([item(paper)])))
    assert f"A {MARK}Diffusion-Policy</mark> for Grasping" in html
    assert f"{MARK}Diffusion policy</mark> works." in html


def test_hostile_fields_are_shown_as_typed_and_nothing_in_them_acts() -> None:
    paper = make_paper(title=HOSTILE, abstract=f"{HOSTILE} in the abstract.", summary="",
                       authors=[HOSTILE, "A. Turing"], organization=HOSTILE,
                       url="javascript:alert(1)", code_url="javascript:alert(2)",
                       categories=[HOSTILE])  # fmt: skip
    delivery = deliver([item(paper, HOSTILE, "x")])
    message = set_one(delivery)
    assert complaints(message) == []
    assert str(escape(HOSTILE)) in " ".join(html_of(message).split())
    for part in (Page(html_of(message)).said, " ".join(str(message.body).split())):
        assert part.count("{{ 7|add:7 }}") >= 5
        assert part.count("0<x<1") >= 5
        assert "javascript:" not in part
    assert "javascript:" not in html_of(message)


def test_no_header_holds_a_control_character_whatever_titles_and_topics_hold() -> None:
    paper = make_paper(title="Robots\r\nBcc: victim@example.org\x07\x1b[31m learn")
    delivery = deliver([item(paper, "robots\r\nX-Evil: 1\x7f", "robots")])
    message = set_one(delivery)
    assert complaints(message) == []
    assert "Bcc" not in message.message()
    assert "X-Evil" not in message.message()
    assert message.recipients() == [delivery.subscriber.email]
    assert message.subject.isprintable()


def test_a_very_long_title_218_authors_and_no_abstract_are_set() -> None:
    title = ("Scaling " * 70)[:499] + "g"
    paper = make_paper(title=title, authors=[f"Author {n}" for n in range(218)], abstract="")
    message = set_one(deliver([item(paper)]))
    assert complaints(message) == []
    for part in (Page(html_of(message)).said, " ".join(str(message.body).split())):
        assert "Author 0, Author 1, Author 2 and 215 more" in part
        assert title in part
    assert len(message.subject) <= 60


def test_a_title_that_is_one_word_of_500_characters_makes_no_long_line() -> None:
    message = set_one(deliver([item(make_paper(title="é" * 500, abstract="語" * 3000))]))
    assert complaints(message) == []
    assert "é" * 50 in html_of(message)


def test_what_has_no_room_at_all_is_counted_in_text_and_html_alike(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    items = [item(make_paper(title=f"Study {n} of grasping")) for n in range(5)]
    monkeypatch.setattr(size_budget, "FEW_BUDGET_BYTES", 0)
    message = set_one(deliver(items))
    for part in (Page(html_of(message)).said, str(message.body)):
        assert re.findall(r"Study (\d) of grasping", part[part.index("New in your") :]) == ["0"]
        assert "4 more on the web" in part
    assert complaints(message) == []


def test_the_later_papers_give_way_first_and_never_the_last_one_left() -> None:
    papers = [make_paper(abstract=LONG_ABSTRACT) for _ in range(5)]
    cards = [
        Card(make_paper_card(PaperFacts.read_paper(paper)), DigestItem.from_json(item(paper)), "")
        for paper in papers
    ]
    total = sum(card.render_html(Size.FULL).size for card in cards)
    assert fit_cards(cards, total) == [Size.FULL] * 5
    assert fit_cards(cards, total - 1) == [Size.FULL] * 4 + [Size.SHORT]
    titles = sum(card.render_html(Size.TITLE).size for card in cards)
    assert fit_cards(cards, titles) == [Size.TITLE] * 5
    assert fit_cards(cards, titles - 1) == [Size.TITLE] * 4
    assert fit_cards(cards, 0) == [Size.TITLE]


def test_the_same_delivery_rendered_twice_gives_the_same_bytes() -> None:
    make_source(kind="arxiv", title="arXiv", last_new_at=NOW)
    papers = [make_paper(abstract=LONG_ABSTRACT, authors=["A", "B"]) for _ in range(3)]
    delivery = deliver([item(paper) for paper in papers], seen=9)
    fresh, typesetter = set_one(delivery), Typesetter()
    again, cached = typesetter.render_all([delivery, delivery])
    for message in (again, cached, set_one(Delivery.objects.get(pk=delivery.pk))):
        assert message is not None
        assert html_of(message) == html_of(fresh)
        assert (message.subject, message.body) == (fresh.subject, fresh.body)
        assert message.extra_headers == fresh.extra_headers


def test_two_readers_of_one_paper_get_their_own_links_and_nobody_elses() -> None:
    items = [item(make_paper())]
    first, second = (
        make_delivery(subscriber=make_reader(email=f"{name}@example.org"),
                      contents={"papers": items})
        for name in ("ada", "grace")
    )  # fmt: skip
    messages = Typesetter().render_all([first, second])
    for message, mine, other in zip(messages, (first, second), (second, first), strict=True):
        assert message is not None
        assert message.to == [mine.subscriber.email]
        whole = html_of(message) + str(message.body)
        assert mail_links.preferences_url(mine.subscriber_id) in whole
        assert other.subscriber.email not in whole
        assert mail_links.unsubscribe_url(other.subscriber_id) not in whole
        assert message.metadata == {"delivery": str(mine.key)}  # type: ignore[attr-defined]


def test_papers_deleted_since_are_left_out_and_none_left_means_no_message() -> None:
    kept, gone = make_paper(title="Kept alive"), make_paper(title="Gone away")
    both, only = deliver([item(gone), item(kept)]), deliver([item(gone)])
    gone.delete()
    message, nothing = Typesetter().render_all([both, only])
    assert nothing is None
    assert message is not None
    assert "Kept alive" in message.subject
    assert "Gone away" not in html_of(message) + str(message.body)


def test_one_bad_delivery_is_logged_and_the_others_are_set(
    caplog: pytest.LogCaptureFixture,
) -> None:
    paper = make_paper()
    bad = deliver([{"id": paper.pk, "section": "no such section", "topics": [[1, "x", "x"]]}])
    good = make_delivery()
    nothing, message = Typesetter().render_all([bad, good])
    assert nothing is None
    assert message is not None
    assert f"Delivery {bad.pk} could not be set." in caplog.text


def test_a_typesetter_forgets_its_papers_when_they_are_too_many(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(render_stage, "MOST_PAPERS", 0)
    paper = make_paper(title="Before")
    delivery, typesetter = deliver([item(paper)]), Typesetter()
    assert "Before" in html_of(typesetter.render_all([delivery])[0])
    Paper.objects.filter(pk=paper.pk).update(title="After")
    assert "After" in html_of(typesetter.render_all([delivery])[0])


def test_the_folio_names_the_sources_that_had_something_new_lately() -> None:
    make_source(kind="feed", title="Robot Letters", last_new_at=NOW)
    make_source(kind="feed", title="Sleeping Letters", last_new_at=NOW - 2 * folio.REACH)
    message = set_one(deliver([item(make_paper())], seen=171))
    for part in (Page(html_of(message)).said, " ".join(str(message.body).split())):
        assert "Wednesday 22 April 2026 · 171 new papers · Robot Letters" in part
        assert "Sleeping Letters" not in part


@pytest.mark.parametrize("query", ["RLHF", "a very long topic that says a great deal of words"])
@pytest.mark.parametrize("papers", [1, 3])
def test_a_subject_names_a_topic_and_a_paper_in_60_characters(query: str, papers: int) -> None:
    items = [item(make_paper(title="Robots " * 30), query) for _ in range(papers)]
    subject = set_one(deliver(items)).subject
    assert subject.startswith(query[:15])
    assert "Robots" in subject
    assert len(subject) <= 60
