"""What stands around the papers says in few words what came, from where, and why."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from digest.models import (
    Delivery,
    DigestContents,
    DigestItem,
    Edition,
    Folio,
    Paper,
    Section,
    TopicReason,
)
from digest.render import header_footer
from subscribers.models import Subscriber


def items(*queries: str, section: Section = Section.NEW) -> list[DigestItem]:
    """One paper for each argument; several topics of one paper are parted by `&`."""
    return [
        DigestItem(n, section, tuple(TopicReason(1, query, "") for query in typed.split(" & ")))
        for n, typed in enumerate(queries)
    ]


def contents(*papers: DigestItem, **fields: Any) -> DigestContents:
    return DigestContents(papers=papers, **fields)


def delivery(cadence: str = "daily") -> Delivery:
    return Delivery(
        edition=Edition(date=date(2026, 4, 3)),
        subscriber=Subscriber(email="ada@example.org", cadence=cadence),
    )


def folio(cadence: str = "daily", number: int = 0, lists: str = "", **fields: Any) -> str:
    said = Folio(number, lists)
    return header_footer.write_folio(delivery(cadence), contents(**fields), said)


def title(cadence: str = "daily", **fields: Any) -> str:
    return header_footer.write_title(delivery(cadence), contents(**fields))


def test_the_preheader_goes_on_where_the_subject_ended() -> None:
    papers = [Paper(title=title) for title in ("First", "Second", "Third")]
    assert header_footer.write_preheader(papers) == "Second · Third"
    assert header_footer.write_preheader([Paper(title="A", summary="S.", abstract="B.")]) == "S."
    assert header_footer.write_preheader([Paper(title="A", abstract="B.")]) == "B."
    assert header_footer.write_preheader([Paper(title="A")]) == ""
    assert (
        len(header_footer.write_preheader([Paper(title="A", abstract="many words " * 900)])) <= 140
    )


def test_the_folio_leaves_out_what_is_not_known() -> None:
    assert folio() == "Friday 3 April 2026"
    full = folio(number=212, lists="arXiv", seen=1)
    assert full == "No. 212 · Friday 3 April 2026 · 1 new paper · arXiv"


def test_the_footer_names_the_address_and_the_topics_that_found_something() -> None:
    reader = Subscriber(email="ada@example.org")
    said = header_footer.write_why(reader, items("a1", "b2 & a1"))
    assert said.startswith("You get this mail because ada@example.org follows a1 and b2.")
    many = header_footer.write_why(reader, items(*(f"topic {n}" for n in range(30))))
    assert "topic 7 and 22 more topics." in many
    nine = header_footer.write_why(reader, items(*(f"topic {n}" for n in range(9))))
    assert "topic 7 and topic 8." in nine
    assert (
        len(header_footer.write_why(reader, items(*(f"{n}" + "x" * 199 for n in range(50))))) < 700
    )


def test_a_heading_is_underlined_to_its_length() -> None:
    assert header_footer.make_section_context(Section.TRENDING) == {
        "section": "Trending in your topics",
        "underline": "=======================",
        "note": "",
    }


@pytest.mark.parametrize(
    ("first", "last", "said"),
    [
        (date(2026, 4, 20), date(2026, 4, 27), "20 to 27 April 2026"),
        (date(2026, 4, 27), date(2026, 5, 4), "27 April to 4 May 2026"),
        (date(2026, 12, 28), date(2027, 1, 4), "28 December 2026 to 4 January 2027"),
    ],
)
def test_a_week_says_of_its_days_what_differs(first: date, last: date, said: str) -> None:
    assert header_footer.format_days(first, last) == said


def test_a_week_and_a_first_digest_have_titles_of_their_own_and_a_day_has_none() -> None:
    assert title() == ""
    assert title("weekly") == "The week in your topics"
    assert title("weekly", is_first=True) == "Your first digest"
    assert folio("weekly") == "27 March to 3 April 2026"
    assert folio("weekly", is_first=True) == "Friday 3 April 2026"


def test_a_mail_is_called_by_the_cadence_it_was_composed_for() -> None:
    changed = delivery("daily")
    weekly = contents(cadence="weekly")
    assert header_footer.write_title(changed, weekly) == "The week in your topics"
    assert header_footer.write_title(changed, contents()) == ""


@pytest.mark.parametrize(
    ("cadence", "zone", "said"),
    [
        ("daily", "Europe/Berlin", "every day at 08:00, Berlin time,"),
        ("weekdays", "UTC", "Monday to Friday at 08:00, UTC,"),
        ("weekly", "America/Argentina/Buenos_Aires", "every Monday at 08:00, Buenos Aires time,"),
    ],
)
def test_a_first_digest_says_what_comes_when(cadence: str, zone: str, said: str) -> None:
    mail = delivery(cadence)
    mail.subscriber.timezone = zone
    assert said in header_footer.write_welcome(mail, contents(is_first=True))
    assert header_footer.write_welcome(mail, contents()) == ""


def test_the_sources_health_is_one_line_of_sentences_whatever_compose_wrote() -> None:
    sources = ["cs.CL: 95 new", "cs.AI: yesterday's list, today's follows tomorrow", ""]
    said = "cs.CL: 95 new. cs.AI: yesterday's list, today's follows tomorrow."
    assert header_footer.write_health(tuple(sources)) == said
    assert header_footer.write_health(()) == ""
    assert len(header_footer.write_health(("endless " * 99,))) <= 400


def test_papers_that_are_gone_are_counted_as_a_person_would() -> None:
    said = [header_footer.write_missing(count) for count in range(3)]
    assert said == ["", "1 paper of this mail is gone.", "2 papers of this mail are gone."]


def test_whoever_has_only_a_paper_from_outside_is_told_why_all_the_same() -> None:
    reader = Subscriber(email="ada@example.org")
    nothing = [DigestItem(1, Section.OUTSIDE)]
    assert "ada@example.org asked for new papers." in header_footer.write_why(reader, nothing)
