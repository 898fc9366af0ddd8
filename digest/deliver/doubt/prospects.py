"""What will be found out about a mail in doubt, told in words: by asking, by reports, or by nobody.

It depends on whether its provider is still the one of the settings, and on what that one offers.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from digest.deliver.doubt.doubt_list import is_listed
from digest.deliver.provider.message_search import SEARCHES
from digest.deliver.provider.send import Provider
from digest.deliver.provider.traits import ProviderTraits

HASH_CHARS = 8  # of an account, or of its key, in its name
YOU_DECIDE = gettext_lazy(
    "Look for it at the provider, and settle it with the actions of the list."
)
ELSE_YOU_DECIDE = gettext_lazy(
    "Else: look for it at the provider, and settle it with the actions of the list."
)


@dataclass(frozen=True)
class Prospect:
    """Whether somebody is asked about a mail, and what is to be said of it to staff."""

    is_asked: bool
    words: str


def read_prospects(accounts: set[str]) -> dict[str, Prospect]:
    """For mails that left by each of these accounts, as deliveries name them."""
    with Provider() as provider:
        traits, esp_name = provider.traits, provider.esp_name
    can_ask = esp_name in SEARCHES or is_listed(esp_name)
    return {account: _read_prospect(account, traits, can_ask=can_ask) for account in accounts}


def _read_prospect(account: str, present: ProviderTraits, *, can_ask: bool) -> Prospect:
    if not account:
        return Prospect(
            False,
            _("By which provider it left is not known. %(you_decide)s")
            % {"you_decide": YOU_DECIDE},
        )
    if not account.startswith(f"{present.provider} "):
        words = _(
            "It left through %(account)s, which the settings no longer name, so that nobody can "
            "ask there. %(you_decide)s"
        ) % {"account": _name_provider(account), "you_decide": YOU_DECIDE}
        return Prospect(False, words)
    if not can_ask:
        return Prospect(False, _tell_of_reports(present))
    if account == present.name:
        return Prospect(True, _("The provider is asked, again and again, for a week."))
    former = _("with an earlier key") if _is_same(account, present) else _("by another account")
    return Prospect(
        True,
        _(
            "It left %(former)s. The present account is asked; that it does not have "
            "the mail is only believed where it shows others that left so. %(you_decide)s"
        )
        % {"former": former, "you_decide": ELSE_YOU_DECIDE},
    )


def _tell_of_reports(present: ProviderTraits) -> str:
    if present.believed_silence is None:
        return _("%(provider)s can neither be asked nor does it report. %(you_decide)s") % {
            "provider": present.provider,
            "you_decide": YOU_DECIDE,
        }
    hours = present.believed_silence.total_seconds() / 3600
    return _(
        "%(provider)s cannot be asked, but its reports tell: one that bears our "
        "key shows that it was accepted, and none for %(hours)s hours, while "
        "nearly all others came, that it was not. %(you_decide)s"
    ) % {
        "provider": present.provider,
        "hours": f"{hours:.0f}",
        "you_decide": ELSE_YOU_DECIDE,
    }


def _is_same(account: str, present: ProviderTraits) -> bool:
    return account.startswith(f"{present.account} ")


def _name_provider(account: str) -> str:
    """The words before the eight digits of the account, and of its key: "Unisender Go"."""
    words = account.split(" ")
    while len(words) > 1 and len(words[-1]) == HASH_CHARS:
        words.pop()
    return " ".join(words)
