"""The mailbox behind an address: many spellings lead to one, by each provider's public rule.

Three questions, three answers. Who is written to: the address as it was typed, always. Whose quota
of mails is used up: the mailbox, and a domain in look-alike letters counts as the one it looks
like (`hash_for_quota`). Who is mailed no more: the mailbox (`hash_mailbox`), where look-alikes are
other people's; and what bounced is only as much of it as is sure to bounce (`hash_bounced`), or a
made-up tag that a stranger signs up would silence its owner.
"""

from __future__ import annotations

import unicodedata
from functools import cache, lru_cache

from confusable_homoglyphs import confusables
from django.conf import settings
from django.utils.crypto import salted_hmac

from subscribers.mailbox_rules import CUSTOM, RULES, Rule

HASH_CHARS = 32  # 128 bits
# Letters that the table knows for others only as capitals.
_ALIKE_IN_SMALL = str.maketrans("вєкмнтԛԝһгβγεηικντχωѵ", "bekmhtqwhrbgenikvtxwv")


@cache
def _get_rules() -> dict[str, Rule]:
    return {_decode_domain(domain): rule for rule in RULES for domain in rule.domains}


def fold_address(email: str) -> str:
    """The mailbox's one spelling: without tags, capitals and whatever else its provider ignores."""
    local, domain = _split(email)
    return _fold_parts(local, domain)


def fold_look_alikes(email: str) -> str:
    """As `fold_address`, once the domain is written in the Latin letters that it looks like."""
    local, domain = _split(email)
    return _fold_parts(local, ".".join(map(_fold_label, domain.split("."))))


def _fold_parts(local: str, domain: str) -> str:
    rules = _get_rules()
    name, _, parent = domain.partition(".")
    if parent in rules and rules[parent].has_subdomains:
        local, domain = name, parent
    rule = rules.get(domain, CUSTOM)
    bare = local
    for sign in rule.tag:
        bare = bare.partition(sign)[0] or bare
    for sign in rule.ignored:
        bare = bare.replace(sign, "") or bare
    one, other = rule.same
    return f"{bare.replace(other, one) if other else bare}@{rule.home or domain}"


def _split(email: str) -> tuple[str, str]:
    """What stands before the @ and the domain, in one form of Unicode and without capitals."""
    local, _, domain = unicodedata.normalize("NFKC", email).casefold().rpartition("@")
    return local, _decode_domain(domain)


def _decode_domain(domain: str) -> str:
    return ".".join(map(_decode_label, domain.rstrip(".").split(".")))


def _decode_label(label: str) -> str:
    if label.startswith("xn--"):
        try:
            return label.removeprefix("xn--").encode("ascii").decode("punycode").casefold()
        except UnicodeError:
            return label
    return label


def _fold_label(label: str) -> str:
    if label.isascii():
        return label
    decomposed = unicodedata.normalize("NFKD", label)
    folded = "".join(map(_fold_letter, decomposed)).casefold()
    return folded if folded.isascii() else label  # else it is taken for no Latin word


@lru_cache(4096)
def _fold_letter(letter: str) -> str:
    """The ASCII letters or digits that UTS 39 says this one is taken for; "" for accents.

    Only letters of other scripts are folded: paypa1 and paypal are two domains with two owners.
    """
    if letter.isascii():
        return letter
    if unicodedata.combining(letter):
        return ""
    found = confusables.is_confusable(letter, greedy=False, preferred_aliases=[])
    looks_like = (one["c"] for one in found[0]["homoglyphs"]) if found else ()
    plain = sorted(
        (text for text in looks_like if text.isascii() and text.isalnum()),
        key=lambda text: (len(text), not text.isalpha(), not text.islower(), text),
    )
    return plain[0] if plain else letter.translate(_ALIKE_IN_SMALL)


def hash_mailbox(email: str) -> str:
    """A keyed hash of the mailbox, in hexadecimal: without our key it says nothing."""
    return _hash_text(fold_address(email))


def hash_bounced(email: str) -> str:
    """Of what surely bounces where this address does.

    That is the mailbox where its provider takes any tag. Elsewhere a tag may be unknown where the
    name is not, so it is this spelling alone.
    """
    local, domain = _split(email)
    whole = _fold_parts(local, domain)
    takes_any_tag = _get_rules().get(whole.rpartition("@")[2], CUSTOM).takes_any_tag
    return _hash_text(whole if takes_any_tag else f"{local}@{domain}")


def _hash_text(text: str) -> str:
    hashed = salted_hmac(
        "subscribers.suppression", text, secret=settings.MAILBOX_KEY, algorithm="sha256"
    )
    return hashed.hexdigest()[:HASH_CHARS]


def hash_for_quota(email: str, purpose: str = "") -> str:
    """A keyed hash for counting mails to a mailbox, those of each purpose by themselves."""
    folded = fold_look_alikes(email)
    return hash_text_for_quota(f"{purpose} {folded}" if purpose else folded)


def hash_text_for_quota(text: str) -> str:
    """The hash of a folded address."""
    return salted_hmac(
        "subscribers.mailbox", text, secret=settings.MAILBOX_KEY, algorithm="sha256"
    ).hexdigest()
