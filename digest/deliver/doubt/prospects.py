"""What will be found out about a mail in doubt, told in words: by asking, by reports, or by nobody.

It depends on whether its provider is still the one of the settings, and on what that one offers.
"""

from __future__ import annotations

from dataclasses import dataclass

from digest.deliver.doubt.doubt_list import is_listed
from digest.deliver.provider.message_search import SEARCHES
from digest.deliver.provider.send import Provider
from digest.deliver.provider.traits import ProviderTraits

HASH_CHARS = 8  # of an account, or of its key, in its name
YOU_DECIDE = "Look for it at the provider, and settle it with the actions of the list."


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
        return Prospect(False, f"By which provider it left is not known. {YOU_DECIDE}")
    if not account.startswith(f"{present.provider} "):
        words = f"It left through {_name_provider(account)}, which the settings no longer name, so "
        return Prospect(False, f"{words}that nobody can ask there. {YOU_DECIDE}")
    if not can_ask:
        return Prospect(False, _tell_of_reports(present))
    if account == present.name:
        return Prospect(True, "The provider is asked, again and again, for a week.")
    former = "with an earlier key" if _is_same(account, present) else "by another account"
    return Prospect(
        True,
        f"It left {former}. The present account is asked; that it does not have the mail is only "
        f"believed where it shows others that left so. Else: {YOU_DECIDE[0].lower()}"
        f"{YOU_DECIDE[1:]}",
    )


def _tell_of_reports(present: ProviderTraits) -> str:
    if present.believed_silence is None:
        return f"{present.provider} can neither be asked nor does it report. {YOU_DECIDE}"
    hours = present.believed_silence.total_seconds() / 3600
    return (
        f"{present.provider} cannot be asked, but its reports tell: one that bears our key shows "
        f"that it was accepted, and none for {hours:.0f} hours, while nearly all others came, that "
        f"it was not. Else: {YOU_DECIDE[0].lower()}{YOU_DECIDE[1:]}"
    )


def _is_same(account: str, present: ProviderTraits) -> bool:
    return account.startswith(f"{present.account} ")


def _name_provider(account: str) -> str:
    """The words before the eight digits of the account, and of its key: "Unisender Go"."""
    words = account.split(" ")
    while len(words) > 1 and len(words[-1]) == HASH_CHARS:
        words.pop()
    return " ".join(words)
