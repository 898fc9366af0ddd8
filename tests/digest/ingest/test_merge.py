"""Two rows that prove to be one paper become one: nothing is lost, and nothing comes twice."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from digest.compose import compose_due
from digest.deliver.audit import audit
from digest.ingest.sources.parsed import ParsedDocument, ParsedEntry
from digest.ingest.store import store_document
from digest.models import Delivery, Edition, Entry, Match, Merger, Paper, SentBreakout, Snapshot
from digest.render import Typesetter
from tests.factories import NOW, make_delivery, make_match, make_paper, make_reader, make_source

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
DOI, ARXIV = "doi:10.1000/x", "arxiv:2604.99999"


def entry(identifier: str, **fields: Any) -> ParsedEntry:
    defaults: dict[str, Any] = {
        "guid": identifier,
        "identifier": identifier,
        "title": f"Diffusion policies, {identifier}",
        "url": f"https://example.org/{identifier}",
        "published_at": NOW,
        "doi": "10.1000/x" if identifier == DOI else "",
    }
    return ParsedEntry(**(defaults | fields))


def bring(*entries: ParsedEntry, now: Any = NOW, source: Any = None) -> None:
    store_document(source or make_source(), ParsedDocument(entries=entries), now)


def paper_of(identifier: str) -> Paper:
    return Paper.objects.get(identifier=identifier)


def two_rows() -> tuple[Paper, Paper]:
    """A journal's paper, and arXiv's of which nobody knew yet that it is the same."""
    bring(entry(DOI, upvotes=3, abstract="A long abstract.", organization="The Lab"))
    bring(entry(ARXIV, upvotes=9), now=NOW + DAY)
    return paper_of(DOI), paper_of(ARXIV)


def learn_it(now: Any = NOW + 2 * DAY) -> None:
    """arXiv says which DOI its paper has."""
    bring(entry(ARXIV, guid="oai:v2", doi="10.1000/x", announce_type="replace"), now=now)


def test_the_paper_with_the_better_name_gets_all_that_hangs_on_the_other() -> None:
    gone, kept = two_rows()
    reader = make_reader("diffusion policy", "policies")
    delivery = make_delivery(subscriber=reader, contents={})
    for paper in (gone, kept):
        make_match(paper, "diffusion policy")
        Snapshot.objects.create(paper=paper, taken_at=NOW + 3 * DAY, upvotes=50)
    make_match(gone, "policies")
    SentBreakout.objects.create(subscriber=reader, paper=gone, delivery=delivery)
    learn_it()
    kept.refresh_from_db()
    assert (kept.doi, kept.organization, kept.abstract) == (
        "10.1000/x",
        "The Lab",
        "A long abstract.",
    )
    assert (kept.first_seen_at, kept.news_at) == (NOW, NOW + DAY)
    assert kept.matched_at is None  # its text is another one
    assert Entry.objects.filter(paper=kept).count() == Entry.objects.count() == 3
    assert list(kept.snapshots.values_list("upvotes", flat=True)) == [3, 9, 50]
    assert Match.objects.filter(paper=kept).count() == Match.objects.count() == 2
    assert kept.sent_breakouts.get().subscriber == reader


def test_the_other_row_is_news_to_nobody_and_its_page_leads_on(client: Client) -> None:
    gone, kept = two_rows()
    learn_it()
    gone.refresh_from_db()
    assert (gone.news_at, gone.available_at, gone.trend, gone.doi) == (None, None, 0, "")
    assert gone.title
    assert Merger.objects.get(paper=gone).into == kept
    assert Paper.objects.unmatched().get() == kept
    assert client.get(f"/paper/{DOI}/").headers["Location"] == f"/paper/{ARXIV}/"


def test_later_entries_of_either_name_find_the_one_paper() -> None:
    two_rows()
    learn_it()
    bring(entry(DOI), entry(ARXIV), now=NOW + 3 * DAY)
    assert Paper.objects.count() == 2
    assert Entry.objects.filter(paper=paper_of(ARXIV)).count() == Entry.objects.count() == 5


def test_a_post_that_names_its_arxiv_number_later_is_that_paper() -> None:
    lab = make_source()
    url = "url:https://lab.example.org/1"
    bring(entry(url), source=lab)
    bring(entry(ARXIV), now=NOW + DAY)
    bring(entry(ARXIV, guid=url), source=lab, now=NOW + 2 * DAY)
    assert Merger.objects.get().into == paper_of(ARXIV)
    assert Merger.objects.get().paper == paper_of(url)


def test_three_names_of_one_paper_end_in_one() -> None:
    lab, url = make_source(), "url:https://lab.example.org/1"
    bring(entry(url), source=lab)
    bring(entry(DOI))
    bring(entry(DOI, guid=url), source=lab)
    bring(entry(ARXIV))
    learn_it()
    assert set(Merger.objects.values_list("into__identifier", flat=True)) == {ARXIV}
    assert Merger.objects.count() == 2


def test_one_document_may_bring_both_and_the_proof() -> None:
    proof = entry(ARXIV, guid="oai:v2", doi="10.1000/x")
    bring(entry(DOI), entry(ARXIV), proof, entry(DOI, guid="again"))
    assert Merger.objects.get().into == paper_of(ARXIV)
    assert Entry.objects.filter(paper=paper_of(ARXIV)).count() == 4


def sent(reader: Any, now: Any) -> Delivery:
    compose_due(now)
    delivery: Delivery = reader.deliveries.latest("covers_until")
    if delivery.status == "planned":
        Delivery.objects.filter(pk=delivery.pk).update(status="sent", sent_at=now)
    return delivery


def test_what_was_sent_under_one_name_does_not_come_under_the_other() -> None:
    gone, _ = two_rows()
    Paper.objects.filter(identifier=ARXIV).update(news_at=None)
    reader = make_reader("diffusion policy")
    make_match(gone, "diffusion policy")
    assert [item["id"] for item in sent(reader, NOW).contents["papers"]] == [gone.pk]
    learn_it()
    Paper.objects.filter(identifier=ARXIV).update(news_at=NOW + 2 * DAY, matched_at=NOW)
    second = sent(reader, NOW + 2 * DAY)
    assert (second.status, second.quiet_reason) == ("quiet", "sent_before")
    assert not [finding for finding in audit(NOW) if finding.broken]


def test_a_mail_that_names_the_row_that_is_gone_can_still_be_set() -> None:
    make_paper(news_at=NOW - DAY)  # the first day, from which editions are numbered
    gone, kept = two_rows()
    items = [{"id": gone.pk, "section": "new", "topics": [[1, "policies", "policies"]]}]
    delivery = make_delivery(contents={"papers": items})
    before = Typesetter().render_all([delivery])[0]
    learn_it()
    after = Typesetter().render_all([delivery])[0]
    assert before
    assert after
    assert (after.subject, after.body) == (before.subject, before.body)
    assert kept.title not in after.body


@pytest.mark.parametrize(("days", "is_broken"), [(1, False), (3, True)])
def test_the_audit_counts_both_names_as_one_from_the_day_they_merged(
    days: int, is_broken: bool
) -> None:
    gone, kept = two_rows()
    reader = make_reader()
    for day, paper in ((0, gone), (days, kept)):
        at = NOW + day * DAY
        make_delivery(
            subscriber=reader,
            edition=Edition.objects.create(date=at.date()),
            covers_until=at,
            status="sent",
            sent_at=at,
            contents={"papers": [{"id": paper.pk, "section": "new", "topics": []}]},
        )
    learn_it()
    broken = [finding.promise for finding in audit(NOW) if finding.broken]
    assert broken == (["A paper comes once to a subscriber"] if is_broken else [])
