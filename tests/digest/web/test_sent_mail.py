"""The mail that was sent can be read in the browser by whoever holds its link."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client

from digest.models import Delivery
from digest.render import Typesetter, header_footer, size_budget, without_own
from digest.render import stage as render_stage
from subscribers import tokens
from subscribers.mail import mail_links
from tests.factories import make_delivery, make_paper

pytestmark = pytest.mark.django_db


def deliver(*titles: str) -> Delivery:
    papers = [make_paper(title=title) for title in titles]
    items = [{"id": p.pk, "section": "new", "topics": [[1, "x", "x"]]} for p in papers]
    return make_delivery(contents={"papers": items})


def page_of(client: Client, delivery: Delivery) -> Any:
    return client.get(render_stage.make_mail_url(delivery.pk).removeprefix("http://localhost:8000"))


@pytest.fixture(autouse=True)
def local(settings: Any) -> None:
    settings.SITE_URL = "http://localhost:8000"


def test_the_page_holds_exactly_the_papers_of_that_mail_in_their_order(client: Client) -> None:
    make_paper(title="Study of another day")
    answer = page_of(client, deliver("Study zeta", "Study alpha", "Study mu"))
    html = answer.content.decode()
    places = [html.index(f"\nStudy {word}</a></h3>") for word in ("zeta", "alpha", "mu")]
    assert places == sorted(places)
    assert html.count("<h3") == 3
    assert html.count('role="main"') == 1
    assert "another day" not in html


def test_the_mail_leads_to_its_page_and_the_page_does_not_lead_to_itself(client: Client) -> None:
    delivery = make_delivery()
    link = render_stage.make_mail_url(delivery.pk)
    [message] = Typesetter().render_all([delivery])
    assert message is not None
    assert link in str(message.alternatives[0][0])
    assert link in message.body
    assert link not in page_of(client, delivery).content.decode()


def test_the_mail_says_whom_its_links_act_for_and_its_page_has_none_of_them(client: Client) -> None:
    delivery = make_delivery()
    [message] = Typesetter().render_all([delivery])
    assert message is not None
    for part in (str(message.alternatives[0][0]), message.body):
        assert "links act for you, whoever" in " ".join(part.split())
        assert "http://localhost:8000/subscribe/" in part
        assert str(without_own.SAID) not in part
    html = page_of(client, delivery).content.decode()
    assert html.count(str(without_own.SAID)) == 1
    assert delivery.subscriber.email not in html
    assert "follows" not in html


def test_the_page_of_a_first_digest_does_not_say_where_its_reader_lives(client: Client) -> None:
    delivery = deliver("Study one")
    delivery.subscriber.timezone = "America/Argentina/Buenos_Aires"
    delivery.subscriber.save()
    delivery.contents |= {"is_first": True}
    delivery.save()
    [message] = Typesetter().render_all([delivery])
    assert message
    assert "Buenos Aires time" in " ".join(message.body.split())
    html = page_of(client, delivery).content.decode()
    assert "Your first digest" in html
    assert "Buenos" not in html


def test_whoever_was_passed_the_page_on_can_do_nothing_for_its_reader(client: Client) -> None:
    delivery = deliver("Study one", "Study two")
    delivery.contents = delivery.contents | {"in_topics": 7}
    near = make_paper(title="Study three")
    delivery.contents["papers"].append({"id": near.pk, "section": "near", "topics": []})
    delivery.save()
    [message] = Typesetter().render_all([delivery])
    assert message
    mail, page = str(message.alternatives[0][0]), page_of(client, delivery).content.decode()
    own = ("preferences", "unsubscribe", "feedback", "all", "mail")
    assert {name for name in own if f"localhost:8000/{name}/" in mail} == set(own)
    shown = set(re.findall(r'href="([^"]*)"', page))
    ours = {link for link in shown if link.startswith("http://localhost:8000/")}
    assert {link.split("/")[3] for link in ours} == {"", "paper", "subscribe"}
    assert not {link for link in shown if link.startswith("own")}
    assert page.count("<h3") == 3
    for name in ("p", "span", "a", "table", "td"):
        assert page.count(f"<{name} ") + page.count(f"<{name}>") == page.count(f"</{name}>"), name
    assert not re.search(r"&middot;\s*</", page)


def test_what_had_no_room_in_the_mail_stands_on_its_page_in_full(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(size_budget, "FEW_BUDGET_BYTES", 0)
    delivery = deliver(*(f"Study {n}" for n in range(5)))
    [message] = Typesetter().render_all([delivery])
    assert message is not None
    mail, page = str(message.alternatives[0][0]), page_of(client, delivery).content.decode()
    assert (mail.count("<h3"), page.count("<h3")) == (1, 5)
    assert f'href="{render_stage.make_mail_url(delivery.pk)}">4 more on the web</a>' in mail
    assert "more on the web" not in page


def test_the_page_is_kept_by_no_cache_and_does_nothing_but_show(client: Client) -> None:
    delivery = make_delivery()
    answer = page_of(client, delivery)
    assert answer.status_code == 200
    assert "no-store" in answer["Cache-Control"]
    assert answer["X-Robots-Tag"] == "noindex, nofollow"
    assert answer["Referrer-Policy"] == "no-referrer"
    assert "default-src 'none'" in answer["Content-Security-Policy"]
    assert "unsafe" not in answer["Content-Security-Policy"]
    assert not answer.cookies
    path = render_stage.make_mail_url(delivery.pk).removeprefix("http://localhost:8000")
    assert client.post(path).status_code == 405
    assert client.head(path).status_code == 200


@pytest.mark.parametrize(
    "token",
    [
        "nonsense",
        "1.nonsense",
        tokens.sign(tokens.UNSUBSCRIBE, 1),
        tokens.sign(tokens.PREFERENCES, 1),
        tokens.sign(tokens.FEEDBACK, 1),
    ],
)
def test_only_a_link_made_for_this_page_opens_it(client: Client, token: str) -> None:
    make_delivery()
    assert client.get(f"/mail/{token}/").status_code == 404


def test_its_own_link_opens_no_other_page(client: Client) -> None:
    token = tokens.sign(render_stage.IN_THE_BROWSER, make_delivery().subscriber_id)
    assert tokens.read(tokens.UNSUBSCRIBE, token) is None
    assert tokens.read(tokens.PREFERENCES, token) is None


def test_papers_deleted_since_are_counted_and_the_others_shown(client: Client) -> None:
    delivery = deliver("Kept alive", "Gone away")
    delivery.refresh_from_db()
    gone = delivery.contents["papers"][1]["id"]
    render_stage.Paper.objects.filter(pk=gone).delete()
    html = page_of(client, delivery).content.decode()
    assert "Kept alive" in html
    assert header_footer.write_missing(1) in html


def test_a_page_whose_papers_or_reader_are_gone_says_so(client: Client) -> None:
    emptied, forgotten = deliver("Gone away"), make_delivery()
    render_stage.Paper.objects.filter(title="Gone away").delete()
    emails_link = mail_links.unsubscribe_url(forgotten.subscriber_id)
    forgotten.subscriber.delete()
    for delivery_id in (emptied.pk, forgotten.pk or 0, 0):
        answer = client.get(f"/mail/{tokens.sign(render_stage.IN_THE_BROWSER, delivery_id)}/")
        assert answer.status_code == 410
        assert "no longer kept" in answer.content.decode()
        assert "no-store" in answer["Cache-Control"]
        assert emails_link not in answer.content.decode()
