"""One mailbox behind many spellings: one letter, one suppression, and nobody else's."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest

from subscribers import mailboxes
from subscribers.models import Subscriber, Suppression
from subscribers.signup import opt_in, send_confirmation
from subscribers.signup.wishes import Wishes
from tests.factories import NOW, make_subscriber

SPELLINGS = 44
TAGS = [f"tag{n}" for n in range(SPELLINGS)]


def put_between(signs: str, name: str = "adalove") -> list[str]:
    """The name with these signs between its letters, in as many ways as there are."""
    ways = product(["", *signs], repeat=len(name) - 1)
    joined = ("".join(map("".join, zip(name, (*way, ""), strict=True))) for way in ways)
    return sorted(joined, key=len)


def spell(names: list[str], domains: list[str]) -> list[str]:
    """44 addresses, with each domain and as many names as that takes."""
    return [f"{name}@{domain}" for name in names for domain in domains][:SPELLINGS]


# Each provider's public rule stands beside its row in subscribers/mailbox_rules.py.
OF_ONE_MAILBOX = {
    "Gmail": spell(put_between("."), ["gmail.com", "googlemail.com"]),
    "Gmail's tags": [f"Ada.Love+{tag}@Gmail.com" for tag in TAGS],
    "Proton": spell(put_between(".-_"), ["proton.me", "protonmail.com", "pm.me"]),
    "Proton's tags": [f"ada_love+{tag}@pm.me" for tag in TAGS],
    "iCloud": spell(["ada", *(f"ada+{tag}" for tag in TAGS)], ["icloud.com", "me.com", "mac.com"]),
    "Yandex": spell(
        ["ada.love", "ada-love"],
        [
            "yandex.ru",
            "ya.ru",
            "yandex.com",
            "yandex.by",
            "yandex.kz",
            "yandex.ua",
            "narod.ru",
            "yandex.uz",
            "yandex.az",
            "yandex.fr",
            "yandex.lt",
            "yandex.lv",
            "yandex.ee",
            "yandex.md",
            "yandex.kg",
            "yandex.tj",
            "yandex.tm",
            "yandex.co.il",
            "yandex.com.tr",
            "yandex.com.am",
            "yandex.com.ge",
            "яндекс.рф",
        ],
    ),
    "Yahoo": [f"adalove-{tag}@yahoo.com" for tag in TAGS],
    "Fastmail": [f"{tag}@ada.fastmail.com" for tag in TAGS[:22]]
    + [f"ada+{tag}@fastmail.com" for tag in TAGS[:22]],
    "Outlook": [f"ada+{tag}@outlook.com" for tag in TAGS],
    "Hotmail": [f"ada+{tag}@hotmail.co.uk" for tag in TAGS],
    "any other": [f"ada+{tag}@example.org" for tag in TAGS],
}
# A domain in letters of other scripts: the same quota, and another owner.
LOOK_ALIKES = ["exаmple.org", "ехample.org", "xn--xample-2of.org", "exɑmple.org", "ехаmрlе.org"]


def sign_up(email: str) -> int:
    return opt_in.request_confirmation(email, Wishes(["RAG"]), NOW)


@pytest.mark.django_db
@pytest.mark.parametrize("provider", OF_ONE_MAILBOX)
def test_44_spellings_of_one_mailbox_get_one_letter(provider: str, mailoutbox: Any) -> None:
    spellings = OF_ONE_MAILBOX[provider]
    assert len(set(spellings)) == SPELLINGS
    for spelling in spellings:
        sign_up(spelling.lower())
    sign_up("bob@example.com")
    send_confirmation.send_waiting(NOW)
    assert len(mailoutbox) == 2
    assert not send_confirmation._find_waiting(NOW)


@pytest.mark.django_db
@pytest.mark.parametrize("reason", ["complaint", "manual", "bounce"])
@pytest.mark.parametrize("provider", sorted(set(OF_ONE_MAILBOX) - {"Yahoo", "any other"}))
def test_a_suppression_is_of_the_mailbox_and_not_of_a_spelling(provider: str, reason: str) -> None:
    first, *others = (spelling.lower() for spelling in OF_ONE_MAILBOX[provider])
    Suppression.objects.suppress(first, reason)
    for other in others[:5]:
        make_subscriber(email=other)
    make_subscriber(email="bob@example.com")
    assert Subscriber.objects.mailable().get().email == "bob@example.com"
    assert Suppression.objects.about(others[-1]).exists()
    assert "@" not in str(Suppression.objects.values())


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("tagged", "plain"),
    [("ada+x@example.org", "ada@example.org"), ("ada-x@yahoo.com", "ada-y@yahoo.com")],
)
def test_a_tag_that_a_stranger_made_up_and_that_bounces_silences_nobody_else(
    tagged: str, plain: str
) -> None:
    for email in (tagged, plain):
        make_subscriber(email=email)
    row, _ = Suppression.objects.suppress(tagged, "bounce")
    assert [one.email for one in Subscriber.objects.mailable()] == [plain]
    assert list(Suppression.objects.about(tagged)) == [row]
    row.delete()
    Suppression.objects.suppress(plain, "complaint")  # its owner wants no mail at all
    assert not Subscriber.objects.mailable().exists()


@pytest.mark.parametrize("domain", LOOK_ALIKES)
def test_a_domain_in_letters_of_other_scripts_is_counted_and_never_suppressed_with_the_real_one(
    domain: str,
) -> None:
    alike, real = f"ada@{domain}", "ada@example.org"
    assert mailboxes.hash_for_quota(alike) == mailboxes.hash_for_quota(real)
    assert mailboxes.hash_mailbox(alike) != mailboxes.hash_mailbox(real)


@pytest.mark.parametrize(
    ("typed", "same_as"),
    [
        ("Ada@Example.org", "ada@example.org"),
        ("\uff41da@example.org.", "ada@example.org"),  # a wide a
        ("ada@xn--exmple-cua.org", "ada@exämple.org"),  # the same as it is sent
        ("+@example.org", "+@example.org"),
        ("x@ada-b.fastmail.com", "ada-b@fastmail.com"),
        ("ada@xn--\uffff.org", "ada@xn--\uffff.org"),
    ],
)
def test_other_spellings_of_one_mailbox(typed: str, same_as: str) -> None:
    assert mailboxes.fold_address(typed) == mailboxes.fold_address(same_as)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("ada@example.org", "bob@example.org"),
        ("a.da@example.org", "ada@example.org"),
        ("a.da@outlook.com", "ada@outlook.com"),
        ("a.da@icloud.com", "ada@icloud.com"),
        ("ada@outlook.com", "ada@hotmail.com"),
        ("ada@fastmail.com", "ada@sent.com"),
        ("a-x@example.org", "a@example.org"),
        ("a-x@yandex.ru", "ax@yandex.ru"),
        ("ada@example.org", "ada@example.com"),
        ("ada@paypa1.com", "ada@paypal.com"),
        ("ada@modern.org", "ada@modem.org"),
    ],
)
def test_people_are_told_apart(one: str, other: str) -> None:
    assert mailboxes.fold_look_alikes(one) != mailboxes.fold_look_alikes(other)
