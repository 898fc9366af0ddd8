"""The sample in the wire shapes of the three sources, with dates that end at a given moment."""

from __future__ import annotations

import json
import math
from datetime import UTC, date, datetime, time, timedelta
from email.utils import format_datetime
from typing import Any
from xml.sax.saxutils import escape
from zoneinfo import ZoneInfo

from digest.management.sample.material import SampleNote, SamplePaper, notes, notes_title, papers

SITE = "https://sample.offprint.invalid"  # by RFC 2606 no such host will ever be
CATEGORIES = ("cs.AI", "cs.CL", "cs.CV", "cs.LG")
ANNOUNCED_AT = time(5, tzinfo=UTC)  # arXiv's list is out an hour after midnight in New York
NOON, EVENING = time(11, tzinfo=UTC), time(17, tzinfo=UTC)
HF_COMMENT_FLOOR = 2
VOTING_HOURS = 30.0
SLEEPER_HOURS = 70.0
# arXiv spells accents in names the way TeX does.
TEX_ACCENTS = str.maketrans(
    {"é": r"\'e", "É": r"\'E", "ö": r"\"o", "ó": r"\'o", "è": r"\`e", "ç": r"\c{c}"}
)

Days = tuple[date, ...]


def working_days(now: datetime, count: int = 5) -> Days:
    """The last working days whose lists are out at `now`, the oldest first."""
    day = (now.astimezone(UTC) - timedelta(hours=ANNOUNCED_AT.hour)).date()
    found: list[date] = []
    while len(found) < count:
        if day.weekday() < 5:
            found.append(day)
        day -= timedelta(days=1)
    return tuple(reversed(found))


def moments(days: Days, now: datetime) -> tuple[datetime, ...]:
    """When the sources are asked: three times a day, weekends too, and `now`."""
    span = (now.astimezone(UTC).date() - days[0]).days
    dates = [days[0] + timedelta(days=n) for n in range(span + 1)]
    times = [datetime.combine(day, at) for day in dates for at in (ANNOUNCED_AT, NOON, EVENING)]
    return (*(moment for moment in times if moment < now), now)


def written_on(paper: SamplePaper, days: Days) -> date:
    """The day of the paper's first version: its arXiv id counts by that month."""
    if paper.announce.startswith("replace"):
        return _date_of_day(paper.day, days) - timedelta(days=60)
    return (
        _date_of_day(paper.day, days)
        if paper.day
        else _date_of_day(paper.listed, days) - timedelta(days=2)
    )


def arxiv_id(paper: SamplePaper, days: Days) -> str:
    """An id that arXiv, which counts to about 30,000 a month, will never give."""
    return f"{written_on(paper, days):%y%m}.{paper.number}"


def votes_at(paper: SamplePaper, days: Days, moment: datetime) -> int:
    """Votes rise steeply at first and then slowly; a sleeper's rise late."""
    return round(paper.votes * _progress_of_votes(paper, days, moment))


def arxiv_rss(days: Days, day: date) -> bytes:
    """What rss.arxiv.org would have served on one of the days."""
    midnight = format_datetime(datetime.combine(day, time(), ZoneInfo("America/New_York")))
    built = format_datetime(datetime.combine(day, ANNOUNCED_AT))
    items = "".join(_rss_item(*line, days, midnight) for line in _list_announced(days, day))
    return f"""<?xml version='1.0' encoding='UTF-8'?>
<rss xmlns:arxiv="http://arxiv.org/schemas/atom" xmlns:dc="http://purl.org/dc/elements/1.1/" \
xmlns:atom="http://www.w3.org/2005/Atom" version="2.0">
  <channel>
    <title>{", ".join(CATEGORIES)} updates on arXiv.org</title>
    <link>{SITE}/rss/{"+".join(CATEGORIES)}</link>
    <description>A sample in the shape of arXiv's feed. Nobody wrote these papers.</description>
    <language>en-us</language>
    <lastBuildDate>{built}</lastBuildDate>
    <pubDate>{midnight}</pubDate>
    <skipDays>
      <day>Saturday</day>
      <day>Sunday</day>
    </skipDays>
{items}  </channel>
</rss>
""".encode()


def huggingface_json(days: Days, day: date, moment: datetime) -> bytes:
    """The list that huggingface.co/api/daily_papers would show of `day`, as of `moment`."""
    listed = [
        paper for paper in papers() if paper.listed and _date_of_day(paper.listed, days) == day
    ]
    rows = [_daily_row(paper, days, moment) for paper in listed]
    rows.sort(key=lambda row: -row["paper"]["upvotes"])
    return json.dumps(rows, ensure_ascii=False).encode()


def notes_atom(days: Days, moment: datetime) -> bytes:
    """The laboratory's Atom feed as of `moment`, the newest note first."""
    dated = [(_noted_at(note, days), serial, note) for serial, note in enumerate(notes(), 1)]
    shown = sorted((row for row in dated if row[0] <= moment), reverse=True)
    updated = max((row[0] for row in shown), default=moment)
    entries = "".join(_atom_entry(note, at, serial, days) for at, serial, note in shown)
    return f"""<?xml version="1.0" encoding="utf-8"?>
<feed xmlns="http://www.w3.org/2005/Atom">
  <id>{SITE}/notes</id>
  <title>{escape(notes_title())}</title>
  <updated>{updated.isoformat()}</updated>
  <link href="{SITE}/notes.atom" rel="self" type="application/atom+xml"/>
  <link href="{SITE}/notes" rel="alternate" type="text/html"/>
{entries}</feed>
""".encode()


def _date_of_day(number: int | None, days: Days) -> date:
    return days[(number or 1) - 1]


def _noted_at(note: SampleNote, days: Days) -> datetime:
    return datetime.combine(_date_of_day(note.day, days), time(note.hour, note.minute), UTC)


def _progress_of_votes(paper: SamplePaper, days: Days, moment: datetime) -> float:
    opened = datetime.combine(_date_of_day(paper.listed, days), time(), UTC)
    hours = max(0.0, (moment - opened).total_seconds() / 3600)
    if paper.sleeper:
        return 1 - math.exp(-((hours / SLEEPER_HOURS) ** 3))
    pace = VOTING_HOURS * (0.6 + paper.number * 37 % 100 / 100)  # no two rise alike
    return 1 - math.exp(-hours / pace)


def _list_announced(days: Days, day: date) -> list[tuple[SamplePaper, str, int]]:
    """Paper, announce type and version, in arXiv's order: new, cross, replacements."""
    first = [(paper, paper.announce, _version_of(paper)) for paper in papers() if paper.day]
    lines = [line for line in first if _date_of_day(line[0].day, days) == day]
    again = [
        paper for paper in papers() if paper.replaced and _date_of_day(paper.replaced, days) == day
    ]
    lines += [(paper, "replace", 2) for paper in again]
    order = ("new", "cross", "replace", "replace-cross")
    return sorted(lines, key=lambda line: order.index(line[1]))


def _version_of(paper: SamplePaper) -> int:
    return 2 if paper.announce.startswith("replace") else 1


def _rss_item(paper: SamplePaper, announce: str, version: int, days: Days, midnight: str) -> str:
    name = arxiv_id(paper, days)
    # The blank before the line break is arXiv's own.
    description = f"arXiv:{name}v{version} Announce Type: {announce} \nAbstract: {paper.abstract}"
    creators = ", ".join(paper.authors).translate(TEX_ACCENTS)
    categories = "".join(f"      <category>{c}</category>\n" for c in paper.categories)
    return f"""    <item>
      <title>{escape(paper.title)}</title>
      <link>https://arxiv.org/abs/{name}</link>
      <description>{escape(description)}</description>
      <guid isPermaLink="false">oai:arXiv.org:{name}v{version}</guid>
{categories}      <pubDate>{midnight}</pubDate>
      <arxiv:announce_type>{announce}</arxiv:announce_type>
      <dc:rights>http://creativecommons.org/publicdomain/zero/1.0/</dc:rights>
      <dc:creator>{escape(creators)}</dc:creator>
    </item>
"""


def _daily_row(paper: SamplePaper, days: Days, moment: datetime) -> dict[str, Any]:
    progress = _progress_of_votes(paper, days, moment)
    inner: dict[str, Any] = {
        "id": arxiv_id(paper, days),
        "authors": [{"name": author, "hidden": False} for author in paper.authors],
        "publishedAt": f"{written_on(paper, days)}T00:00:00.000Z",
        "submittedOnDailyAt": f"{_date_of_day(paper.listed, days)}T00:00:00.000Z",
        "title": paper.title,
        "summary": paper.abstract,
        "upvotes": votes_at(paper, days, moment),
    }
    return {
        "paper": inner | _optional_fields(paper, progress),
        # The outer date is four hours before the inner one there, and so here.
        "publishedAt": f"{written_on(paper, days) - timedelta(days=1)}T20:00:00.000Z",
        "title": paper.title,
        "summary": paper.abstract,
        "numComments": HF_COMMENT_FLOOR + round(paper.comments * progress),
        "isAuthorParticipating": False,
    }


def _optional_fields(paper: SamplePaper, progress: float) -> dict[str, Any]:
    """The fields that a row has only where there is something to say."""
    found: dict[str, Any] = {"ai_summary": paper.summary}
    if paper.organization:
        slug = paper.organization.lower().replace(" ", "-")
        found["organization"] = {"name": slug, "fullname": paper.organization}
    if paper.code:
        found["githubRepo"] = f"{SITE}/code/{paper.code}"
        found["githubStars"] = round(paper.stars * (0.5 + progress / 2))
    return found


def _atom_entry(note: SampleNote, at: datetime, serial: int, days: Days) -> str:
    link = f"{SITE}/notes/{serial}"
    for paper in papers():
        if paper.number == note.about:
            link = f"https://arxiv.org/abs/{arxiv_id(paper, days)}"
    return f"""  <entry>
    <id>{SITE}/notes/{serial}</id>
    <title>{escape(note.title)}</title>
    <link href="{link}" rel="alternate" type="text/html"/>
    <published>{at.isoformat()}</published>
    <updated>{at.isoformat()}</updated>
    <author><name>{escape(note.author)}</name></author>
    <content type="html">{escape(note.text)}</content>
  </entry>
"""
