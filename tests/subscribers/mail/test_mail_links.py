"""Every link of a mail is reversed from a URL name: whoever moves a page moves its links."""

from __future__ import annotations

import ast
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.urls import get_resolver, resolve

import subscribers
from subscribers.mail import mail_links
from subscribers.models import Subscriber
from tests.factories import NOW

SUBSCRIBER = Subscriber(pk=7, email="ada@example.org", confirmation_sent_at=NOW)


@pytest.mark.parametrize(
    ("url", "name"),
    [
        (mail_links.confirm_url(SUBSCRIBER), "subscribers:confirm"),
        (mail_links.account_url(SUBSCRIBER, NOW), "subscribers:account"),
        (mail_links.move_url(7, NOW, "new@example.org"), "subscribers:move"),
        (mail_links.move_back_url(7), "subscribers:move-back"),
        (mail_links.preferences_url(7), "subscribers:preferences"),
        (mail_links.unsubscribe_url(7), "subscribers:unsubscribe"),
        (mail_links.feedback_url(7), "digest:feedback"),
        (f"{mail_links.feedback_url(7)}more/9/", "digest:feedback-more"),
        (f"{mail_links.feedback_url(7)}less/9/", "digest:feedback-less"),
        (f"{mail_links.feedback_url(7)}save/9/", "digest:feedback-save"),
        (f"{mail_links.feedback_url(7)}mute/9/", "digest:feedback-mute"),
        (mail_links.reading_list_url(7), "digest:reading-list"),
        (mail_links.reading_feed_url(7), "digest:reading-list-feed"),
        (mail_links.reading_bibtex_url(7), "digest:reading-list-bibtex"),
    ],
)
def test_a_link_leads_to_the_page_it_is_named_for(url: str, name: str) -> None:
    assert resolve(urlsplit(url).path).view_name == name


def test_no_page_of_the_digest_has_its_address_written_into_subscribers() -> None:
    _, digest = get_resolver().namespace_dict["digest"]
    routes = [route for name in digest.reverse_dict for route in digest.reverse_dict.getlist(name)]
    paths = [path for possibilities, *_ in routes for path, _ in possibilities]
    beginnings = {path.partition("/")[0] for path in paths} - {""}
    assert {"feedback", "reading-list", "search"} <= beginnings
    modules = Path(subscribers.__file__).parent.rglob("*.py")
    nodes = (node for module in modules for node in ast.walk(ast.parse(module.read_text())))
    texts = [str(node.value) for node in nodes if isinstance(node, ast.Constant)]
    addresses = [text for text in texts if text.startswith("/")]
    assert not [text for text in addresses if text.split("/")[1] in beginnings]
