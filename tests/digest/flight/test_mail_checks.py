"""A mail with something wrong is noticed before any leaves."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.core.mail import EmailMultiAlternatives

from digest.flight import preflight
from digest.flight.mail_checks import find_dead_links, find_mail_faults, list_links, read_html
from digest.models import Delivery, Paper
from digest.render import Typesetter
from subscribers.mail.mail_links import preferences_url, unsubscribe_url
from tests.factories import NOW, make_delivery

pytestmark = pytest.mark.django_db
Change = Callable[[str], str]


def render(delivery: Delivery, change: Change = str) -> EmailMultiAlternatives:
    [mail] = Typesetter().render_all([delivery])
    assert mail
    html = change(read_html(mail))
    mail.alternatives.clear()
    mail.attach_alternative(html, "text/html")
    return mail


@pytest.fixture
def delivery() -> Delivery:
    return make_delivery()


def find(delivery: Delivery, mail: EmailMultiAlternatives) -> list[str]:
    return find_mail_faults(delivery, mail, list(Paper.objects.all()))


def test_an_ordinary_edition_has_no_faults(delivery: Delivery) -> None:
    assert preflight.find_faults(delivery.edition, NOW) == []


def test_a_mail_that_is_too_large_is_named(delivery: Delivery) -> None:
    [fault] = find(delivery, render(delivery, lambda html: html + "x" * 90_000))
    assert "more than the 90,000 it may have" in fault


def test_a_mail_without_a_way_out_is_named(delivery: Delivery) -> None:
    own = unsubscribe_url(delivery.subscriber_id)
    mail = render(delivery, lambda html: html.replace(own, preferences_url(1)))
    assert find(delivery, mail) == ["A mail has no link that unsubscribes its reader."]


@pytest.mark.parametrize("name", ["List-Unsubscribe", "List-Unsubscribe-Post"])
def test_a_mail_without_the_headers_of_one_click_is_named(delivery: Delivery, name: str) -> None:
    mail = render(delivery)
    del mail.extra_headers[name]
    [fault] = find(delivery, mail)
    assert "no List-Unsubscribe headers" in fault


def test_the_way_out_of_somebody_else_is_none(delivery: Delivery) -> None:
    assert len(find(delivery, render(make_delivery()))) == 2


def test_a_link_that_leads_elsewhere_is_named(delivery: Delivery) -> None:
    mail = render(delivery, lambda html: html + '<a href="https://casino.example/">Win</a>')
    [fault] = find(delivery, mail)
    assert fault.endswith("nor to a paper of the mail: https://casino.example/")


def test_links_to_this_site_answer_or_are_named_without_their_tokens(
    delivery: Delivery, settings: object
) -> None:
    links = list_links(read_html(render(delivery)))
    assert find_dead_links(links) == []
    site = getattr(settings, "SITE_URL", "")
    assert find_dead_links([f"{site}/nowhere/"]) == [
        "A link leads to no page of this site, which answers 404."
    ]
    [fault] = find_dead_links([f"{site}/mail/1.forged/"])
    assert fault == "A link leads to the page “digest:mail”, which answers 404."


def test_asking_links_writes_nothing(delivery: Delivery) -> None:
    before = list(Delivery.objects.values()), list(Paper.objects.values())
    find_dead_links(list_links(read_html(render(delivery))))
    assert before == (list(Delivery.objects.values()), list(Paper.objects.values()))
    delivery.subscriber.refresh_from_db()
    assert delivery.subscriber.is_active
