"""What could be wrong with a mail as it would leave: its size, its links, the ways out of it."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from functools import lru_cache
from html.parser import HTMLParser

from django.core.mail import EmailMultiAlternatives
from django.utils.translation import gettext as _

from digest.flight.site_links import find_status, is_own, name_page, read_token
from digest.models import Delivery, Paper
from digest.models.contents import list_paper_ids
from digest.render.paper_lines import clean_web_url, make_pdf_url
from digest.render.size_budget import LARGEST_BYTES
from subscribers import tokens
from subscribers.mail.mail_links import unsubscribe_url

ASKED_PER_PAGE = 2  # links to one kind of page that are asked; they differ in their tokens alone
_IN_ANGLES = re.compile(r"<([^<>]+)>")


class _LinkReader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.links: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002
        self.links += [value for name, value in attrs if name in ("href", "src") and value]


def read_html(mail: EmailMultiAlternatives) -> str:
    """The mail's HTML part; "" where it has none."""
    return next((str(body) for body, kind in mail.alternatives if kind == "text/html"), "")


def list_links(html: str) -> list[str]:
    """Every address that the mail leads to or loads, each once; places within it are none."""
    return list(_read_links(html))


@lru_cache(1)  # what is wrong with them is asked of one mail in two places
def _read_links(html: str) -> tuple[str, ...]:
    reader = _LinkReader()
    reader.feed(html)
    return tuple(link for link in dict.fromkeys(reader.links) if not link.startswith("#"))


def find_mail_faults(
    delivery: Delivery, mail: EmailMultiAlternatives, papers: Collection[Paper]
) -> list[str]:
    """What is wrong with the mail alone, as sentences; `papers` are those it holds.

    Links to this site are not asked here: `find_dead_links` does, for many mails at once.
    """
    html = read_html(mail)
    links = list_links(html)
    return [
        *_check_size(html),
        *_check_ways_out(delivery, mail, links),
        *_check_outside_links(links, papers),
    ]


def find_dead_links(links: Iterable[str]) -> list[str]:
    """Which links to this site do not answer; of each kind of page only a few are asked."""
    asked: dict[str, int] = {}
    faults = []
    for link in dict.fromkeys(links):
        if not is_own(link):
            continue
        page = name_page(link)
        asked[page] = asked.get(page, 0) + 1
        if page and asked[page] > ASKED_PER_PAGE:
            continue
        status = find_status(link) if page else 404
        if status >= 400:
            # Not the address itself: its token is a key.
            where = _("the page “%(page)s”") % {"page": page} if page else _("no page of this site")
            faults.append(
                _("A link leads to %(where)s, which answers %(status)s.")
                % {"where": where, "status": status}
            )
    return list(dict.fromkeys(faults))


def read_papers(deliveries: Iterable[Delivery]) -> dict[int, Paper]:
    """By id, the papers in these deliveries that are still there."""
    ids = {pk for delivery in deliveries for pk in list_paper_ids(delivery.contents)}
    return Paper.objects.in_bulk(ids)


def _check_size(html: str) -> list[str]:
    size = len(html.encode())
    if size <= LARGEST_BYTES:
        return []
    return [
        _("A mail has %(size)s bytes of HTML, more than the %(largest_bytes)s it may have.")
        % {"size": f"{size:,}", "largest_bytes": f"{LARGEST_BYTES:,}"}
    ]


def _check_ways_out(
    delivery: Delivery, mail: EmailMultiAlternatives, links: Collection[str]
) -> list[str]:
    own = unsubscribe_url(delivery.subscriber_id, delivery.subscriber.link_version)
    offered = _IN_ANGLES.findall(str(mail.extra_headers.get("List-Unsubscribe", "")))
    faults = []
    if own not in links:
        faults.append(_("A mail has no link that unsubscribes its reader."))
    if own not in offered or not mail.extra_headers.get("List-Unsubscribe-Post"):
        faults.append(_("A mail has no List-Unsubscribe headers that unsubscribe its reader."))
    if tokens.read(tokens.UNSUBSCRIBE, read_token(own)) != delivery.subscriber_id:
        faults.append(_("The token in a link that unsubscribes is not valid."))
    return faults


def _check_outside_links(links: Iterable[str], papers: Iterable[Paper]) -> list[str]:
    known = {
        clean_web_url(address)
        for paper in papers
        for address in (paper.url, make_pdf_url(paper), paper.code_url)
    }
    strange = [link for link in links if not is_own(link) and link not in known]
    return [
        _("A link leads neither to this site nor to a paper of the mail: %(link)s") % {"link": u}
        for u in strange
    ]
