"""The mailbox behind an address: many spellings lead to one, by each provider's public rule.

Three questions, three answers. Who is written to: the address as it was typed, always. Whose quota
of mails is used up: the mailbox, and a domain in look-alike letters counts as the one it looks
like (`hash_for_quota`). Who is mailed no more: the mailbox (`hash_mailbox`), where look-alikes are
other people's; and what bounced is only as much of it as is sure to bounce (`hash_bounced`), or a
made-up tag that a stranger signs up would silence its owner.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from functools import cache, lru_cache

from confusable_homoglyphs import confusables
from django.conf import settings
from django.utils.crypto import salted_hmac

HASH_CHARS = 32  # 128 bits


@dataclass(frozen=True)
class Rule:
    """How a provider reads what stands before the @, of all its domains."""

    domains: tuple[str, ...]
    home: str = ""  # the one that stands for all; "" where each domain has mailboxes of its own
    ignored: str = ""  # characters that mean nothing
    same: tuple[str, str] = ("", "")  # the second is read as the first
    tag: str = "+"  # what follows the first of these characters means nothing
    has_subdomains: bool = False  # anything@name.domain is name@domain
    takes_any_tag: bool = True  # no tag has to be set up before mail to it arrives


_FASTMAIL = [
    "fastmail.com",
    "fastmail.fm",
    "fastmail.net",
    "fastmail.org",
    "fastmail.us",
    "fastmail.uk",
    "fastmail.co.uk",
    "fastmail.de",
    "fastmail.es",
    "fastmail.in",
    "fastmail.jp",
    "fastmail.mx",
    "fastmail.nl",
    "fastmail.se",
    "fastmail.tw",
    "fastmail.cn",
    "fastmail.im",
    "fastmail.is",
    "fastmail.ca",
    "fastmail.to",
    "fastmail.com.au",
    "fastmailbox.net",
    "sent.com",
    "sent.as",
    "sent.at",
    "eml.cc",
    "fmail.co.uk",
    "fmgirl.com",
    "fmguy.com",
    "123mail.org",
    "airpost.net",
    "mailbolt.com",
    "mailcan.com",
    "mailhaven.com",
    "mailmight.com",
    "mailnew.com",
    "ml1.net",
    "mm.st",
    "myfastmail.com",
]
_MICROSOFT = [
    "outlook.com",
    "hotmail.com",
    "live.com",
    "msn.com",
    "passport.com",
    "outlook.at",
    "outlook.be",
    "outlook.cl",
    "outlook.cz",
    "outlook.de",
    "outlook.dk",
    "outlook.es",
    "outlook.fr",
    "outlook.hu",
    "outlook.ie",
    "outlook.in",
    "outlook.it",
    "outlook.jp",
    "outlook.kr",
    "outlook.lv",
    "outlook.my",
    "outlook.ph",
    "outlook.pt",
    "outlook.sa",
    "outlook.sg",
    "outlook.sk",
    "outlook.com.ar",
    "outlook.com.au",
    "outlook.com.br",
    "outlook.com.gr",
    "outlook.com.tr",
    "outlook.com.vn",
    "outlook.co.id",
    "outlook.co.il",
    "outlook.co.th",
    "hotmail.at",
    "hotmail.be",
    "hotmail.ca",
    "hotmail.ch",
    "hotmail.cl",
    "hotmail.cz",
    "hotmail.de",
    "hotmail.dk",
    "hotmail.es",
    "hotmail.fi",
    "hotmail.fr",
    "hotmail.gr",
    "hotmail.hu",
    "hotmail.it",
    "hotmail.nl",
    "hotmail.no",
    "hotmail.se",
    "hotmail.co.il",
    "hotmail.co.in",
    "hotmail.co.jp",
    "hotmail.co.nz",
    "hotmail.co.th",
    "hotmail.co.uk",
    "hotmail.co.za",
    "hotmail.com.ar",
    "hotmail.com.au",
    "hotmail.com.br",
    "hotmail.com.mx",
    "hotmail.com.tr",
    "live.at",
    "live.be",
    "live.ca",
    "live.cl",
    "live.cn",
    "live.com.ar",
    "live.com.au",
    "live.com.mx",
    "live.com.pt",
    "live.co.uk",
    "live.co.za",
    "live.de",
    "live.dk",
    "live.fi",
    "live.fr",
    "live.ie",
    "live.in",
    "live.it",
    "live.jp",
    "live.nl",
    "live.no",
    "live.ru",
    "live.se",
]
_YAHOO = [
    "yahoo.com",
    "ymail.com",
    "rocketmail.com",
    "myyahoo.com",
    "yahoo.at",
    "yahoo.be",
    "yahoo.ca",
    "yahoo.cl",
    "yahoo.cz",
    "yahoo.de",
    "yahoo.dk",
    "yahoo.es",
    "yahoo.fi",
    "yahoo.fr",
    "yahoo.gr",
    "yahoo.hu",
    "yahoo.ie",
    "yahoo.in",
    "yahoo.it",
    "yahoo.nl",
    "yahoo.no",
    "yahoo.pl",
    "yahoo.pt",
    "yahoo.ro",
    "yahoo.se",
    "yahoo.co.id",
    "yahoo.co.il",
    "yahoo.co.in",
    "yahoo.co.jp",
    "yahoo.co.kr",
    "yahoo.co.nz",
    "yahoo.co.th",
    "yahoo.co.uk",
    "yahoo.co.za",
    "yahoo.com.ar",
    "yahoo.com.au",
    "yahoo.com.br",
    "yahoo.com.co",
    "yahoo.com.hk",
    "yahoo.com.mx",
    "yahoo.com.my",
    "yahoo.com.pe",
    "yahoo.com.ph",
    "yahoo.com.sg",
    "yahoo.com.tr",
    "yahoo.com.tw",
    "yahoo.com.ve",
    "yahoo.com.vn",
]
_YANDEX = [
    "yandex.ru",
    "ya.ru",
    "narod.ru",
    "yandex.com",
    "yandex.by",
    "yandex.kz",
    "yandex.ua",
    "yandex.uz",
    "yandex.az",
    "yandex.ee",
    "yandex.fr",
    "yandex.kg",
    "yandex.lt",
    "yandex.lv",
    "yandex.md",
    "yandex.tj",
    "yandex.tm",
    "yandex.com.am",
    "yandex.com.ge",
    "yandex.com.tr",
    "yandex.co.il",
    "xn--d1acpjx3f.xn--p1ai",
]

RULES = (
    # “Dots don't matter in Gmail addresses”; plus tags; googlemail.com is the name of before.
    Rule(("gmail.com", "googlemail.com"), home="gmail.com", ignored="."),
    # “Addresses and aliases”: dots, hyphens, underscores and capitals mean nothing, and a name
    # under one of the domains is given to nobody else under another; plus aliases.
    Rule(
        ("proton.me", "protonmail.com", "pm.me", "protonmail.ch"), home="proton.me", ignored=".-_"
    ),
    # “iCloud Mail”: one mailbox is reached under its old domains me.com and mac.com; plus tags.
    Rule(("icloud.com", "me.com", "mac.com"), home="icloud.com"),
    # “Mailbox aliases”: a name has a mailbox under every domain of Yandex, dots and hyphens in it
    # are read alike; plus tags.
    Rule(tuple(_YANDEX), home="yandex.ru", same=("-", ".")),
    # “Disposable addresses”: name-tag, each set up by its owner first. No name has a hyphen itself.
    Rule(tuple(_YAHOO), tag="-+", takes_any_tag=False),
    # “Plus addressing and subdomain addressing”: name+any@domain is any@name.domain.
    Rule(tuple(_FASTMAIL), has_subdomains=True),
    # “Add or remove an email alias in Outlook.com”, plus addressing; each domain is its own.
    Rule(tuple(_MICROSOFT)),
)
# For all other domains: a tag behind a plus is the custom (RFC 5233), and nothing else is.
_CUSTOM = Rule((), takes_any_tag=False)
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
    rule = rules.get(domain, _CUSTOM)
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
    takes_any_tag = _get_rules().get(whole.rpartition("@")[2], _CUSTOM).takes_any_tag
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
