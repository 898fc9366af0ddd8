"""The addresses that mails lead to, signed for one subscriber and reversed from their URL names.

`version` is the subscriber's `link_version`: what was signed with an earlier one has ended.
"""

from __future__ import annotations

from datetime import date, datetime
from functools import cache

from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from subscribers import tokens
from subscribers.models import Subscriber

_ANY_TOKEN = "any-token"


def confirm_url(subscriber: Subscriber) -> str:
    """The link that confirms; its 48 hours start when the confirmation was last sent."""
    issued_at = subscriber.confirmation_sent_at or timezone.now()
    token = tokens.sign_confirmation(subscriber.pk, issued_at, subscriber.link_version)
    return _build_url("subscribers:confirm", token)


def account_url(subscriber: Subscriber, issued_at: datetime) -> str:
    """Where subscribers move, export and delete: for an hour, and until links are ended."""
    version = subscriber.link_version
    token = tokens.sign_account(subscriber.pk, issued_at, subscriber.email, version)
    return _build_url("subscribers:account", token)


def move_url(subscriber_id: int, issued_at: datetime, new_email: str, version: int = 0) -> str:
    """The link in the mail to a new address; pressing its button moves the digests there."""
    token = tokens.sign_move(subscriber_id, issued_at, new_email, version)
    return _build_url("subscribers:move", token)


def move_back_url(former_address_id: int) -> str:
    """The link in the notice to an address that the digests have left."""
    return _build_url("subscribers:move-back", tokens.sign(tokens.MOVE_BACK, former_address_id))


def preferences_url(subscriber_id: int, version: int = 0) -> str:
    return _build_url(
        "subscribers:preferences", tokens.sign(tokens.PREFERENCES, subscriber_id, version)
    )


def fresh_preferences_url(subscriber: Subscriber, issued_at: datetime) -> str:
    """The same in a letter: for two days it shows that whoever opens it has the mailbox."""
    version = subscriber.link_version
    url = preferences_url(subscriber.pk, version)
    email = subscriber.email
    token = tokens.sign_account(subscriber.pk, issued_at, email, version, tokens.FRESH)
    return f"{url}?fresh={token}"


def past_digests_url(subscriber_id: int, version: int = 0) -> str:
    """What they were sent, and why; it only shows, to whoever may change their preferences."""
    token = tokens.sign(tokens.PREFERENCES, subscriber_id, version)
    return _build_url("digest:past-digests", token)


def all_papers_url(subscriber_id: int, version: int, day: date) -> str:
    """All papers in their topics of the days of one digest; whoever has it can only read."""
    token = tokens.sign(tokens.ALL_PAPERS, subscriber_id, version)
    return f"{_build_url('digest:all-papers', token)}{day}/"


def unsubscribe_url(subscriber_id: int, version: int = 0) -> str:
    return _build_url(
        "subscribers:unsubscribe", tokens.sign(tokens.UNSUBSCRIBE, subscriber_id, version)
    )


def feedback_url(subscriber_id: int, version: int = 0) -> str:
    """Where subscribers say what they want more of, without signing in; it ends in a slash.

    Below it stand more/<id>/, less/<id>/, save/<id>/ and mute/<id>/, each with a paper's primary
    key. One signature serves a whole mail, is the same every time and never expires: what is
    behind it only reorders, mutes and saves, and only when a button is pressed.
    """
    return _build_url("digest:feedback", tokens.sign(tokens.FEEDBACK, subscriber_id, version))


def reading_list_url(subscriber_id: int, version: int = 0) -> str:
    """Where a subscriber's saved papers are: whoever has the address can remove some."""
    return _build_url(
        "digest:reading-list", tokens.sign(tokens.READING_LIST, subscriber_id, version)
    )


def reading_feed_url(subscriber_id: int, version: int = 0) -> str:
    """The reading list as an Atom feed, which can only be read."""
    return _build_url(
        "digest:reading-list-feed", tokens.sign(tokens.READING_FEED, subscriber_id, version)
    )


def reading_bibtex_url(subscriber_id: int, version: int = 0) -> str:
    """The reading list as BibTeX, which can only be read."""
    return _build_url(
        "digest:reading-list-bibtex", tokens.sign(tokens.READING_FEED, subscriber_id, version)
    )


def _build_url(page: str, token: str) -> str:
    before, after = _split_path(page)
    return f"{settings.SITE_URL}{before}{token}{after}"


@cache  # a mail has several links, and reversing a name costs as much as signing a token
def _split_path(page: str) -> tuple[str, str]:
    """The path of a page with this URL name, in two parts: what stands before and after its token.

    `subscribers` never imports `digest`, whose pages are known here by their URL names alone.
    """
    before, _, after = reverse(page, args=[_ANY_TOKEN]).partition(_ANY_TOKEN)
    return before, after
