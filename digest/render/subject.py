"""The subject of a digest: what is in it, in one line, and never the line of the mail before."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from functools import lru_cache

from django.db.models import Max
from django.utils.dateformat import format as date_format
from django.utils.translation import gettext

from digest.models import Delivery, DigestContents, DigestItem, Edition, Paper, Section
from digest.models.contents import list_paper_ids
from digest.models.paper_ids import pick_from_contents
from digest.render import text_width
from subscribers.mail.emails import clean_header

WIDTH = 60
LEAD_WIDTH = 36  # of them for the topics: the first paper's title must have room to speak
TOPIC_WIDTH = 24
# What is left for a title may be cut at a word in its second half.
SURELY_SHOWN = (WIDTH - LEAD_WIDTH - 2) // 2 - 1
LOOKED_BACK = timedelta(days=8)
# What a topic leaves out, its fields and quotes need not be named where there is little room.
_UNWANTED = re.compile(r"\s+[-−–—](?:[^\W\d_]+:)?(?:\"[^\"]*\"?|\S+)")
_SYNTAX = re.compile(r"\b(?:author|org|cat|title):\s*|[\"“”„]")


def write_subject(items: Sequence[DigestItem], title: str, day: date | None = None) -> str:
    """The topics of the first papers, how many there are of each, and the first, 60 columns wide.

    RLHF 3 · world models 2: OmniScope compresses tokens…

    Papers stand in a digest the strongest first, so these are the topics that its strongest are in.
    Where a single paper's title, as far as it is shown, names its topic, it alone says it, and has
    all the room. What is only close to the topics is called so:

    Close to your topics: OmniScope compresses tokens…

    With a `day` its date stands in front, where it would else be called like the mail before.
    """
    date_said = [date_format(day, "j M")] if day else []
    if items and all(item.section == Section.NEAR for item in items):
        title = f"{gettext('Close to your topics')}: {title}"
    items = _list_strong(items)
    counts, papers = _count_names(items), sum([bool(item.reasons) for item in items])
    said = [f"{name} {count}" if papers > 1 else name for name, count in counts[:2]]
    room = WIDTH - sum(len(part) + len(": ") for part in date_said)
    if papers == len(said) == 1:
        shown = text_width.shorten_to_width(clean_header(title), room)
        said = [] if said[0].casefold() in shown.casefold() else said
    said = date_said + said
    while len(said) > 1 and text_width.measure_width(" · ".join(said)) > LEAD_WIDTH:
        said.pop()
    lead = f"{' · '.join(said)}: " if said else ""
    # By itself, or a long first word would leave nothing of it.
    room = WIDTH - text_width.measure_width(lead)
    return clean_header(f"{lead}{text_width.shorten_to_width(clean_header(title), room)}")


def _list_strong(items: Sequence[DigestItem]) -> Sequence[DigestItem]:
    """Those that are on a topic; of a digest that has none all but those near one."""
    found = [item for item in items if item.section != Section.NEAR]
    return [item for item in found if item.section != Section.PASSING] or found


def _count_names(items: Sequence[DigestItem]) -> list[tuple[str, int]]:
    """How many papers each name stands for; those that share one count once.

    One name of each paper by turns, in the papers' order, then the papers' further names.
    """
    counts, spelled = dict[str, int](), dict[str, str]()
    turns, further = dict[str, None](), dict[str, None]()
    for item in items:
        names = _list_names(tuple([reason.query for reason in item.reasons]))
        for folded, name in names:
            spelled.setdefault(folded, name)
            counts[folded] = counts.get(folded, 0) + 1
        new = [folded for folded, _ in names if folded not in turns]
        if new and len(new) == len(names):  # else the paper's topic is named already
            turns[new[0]] = None
        further.update(dict.fromkeys(new))
    return [(spelled[folded], counts[folded]) for folded in turns | further]


@lru_cache(8192)  # thousands of subscribers get one paper for the same topics
def _list_names(queries: tuple[str, ...]) -> list[tuple[str, str]]:
    """The names of some topics, folded and as they are spelled; each once."""
    names: dict[str, str] = {}
    for query in queries:
        name = _shorten_topic(query)
        names.setdefault(name.casefold(), name)
    return list(names.items())


@lru_cache(4096)
def _shorten_topic(query: str) -> str:
    """What a topic is called where there is little room: two may share a name."""
    plain = _SYNTAX.sub("", _UNWANTED.sub("", query))
    return text_width.shorten_to_width(clean_header(plain or query), TOPIC_WIDTH)


def find_earlier_subjects(deliveries: Sequence[Delivery]) -> dict[int, str]:
    """By a delivery's id the undated subject of the mail before it, if it may be the same.

    It cannot be where the titles of the two first papers begin differently, so of most mails no
    more is read than which paper came first.
    """
    by_day = defaultdict[date, dict[int, Delivery]](dict)
    for delivery in deliveries:
        if delivery.pk and list_paper_ids(delivery.contents):
            by_day[delivery.edition.date][delivery.subscriber_id] = delivery
    return {
        subscribers[subscriber_id].pk: said
        for day, subscribers in by_day.items()
        for subscriber_id, said in _said_before(day, subscribers).items()
    }


def _said_before(day: date, subscribers: Mapping[int, Delivery]) -> dict[int, str]:
    """By subscriber, as `find_earlier_subjects`; `subscribers` are those of one edition."""
    leads = _last_leads(day, list(subscribers))
    firsts = {r: list_paper_ids(d.contents)[0] for r, d in subscribers.items() if r in leads}
    wanted = {*firsts.values(), *(paper_id for _, paper_id in leads.values())}
    titles = dict(Paper.objects.filter(pk__in=wanted).values_list("pk", "title"))
    alike = {
        delivery_id: titles[paper_id]
        for subscriber_id, (delivery_id, paper_id) in leads.items()
        if paper_id in titles and firsts[subscriber_id] in titles
        if _cut_title(titles[paper_id]) == _cut_title(titles[firsts[subscriber_id]])
    }
    rows = Delivery.objects.filter(pk__in=alike).values_list("pk", "subscriber_id", "contents")
    return {
        subscriber_id: write_subject(DigestContents.from_json(stored).papers, alike[pk])
        for pk, subscriber_id, stored in rows
    }


def _last_leads(day: date, subscriber_ids: Sequence[int]) -> dict[int, tuple[int, int]]:
    """By subscriber their last delivery with papers before the day, and its first paper."""
    editions = Edition.objects.filter(date__gte=day - LOOKED_BACK, date__lt=day)
    empty = [Delivery.Status.QUIET, Delivery.Status.SUPPRESSED]
    earlier = Delivery.objects.exclude(status__in=empty).filter(
        edition__in=list(editions.values_list("pk", flat=True)), subscriber_id__in=subscriber_ids
    )
    last = dict(earlier.values_list("subscriber_id").annotate(Max("pk")))
    rows = Delivery.objects.filter(pk__in=last.values())
    found = rows.values_list("subscriber_id", "pk", pick_from_contents("papers", "0", "id"))
    return {subscriber_id: (pk, paper_id) for subscriber_id, pk, paper_id in found if paper_id}


def _cut_title(title: str) -> str:
    return text_width.cut_to_width(clean_header(title), SURELY_SHOWN)
