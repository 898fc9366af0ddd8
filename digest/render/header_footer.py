"""What stands around the entries of a mail: preheader, folio, intro, headings, footer."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from functools import cache, lru_cache

from django.conf import settings
from django.utils.dateformat import format as date_format
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from digest import english
from digest.models import Delivery, DigestContents, DigestItem, Folio, Paper, Section
from digest.render import paper_lines, text_width
from digest.render.paper_references import wrap_paragraph
from digest.render.template_slots import make_slot
from subscribers.models import Subscriber
from subscribers.site_look import read_look

PREHEADER_WIDTH = 140
WHY_TOPICS = 8
WHY_TOPIC_CHARS = 60
HEALTH_CHARS = 400
# A paper that breaks out a second time is a trending one, and its card says that it is back.
SECTIONS = {
    Section.TRENDING: _("Trending in your topics"),
    Section.BREAKOUT: _("Trending in your topics"),
    Section.NEW: _("New in your topics"),
    Section.PASSING: _("Mentioned in passing"),
    Section.NEAR: _("Close to your topics"),
    Section.OUTSIDE: _("Trending everywhere"),
}
# What a section is that nobody typed a topic for, and where it is switched off: behind the address
# of the preferences, or of the feedback, in this mail.
NOTES = {
    Section.PASSING: _("These name a topic of yours, and are about something else."),
    Section.NEAR: _("In none of your topics, but like what they find."),
    Section.OUTSIDE: _("One strong paper from outside your topics."),
}
SWITCHES = {
    Section.PASSING: ("preferences_url", "#id_wants_passing"),
    Section.NEAR: ("feedback_url", "near/"),
    Section.OUTSIDE: ("preferences_url", "#id_wants_everywhere"),
}
YOURS = _("Nothing in it tracks you. Its links act for you, whoever presses them.")
THANKS = _("Thank you to arXiv for use of its open access interoperability.")
_WEEK = timedelta(days=7)
_WHEN = {
    Subscriber.Cadence.DAILY: _("every day"),
    Subscriber.Cadence.WEEKDAYS: _("Monday to Friday"),
    Subscriber.Cadence.WEEKLY: _("every Monday"),
}


def is_weekly(delivery: Delivery, contents: DigestContents) -> bool:
    """Whether it sums up a week; a first digest holds the last days, whatever comes after it."""
    is_week = _read_cadence(delivery, contents) == Subscriber.Cadence.WEEKLY
    return is_week and not contents.is_first


def _read_cadence(delivery: Delivery, contents: DigestContents) -> Subscriber.Cadence:
    """How often the subscriber got a mail when this one was composed, as far as it is known."""
    return Subscriber.Cadence(contents.cadence or delivery.subscriber.cadence)


def write_preheader(papers: Sequence[Paper]) -> str:
    """What a list of mails shows behind the subject: the other titles, else the only abstract."""
    first, *others = papers
    # Titles beyond these have no room, however short they are.
    titles = [paper.title for paper in others[: PREHEADER_WIDTH // 4]]
    said = " · ".join(titles) or first.summary or first.abstract
    return text_width.shorten_to_width(said[: PREHEADER_WIDTH * 4], PREHEADER_WIDTH)


def write_folio(delivery: Delivery, contents: DigestContents, said: Folio) -> str:
    """As in a journal: No. 212 · Thursday 23 April 2026 · 171 new papers · arXiv."""
    is_week = is_weekly(delivery, contents)
    return _join_folio(delivery.edition.date, is_week, contents.seen, said.number, said.lists)


@lru_cache(1024)  # thousands of subscribers get one edition
def _join_folio(day: date, is_week: bool, seen: int, number: int, lists: str) -> str:
    parts = [
        gettext("No. %(number)s") % {"number": number} if number else "",
        format_days(day - _WEEK, day) if is_week else date_format(day, "l j F Y"),
        ngettext("%(n)s new paper", "%(n)s new papers", seen) % {"n": seen} if seen else "",
        lists,
    ]
    return " · ".join(filter(None, parts))


def format_days(first: date, last: date) -> str:
    """20 to 27 April 2026; what both days share is said once."""
    start = f"{first.day}"
    if (first.year, first.month) != (last.year, last.month):
        start = date_format(first, "j F")
    if first.year != last.year:
        start = _format_long_date(first)
    return gettext("%(first)s to %(last)s") % {"first": start, "last": _format_long_date(last)}


def _format_long_date(day: date) -> str:
    return date_format(day, "j F Y")


def write_title(delivery: Delivery, contents: DigestContents) -> str:
    """What a mail out of the ordinary is called; an ordinary one goes by its day."""
    if contents.is_first:
        return gettext("Your first digest")
    return gettext("The week in your topics") if is_weekly(delivery, contents) else ""


def write_welcome(delivery: Delivery, contents: DigestContents) -> str:
    """In a first digest: what will come from now on, and when."""
    if not contents.is_first:
        return ""
    subscriber = delivery.subscriber
    zone = describe_zone(subscriber.timezone)
    return gettext(
        "Welcome. From now on a mail like this one comes %(when)s at %(hour)s:00, %(zone)s,"
        " whenever there is something new in your topics; when there is nothing, none comes."
    ) % {
        "when": _WHEN[_read_cadence(delivery, contents)],
        "hour": f"{subscriber.send_hour:02}",
        "zone": zone,
    }


def describe_zone(name: str) -> str:
    """Buenos Aires time, for America/Argentina/Buenos_Aires."""
    city = name.rpartition("/")[2].replace("_", " ")
    return gettext("%(city)s time") % {"city": city} if "/" in name else name


def write_missing(count: int) -> str:
    """On the web, long after: how many of the mail's papers are no longer there."""
    if not count:
        return ""
    return ngettext(
        "%(count)s paper of this mail is gone.", "%(count)s papers of this mail are gone.", count
    ) % {"count": count}


@lru_cache(1024)
def write_health(sources: tuple[str, ...]) -> str:
    """One line on the sources, as compose found them: cs.CL: 95 new. cs.AI: yesterday's list."""
    said = [f"{line.rstrip('.')}." for line in sources if line]
    return english.shorten(" ".join(said), HEALTH_CHARS)


def write_why(subscriber: Subscriber, items: Iterable[DigestItem]) -> str:
    """Why this mail came, for the footer."""
    queries = dict.fromkeys([reason.query for item in items for reason in item.reasons])
    said = [_shorten_topic(query) for query in queries]
    more = len(said) - WHY_TOPICS
    if more > 1:
        said = [*said[:WHY_TOPICS], gettext("%(more)s more topics") % {"more": more}]
    words = {"email": subscriber.email, "topics": english.in_a_row(said)}
    return _begin_why(has_topics=bool(said)) % words


@cache  # asked for every mail
def _begin_why(*, has_topics: bool) -> str:
    if has_topics:
        why = gettext("You get this mail because %(email)s follows %(topics)s.")
    else:
        why = gettext("You get this mail because %(email)s asked for new papers.")
    return f"{why} {str(YOURS).replace('%', '%%')}"


@lru_cache(8192)
def _shorten_topic(query: str) -> str:
    return english.shorten(paper_lines.typeset_query(query), WHY_TOPIC_CHARS)


@cache  # asked for every paper of every mail
def name_section(section: Section) -> str:
    return str(SECTIONS[section])


def make_section_context(name: Section) -> dict[str, str]:
    heading, note = name_section(name), str(NOTES.get(name, ""))
    said = {"section": heading, "underline": "=" * len(heading), "note": note}
    if name in SWITCHES:
        slot, page = SWITCHES[name]
        said["switch_url"] = make_slot(slot) + page
    return said


def make_more_context(left_out: int) -> dict[str, str]:
    """The line for papers that have no room in the mail at all; all are on its page."""
    return {"more": gettext("%(left_out)s more on the web") % {"left_out": left_out}}


def make_standing_context() -> dict[str, str]:
    """What is the same in every mail."""
    return {
        "thanks": str(THANKS),
        "postal_address": settings.POSTAL_ADDRESS,
        "site_name": read_look().name,
        "footer": read_look().footer,
        "site_url": settings.SITE_URL,
    }


PARAGRAPHS = ("folio", "intro", "welcome", "missing", "health", "why")


def wrap_paragraphs(values: Mapping[str, str]) -> dict[str, str]:
    """The values that are paragraphs, on lines as short as a text part has them."""
    return {name: wrap_paragraph(values[name]) for name in PARAGRAPHS if values[name]}
