"""The DNS records that mail needs are asked of a real name server, and told where they lack."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from typing import Any

import dns.flags
import dns.message
import dns.rcode
import dns.rdatatype
import dns.resolver
import dns.rrset
import pytest

from digest.management.doctor import dns_records
from digest.management.doctor.dns_records import NEEDS, CannotAsk, check_dns
from digest.management.doctor.symptom import Symptom

Zone = dict[tuple[str, str], list[str]]
DOMAIN = "mail.example.org"  # as in DEFAULT_FROM_EMAIL
WELL: Zone = {
    ("papers.example.org", "A"): ["192.0.2.7"],
    ("_dmarc.example.org", "TXT"): ['"v=DMARC1; p=none"'],
    (f"pm-bounces.{DOMAIN}", "CNAME"): ["pm.mtasv.net."],
}


class NameServer:
    """Answers from a zone that can be changed, until it is closed."""

    def __init__(self) -> None:
        self.zone: Zone = dict(WELL)
        self._line = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._line.bind(("127.0.0.1", 0))
        self.port = self._line.getsockname()[1]
        threading.Thread(target=self._answer, daemon=True).start()

    def _answer(self) -> None:
        while True:
            try:
                wire, visitor = self._line.recvfrom(4096)
            except OSError:
                return
            asked = dns.message.from_wire(wire)
            [question] = asked.question
            answer = dns.message.make_response(asked)
            answer.flags |= dns.flags.RA
            kind = dns.rdatatype.to_text(question.rdtype)
            name = str(question.name).rstrip(".").lower()
            if values := self.zone.get((name, kind)):
                answer.answer.append(dns.rrset.from_text(question.name, 60, "IN", kind, *values))
            elif not any(known == name for known, _ in self.zone):
                answer.set_rcode(dns.rcode.NXDOMAIN)
            self._line.sendto(answer.to_wire(), visitor)

    def ask(self, name: str, kind: str) -> list[str]:
        resolver = dns.resolver.Resolver(configure=False)
        resolver.nameservers, resolver.port = ["127.0.0.1"], self.port
        return dns_records._ask(resolver, name, kind)

    def close(self) -> None:
        self._line.close()


@pytest.fixture
def server() -> Iterator[NameServer]:
    one = NameServer()
    yield one
    one.close()


def find(server: NameServer) -> list[Symptom]:
    return list(check_dns(server.ask))


def test_records_that_are_right_are_not_mentioned(server: NameServer, well: Any) -> None:
    assert find(server) == []


@pytest.mark.parametrize(
    ("missing", "breaks", "said", "remedy"),
    [
        (
            ("papers.example.org", "A"),
            True,
            "papers.example.org has no address in DNS",
            "Enter an A record",
        ),
        (
            ("_dmarc.example.org", "TXT"),
            True,
            f"{DOMAIN} has no DMARC policy",
            f'Enter _dmarc.{DOMAIN} TXT "v=DMARC1; p=none"',
        ),
        (
            (f"pm-bounces.{DOMAIN}", "CNAME"),
            False,
            f"The return path of postmark is not in the DNS of {DOMAIN}",
            f"Enter pm-bounces.{DOMAIN} CNAME pm.mtasv.net",
        ),
    ],
)
def test_each_that_lacks_is_told_as_it_is_entered(
    missing: tuple[str, str], breaks: bool, said: str, remedy: str, server: NameServer, well: Any
) -> None:
    del server.zone[missing]
    [symptom] = find(server)
    assert symptom.breaks_mail is breaks
    assert symptom.found.startswith(said)
    assert symptom.remedy.startswith(remedy)


def test_a_record_with_another_value_counts_as_none(server: NameServer, well: Any) -> None:
    server.zone[f"pm-bounces.{DOMAIN}", "CNAME"] = ["mail.elsewhere.example."]
    assert len(find(server)) == 1


def test_two_spf_records_are_one_too_many(server: NameServer, well: Any) -> None:
    server.zone[DOMAIN, "TXT"] = ['"v=spf1 ~all"', '"v=spf1 include:a.example ~all"']
    [symptom] = find(server)
    assert symptom.found.startswith(f"{DOMAIN} has 2 SPF records")


def test_of_two_ways_to_sign_one_is_enough(server: NameServer, well: Any) -> None:
    well.EMAIL_BACKEND = "anymail.backends.brevo.EmailBackend"
    [symptom] = find(server)
    assert symptom.remedy.startswith(
        f"Enter brevo1._domainkey.{DOMAIN} CNAME dkim.brevo.com, or mail._domainkey.{DOMAIN} TXT"
    )
    server.zone[f"mail._domainkey.{DOMAIN}", "TXT"] = ['"k=rsa; " "p=MIGf"']
    assert find(server) == []


@pytest.mark.parametrize("provider", sorted(NEEDS))
def test_every_provider_whose_records_are_entered_as_told_is_well(
    provider: str, server: NameServer, well: Any
) -> None:
    well.EMAIL_BACKEND = f"anymail.backends.{provider}.EmailBackend"
    for need in NEEDS[provider]:
        record = need.records[0]
        value = {"TXT": f'"{record.value}"', "MX": f"10 {record.value}."}
        key = record.find_name(DOMAIN), record.kind
        server.zone.setdefault(key, []).append(value.get(record.kind, f"{record.value}."))
    assert find(server) == []


def test_where_no_name_server_answers_that_is_said(well: Any) -> None:
    def ask(name: str, kind: str) -> list[str]:
        raise CannotAsk(f"LifetimeTimeout for {name} {kind}")

    [symptom] = check_dns(ask)
    assert symptom.found.startswith("DNS could not be asked (LifetimeTimeout for papers.example")
    assert not symptom.breaks_mail


def test_a_site_on_this_machine_needs_no_records(server: NameServer, well: Any) -> None:
    server.zone.clear()
    well.SITE_IS_LOCAL = True
    assert find(server) == []
