"""Links and form stamps that were written down: they work for ever.

SECRET_KEY was "only-for-tests", the subscriber was number 7 with ada@example.org, the moment
MADE_AT. Whoever changes a salt, a separator or an address breaks every digest in every inbox.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
import time_machine
from django.test import Client

from digest.render import stage as render_stage
from subscribers import mailboxes, tokens
from subscribers.mail import emails, mail_links
from subscribers.models import FormerAddress, Subscriber
from tests.factories import make_delivery, make_reader

pytestmark = pytest.mark.django_db
MADE_AT = datetime(2026, 4, 22, 12, 0, 0, 123456, tzinfo=UTC)
HOUR = timedelta(hours=1)
ADA, NEW = "ada@example.org", "new@example.org"

CONFIRM = "7-1776859200123456.yIMBmeFkoomSkSdDeeakK96_uD-apXAm0zSwoFDgdbM"
ACCOUNT = "7-1776859200123456-26592225a19518e5.HygFcCWlnLcF-zYGhbuVb8AllsYJFXjYBy-HgMjWq0o"
MOVE = (
    "WzcsMTc3Njg1OTIwMDEyMzQ1NiwibmV3QGV4YW1wbGUub3JnIl0."
    "ehztE9fM_ztyEDGxXz1e9hDpcMCuXhRo_YkUelIamzQ"
)
MOVE_BACK = "3.02BmOWBqJzpYCVxkPUo42Lo1KNoUSlm2R3p-lMbXXDA"  # of former address 3
PREFERENCES = "7.t2JAu0WVMclHo_TKCc_PliemxO4IyYbvBNMMo-xcCTo"
UNSUBSCRIBE = "7.N4MmCVtiwGW6DYx3avPsts5rR1Ia-R3dhz99HIAowao"
FEEDBACK = "7.1_DSJHBzz6jlmkfJ7_AgQ9PTuGZ8ka5bkjNvh0XprTU"
READING_LIST = "7.GTbmNnAO0jKiuLGOW_-bcgM5kzDG2Jgj5mjkAgJ_mLs"
READING_FEED = "7.OMPXhqSakoAnO9dwc4uEtD6Sv4m1ZzPpNW5QPwBU27I"
MAIL = "11.mrpw3T2PcG3_5ia68vsR1ZRoxLI3gG8Rq4TxbRMxaSc"  # of delivery 11
BACK = (  # fewer papers, ten before
    "WzcsImZld2VyIiwiMTAiLDE3NzY4NTkyMDAxMjM0NTZd.z3Mu1b_3RbX-RR0-zQ_UX6ymIKyvHlSv7J_-qdfiCW4"
)
FORM = "1776859200123456.ks2RComKtMDS3X0PGl8c7TpFkGsDeoCaRYhmc6YER1o"
MAILBOX = "affc55c05c2c6df3e025096f7b4e1c695bdfc7749943e1009e05f29239e21ffd"  # ada@gmail.com
# What is made today; the ones above are of release 0.2 and before.
SEALED = {
    "CONFIRM": "~4cfoHISqzdAKZFT5SEo7B8OaRD2tXdYKyOFD1oA",
    "ACCOUNT": "~i8unNY_r60BBIwglBkyCxkKn3G5gkg6wnJbGqWcVaxUbzWe6f0Op61SFOBM7",
    "MOVE": "~zSPBGP1yqCfFmr14NkydJk0F378K6zYEWtobRad6IUd7XPXCjV9aj6bWdaM",
    "MOVE_BACK": "~jUEcclg4GSc3uFAZwurOjiVqC3Honm8R",
    "PREFERENCES": "~UfknkcMR7o9BkVmZZc-DyWkfN6JKnqO7",
    "UNSUBSCRIBE": "~5NCJTNIJbROsoLnl1DbG64Xar59HPYEX",
    "FEEDBACK": "~knJx2VtGivQwWXB8hMyEONZxiIbz5tKf",
    "READING_LIST": "~eJgbZGm1KeP6OMVS8HGVEVDVAWo4wCzj",
    "READING_FEED": "~_PdIVOeA_UTNohD2h4WQvTA-nnF4Z-QL",
    "ALL_PAPERS": "~zP8f_DU5CyioqD1n5CdtIQ2egQlf9YOr",
    "MAIL": "~DUBh1GiwqJXi9_nA85KS71GHeGW2k0ap",
    "BACK": "~LWfPATbEj1kWiiRcPLZFvx8u7VvNgFj52EsDfYzun3-iW8VZXA",
}


@pytest.fixture(autouse=True)
def the_key_of_that_time(settings: Any) -> None:
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "only-for-tests", []
    settings.MAILBOX_KEY = settings.SECRET_KEY
    settings.SITE_URL = "https://offprint.example.org"


@pytest.fixture
def ada() -> Subscriber:
    return make_reader("agents", pk=7, email=ADA, confirmation_sent_at=MADE_AT)


@pytest.mark.parametrize(
    "address",
    [
        f"/preferences/{PREFERENCES}/",
        f"/unsubscribe/{UNSUBSCRIBE}/",
        f"/feedback/{FEEDBACK}/",
        f"/reading-list/{READING_LIST}/",
        f"/reading-list/{READING_FEED}/atom.xml",
        f"/reading-list/{READING_FEED}/offprint.bib",
    ],
)
@pytest.mark.usefixtures("ada")
def test_what_an_old_digest_links_to_opens(client: Client, address: str) -> None:
    assert client.get(address).status_code == 200
    assert client.get(address.replace("/7.", "/8.")).status_code in {200, 404}
    assert b"agents" not in client.get(address.replace("/7.", "/8.")).content


@pytest.mark.usefixtures("ada")
def test_an_old_mailboxs_one_click_unsubscribes(client: Client) -> None:
    answer = client.post(f"/unsubscribe/{UNSUBSCRIBE}/", {"List-Unsubscribe": "One-Click"})
    assert answer.status_code == 200
    assert Subscriber.objects.get().status == "unsubscribed"


def test_an_old_mails_own_page_opens(client: Client, ada: Subscriber) -> None:
    make_delivery(pk=11, subscriber=ada, status="sent", sent_at=MADE_AT)
    assert client.get(f"/mail/{MAIL}/").status_code == 200


def test_an_old_confirmation_confirms_for_its_48_hours(client: Client, ada: Subscriber) -> None:
    wishes = {"topics": ["RAG"]}
    Subscriber.objects.update(status="pending", confirmed_at=None, wishes=wishes)
    with time_machine.travel(MADE_AT + 49 * HOUR, tick=False):
        assert client.post(f"/confirm/{CONFIRM}/").status_code == 200
        assert Subscriber.objects.get().status == "pending"
    with time_machine.travel(MADE_AT + 47 * HOUR, tick=False):
        assert client.post(f"/confirm/{CONFIRM}/").status_code == 200
    ada.refresh_from_db()
    assert (ada.status, [t.query for t in ada.topics.all()]) == ("active", ["RAG"])


@pytest.mark.usefixtures("ada")
def test_an_old_account_link_opens_for_its_hour(client: Client) -> None:
    with time_machine.travel(MADE_AT + 0.9 * HOUR, tick=False):
        assert client.get(f"/account/{ACCOUNT}/").status_code == 200
        Subscriber.objects.update(email=NEW)
        assert client.get(f"/account/{ACCOUNT}/").status_code == 410
    with time_machine.travel(MADE_AT + 1.1 * HOUR, tick=False):
        assert client.get(f"/account/{ACCOUNT}/").status_code == 410


def test_old_links_to_move_and_to_move_back_work(client: Client, ada: Subscriber) -> None:
    Subscriber.objects.update(new_email=NEW)
    with time_machine.travel(MADE_AT + 47 * HOUR, tick=False):
        assert client.post(f"/move/{MOVE}/").status_code == 200
        ada.refresh_from_db()
        assert ada.email == NEW
        FormerAddress.objects.update(id=3)
        assert client.post(f"/move-back/{MOVE_BACK}/").status_code == 200
    ada.refresh_from_db()
    assert ada.email == ADA


def test_an_old_undo_button_takes_back(client: Client, ada: Subscriber) -> None:
    Subscriber.objects.update(max_papers=3)
    with time_machine.travel(MADE_AT + 23 * HOUR, tick=False):
        client.post(f"/unsubscribe/{UNSUBSCRIBE}/", {"back": "fewer", "before": BACK})
    ada.refresh_from_db()
    assert (ada.status, ada.max_papers) == ("active", 10)


def test_an_old_form_says_when_it_was_shown() -> None:
    assert tokens.read_stamp(FORM) == MADE_AT


@pytest.mark.usefixtures("ada")
def test_a_mail_that_asks_to_unsubscribe_may_be_old() -> None:
    assert tokens.read(tokens.UNSUBSCRIBE, UNSUBSCRIBE) == 7


def test_what_is_signed_today_has_the_same_bytes() -> None:
    ada = Subscriber(pk=7, email=ADA, confirmation_sent_at=MADE_AT)
    reading_feed = f"/reading-list/{SEALED['READING_FEED']}"
    made = {
        mail_links.confirm_url(ada): f"/confirm/{SEALED['CONFIRM']}/",
        mail_links.account_url(ada, MADE_AT): f"/account/{SEALED['ACCOUNT']}/",
        mail_links.move_url(7, MADE_AT, NEW): f"/move/{SEALED['MOVE']}/",
        mail_links.move_back_url(3): f"/move-back/{SEALED['MOVE_BACK']}/",
        mail_links.preferences_url(7): f"/preferences/{SEALED['PREFERENCES']}/",
        mail_links.unsubscribe_url(7): f"/unsubscribe/{SEALED['UNSUBSCRIBE']}/",
        mail_links.feedback_url(7): f"/feedback/{SEALED['FEEDBACK']}/",
        mail_links.reading_list_url(7): f"/reading-list/{SEALED['READING_LIST']}/",
        mail_links.reading_feed_url(7): f"{reading_feed}/atom.xml",
        mail_links.reading_bibtex_url(7): f"{reading_feed}/offprint.bib",
        mail_links.all_papers_url(7, 0, MADE_AT.date()): f"/all/{SEALED['ALL_PAPERS']}/2026-04-22/",
        render_stage.make_mail_url(11): f"/mail/{SEALED['MAIL']}/",
    }
    assert list(made) == [f"https://offprint.example.org{path}" for path in made.values()]
    assert tokens.sign_before(7, "fewer", "10", MADE_AT) == SEALED["BACK"]
    header = emails.make_unsubscribe_headers(7)["List-Unsubscribe"]
    assert urlsplit(header.strip("<>")).path == f"/unsubscribe/{SEALED['UNSUBSCRIBE']}/"


def test_what_is_signed_today_says_what_it_was_made_for() -> None:
    lasting = ["MOVE_BACK", "PREFERENCES", "UNSUBSCRIBE", "FEEDBACK", "READING_LIST"]
    for name in [*lasting, "READING_FEED", "ALL_PAPERS"]:
        number = 3 if name == "MOVE_BACK" else 7
        assert tokens.read_version(getattr(tokens, name), SEALED[name]) == (number, 0)
    assert tokens.read(render_stage.IN_THE_BROWSER, SEALED["MAIL"]) == 11
    confirm = tokens.read_dated(tokens.CONFIRM, SEALED["CONFIRM"])
    assert confirm == tokens.DatedLink(7, MADE_AT)
    account = tokens.read_dated(tokens.ACCOUNT, SEALED["ACCOUNT"])
    assert account is not None
    assert (account.subscriber_id, account.is_for(ADA, 0), account.is_for(NEW, 0)) == (
        7,
        True,
        False,
    )
    assert tokens.read_move(SEALED["MOVE"]) == tokens.MoveLink(7, MADE_AT, new_email=NEW)
    assert tokens.read_before(SEALED["BACK"], 7, "fewer", MADE_AT + HOUR) == "10"
    assert tokens.read_before(SEALED["BACK"], 8, "fewer", MADE_AT + HOUR) is None
    assert tokens.read_before(SEALED["BACK"], 7, "fewer", MADE_AT + 25 * HOUR) is None


def test_an_old_count_of_a_mailbox_is_found_again() -> None:
    assert mailboxes.hash_for_quota("a.d.a+x@googlemail.com") == MAILBOX
