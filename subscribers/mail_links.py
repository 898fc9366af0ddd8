"""The addresses that mails lead to, signed for one subscriber."""

from __future__ import annotations

from datetime import datetime
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
    return _link("confirm", tokens.sign_dated(tokens.CONFIRM, subscriber.pk, issued_at))


def account_url(subscriber: Subscriber, issued_at: datetime) -> str:
    """Where a reader moves, takes their data, or deletes it: for an hour, and till they move."""
    token = tokens.sign_account(subscriber.pk, issued_at, subscriber.email)
    return _link("account", token)


def move_url(subscriber_id: int, issued_at: datetime, new_email: str) -> str:
    """The link in a letter to a new address; pressing its button moves the digests there."""
    return _link("move", tokens.sign_move(subscriber_id, issued_at, new_email))


def move_back_url(former_address_id: int) -> str:
    """The link in the notice to an address that the digests have left."""
    return _link("move-back", tokens.sign(tokens.MOVE_BACK, former_address_id))


def preferences_url(subscriber_id: int) -> str:
    return _link("preferences", tokens.sign(tokens.PREFERENCES, subscriber_id))


def unsubscribe_url(subscriber_id: int) -> str:
    return _link("unsubscribe", tokens.sign(tokens.UNSUBSCRIBE, subscriber_id))


def feedback_url(subscriber_id: int) -> str:
    """Where a reader says what they want more of, without signing in; it ends in a slash.

    Below it stand more/<id>/, less/<id>/, save/<id>/ and mute/<id>/, each with a paper's primary
    key. One signature serves a whole mail, is the same every time and never expires: what is
    behind it only reorders, mutes and keeps, and only when a button is pressed.
    """
    return f"{settings.SITE_URL}/feedback/{tokens.sign(tokens.FEEDBACK, subscriber_id)}/"


def reading_list_url(subscriber_id: int) -> str:
    """Where a reader's saved papers are: whoever has the address can remove some."""
    return f"{settings.SITE_URL}/reading-list/{tokens.sign(tokens.READING_LIST, subscriber_id)}/"


def reading_feed_url(subscriber_id: int, name: str) -> str:
    """The same list for programs, `name` being atom.xml or offprint.bib; it can only be read."""
    token = tokens.sign(tokens.READING_FEED, subscriber_id)
    return f"{settings.SITE_URL}/reading-list/{token}/{name}"


def _link(page: str, token: str) -> str:
    return f"{settings.SITE_URL}{_path_to(page).replace(_ANY_TOKEN, token)}"


@cache  # five links a mail, and looking an address up costs as much as signing it
def _path_to(page: str) -> str:
    return reverse(f"subscribers:{page}", args=[_ANY_TOKEN])
