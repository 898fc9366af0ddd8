"""The DNS records that mail needs, by provider: looked up, and told exactly where one is missing.

A provider makes some names anew for each account (Postmark's DKIM selector, the three of Amazon):
those are only in its console, and what cannot be known is not asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from email.utils import parseaddr
from urllib.parse import urlsplit

import dns.exception
import dns.resolver
from django.conf import settings

from digest.management.doctor.provider import is_provider, name_provider
from digest.management.doctor.symptom import Symptom

SECONDS = 5.0
Ask = Callable[[str, str], list[str]]  # a name and a type; its values, [] where it has none


class CannotAsk(Exception):
    """No name server answers; the message says why."""


@dataclass(frozen=True)
class Record:
    """One record, its name as it stands before the sender's domain ("" for the domain itself)."""

    name: str
    kind: str
    value: str  # the least that it has to hold

    def write(self, domain: str) -> str:
        """As it is entered at whoever keeps the domain."""
        return f"{self.find_name(domain)} {self.kind} {self.value}"

    def find_name(self, domain: str) -> str:
        return f"{self.name}.{domain}" if self.name else domain


@dataclass(frozen=True)
class Need:
    """What a provider asks for: one of some records, and what is lacking without any."""

    what: str
    records: tuple[Record, ...]
    breaks_mail: bool = True


SPF, DKIM, RETURN = "SPF", "DKIM", "the return path"
_PUBLIC_KEY = "p="
# https://postmarkapp.com/support/article/1092-how-do-i-verify-a-domain and the like; each console
# shows the same, with the values of the account.
NEEDS: dict[str, tuple[Need, ...]] = {
    "postmark": (
        Need(RETURN, (Record("pm-bounces", "CNAME", "pm.mtasv.net"),), breaks_mail=False),
    ),
    "resend": (
        Need(DKIM, (Record("resend._domainkey", "TXT", _PUBLIC_KEY),)),
        Need(SPF, (Record("send", "TXT", "include:amazonses.com"),)),
        Need(RETURN, (Record("send", "MX", "amazonses.com"),)),
    ),
    "brevo": (
        Need(
            DKIM,
            (
                Record("brevo1._domainkey", "CNAME", "dkim.brevo.com"),
                Record("mail._domainkey", "TXT", _PUBLIC_KEY),
            ),
        ),
    ),
    "mailgun": (Need(SPF, (Record("", "TXT", "include:mailgun.org"),)),),
    "mailjet": (
        Need(SPF, (Record("", "TXT", "include:spf.mailjet.com"),)),
        Need(DKIM, (Record("mailjet._domainkey", "TXT", _PUBLIC_KEY),)),
    ),
    "mandrill": (
        Need(DKIM, (Record("mte1._domainkey", "CNAME", "dkim1.mandrillapp.com"),)),
        Need(DKIM, (Record("mte2._domainkey", "CNAME", "dkim2.mandrillapp.com"),)),
    ),
}


def ask_dns(name: str, kind: str) -> list[str]:
    """The values of a name by this machine's name servers. Raises CannotAsk."""
    resolver = dns.resolver.Resolver()
    return _ask(resolver, name, kind)


def _ask(resolver: dns.resolver.Resolver, name: str, kind: str) -> list[str]:
    try:
        answer = resolver.resolve(name, kind, lifetime=SECONDS, search=False)
    except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
        return []
    except dns.exception.DNSException as error:
        raise CannotAsk(f"{type(error).__name__} for {name}") from error
    return [_read_value(row) for row in answer]


def _read_value(row: object) -> str:
    """A text in one piece, however it was cut; a host without its last dot."""
    strings = getattr(row, "strings", None)
    if strings is not None:
        return b"".join(strings).decode("utf-8", "replace")
    return str(row).rstrip(".")


def check_dns(ask: Ask = ask_dns) -> Iterator[Symptom]:
    """The site's address, and the sender's records; nothing for a site on this machine."""
    domain = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2].lower()
    host = urlsplit(settings.SITE_URL).hostname or ""
    if settings.SITE_IS_LOCAL or "." not in domain:
        return  # said already
    try:
        yield from _check_host(host, ask)
        yield from _check_sender(domain, ask)
    except CannotAsk as error:
        yield Symptom(
            f"DNS could not be asked ({error}): nobody knows whether its records are right.",
            "Run doctor where names can be looked up, or leave it out with --offline.",
        )


def _check_host(host: str, ask: Ask) -> Iterator[Symptom]:
    if not (ask(host, "A") or ask(host, "AAAA")):
        yield Symptom(
            f"{host} has no address in DNS: no link in any mail leads anywhere.",
            f"Enter an A record (and AAAA, where you have one) for {host} that names your server.",
            breaks_mail=True,
        )


def _check_sender(domain: str, ask: Ask) -> Iterator[Symptom]:
    yield from _check_dmarc(domain, ask)
    policies = [text for text in ask(domain, "TXT") if text.lower().startswith("v=spf1")]
    if len(policies) > 1:
        yield Symptom(
            f"{domain} has {len(policies)} SPF records, and mailboxes then heed none of them.",
            "Make one of them: v=spf1, all that the others include, and ~all at its end.",
            breaks_mail=True,
        )
    for need in NEEDS.get(name_provider(), ()) if is_provider() else ():
        if not any(_is_there(record, domain, ask) for record in need.records):
            written = ", or ".join(record.write(domain) for record in need.records)
            yield Symptom(
                f"{need.what[0].upper()}{need.what[1:]} of {name_provider()} is not in the DNS of "
                f"{domain}"
                + (
                    ": mailboxes refuse what nothing vouches for."
                    if need.breaks_mail
                    else ": SPF then vouches for the provider's domain, not for yours."
                ),
                f"Enter {written} (your provider's console shows the whole value).",
                breaks_mail=need.breaks_mail,
            )


def _check_dmarc(domain: str, ask: Ask) -> Iterator[Symptom]:
    """At the domain itself or at one above it: the nearest counts."""
    labels = domain.split(".")
    above = [".".join(labels[n:]) for n in range(len(labels) - 1)]
    texts = [text for one in above for text in ask(f"_dmarc.{one}", "TXT")]
    if not any(text.lower().startswith("v=dmarc1") for text in texts):
        yield Symptom(
            f"{domain} has no DMARC policy: Gmail and Yahoo refuse mail to many without one.",
            f'Enter _dmarc.{domain} TXT "v=DMARC1; p=none"; later p=quarantine, once the reports '
            "show that all mail of yours passes.",
            breaks_mail=True,
        )


def _is_there(record: Record, domain: str, ask: Ask) -> bool:
    values = ask(record.find_name(domain), record.kind)
    return any(record.value.lower() in value.lower() for value in values)
