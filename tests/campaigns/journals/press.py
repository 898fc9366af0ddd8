"""Twenty journals and five preprint servers, and what each of them lists on which day."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from digest.identifiers import fold_title
from digest.models import Source
from tests.campaigns.journals.shapes import SHAPES, Item, write_json_feed
from tests.campaigns.journals.works import Maker, Work

START = datetime(2026, 4, 20, 6, tzinfo=UTC)  # a Monday
DAY = timedelta(days=1)
WINDOW = 30  # items that a feed shows at once, the newest first
BACKLOG = 6  # works that each journal had before it was read first
REISSUED_AFTER = 4  # days from early view to the issue
REVISED_AFTER = 3  # days from one version to the next


@dataclass(frozen=True)
class Journal:
    """One feed: its shape, and how it writes addresses, ids, dates and versions.

    In the templates {n} is the work's number, {v} its version and {token} another at each fetch.
    """

    name: str
    shape: str
    link: str
    doi: str = ""
    guid: str = "{link}"  # "" for none
    days_back: int = 0  # what it prints is the date of an issue so many days ago
    is_undated: bool = False
    is_reissued: bool = False  # early view first, some days later in an issue, at another address
    is_revised: bool = False  # a second version comes some days later
    keeps_old_version: bool = False  # beside the newer one
    kind: str = Source.Kind.FEED

    @property
    def path(self) -> str:
        return f"/{fold_title(self.name).replace(' ', '-')}"


JOURNALS = (
    Journal(
        "Transactions on Remote Ice",
        "ieee",
        "http://ieeexplore.ieee.org/document/9{n}",
        days_back=60,
    ),
    Journal(
        "Annals of Slow Rivers",
        "wiley",
        "https://onlinelibrary.wiley.com/doi/{doi}",
        "10.1002/asr.{n}",
        "{doi}",
        is_reissued=True,
    ),
    Journal(
        "Open Valley Studies",
        "ojs atom",
        "https://valley.example.org/index.php/ovs/article/view/{n}",
    ),
    Journal(
        "Boletín del Suelo",
        "ojs rss",
        "https://suelo.example.org/article/view/{n}",
        "10.5555/suelo.{n}",
        days_back=20,
    ),
    Journal(
        "Journal of Plain Data", "json feed", "https://plain.example.org/{n}", "10.5555/pd.{n}"
    ),
    Journal(
        "Nature Made Up",
        "nature",
        "https://www.nature.com/articles/s41586-026-{n}-3",
        "10.1038/s41586-026-{n}-3",
    ),
    Journal(
        "Readers and Writers",
        "rss 1.0",
        "https://www.tandfonline.com/doi/full/{doi}?af=R",
        "10.1080/raw.{n}",
        is_reissued=True,
    ),
    Journal(
        "Elsewhere Letters",
        "sciencedirect",
        "https://www.sciencedirect.com/science/article/pii/S00000000{n}01?dgcid=rss_sd_all",
        days_back=45,
    ),
    Journal(
        "Archive of Markets",
        "springer",
        "https://link.springer.com/{doi}",
        "10.1007/s10000-026-{n}",
    ),
    Journal("Grasp", "mdpi", "https://www.mdpi.com/2000-1000/12/3/{n}", "10.3390/grasp{n}"),
    Journal(
        "Made One", "plos", "https://journals.plos.org/one/article?id={doi}", "10.1371/journal.{n}"
    ),
    Journal(
        "Index of Everything",
        "pubmed",
        "https://pubmed.ncbi.nlm.nih.gov/4{n}/?utm_source=x&v={token}",
        guid="pubmed:4{n}",
    ),
    Journal(
        "Life Twice",
        "springer",
        "https://elifesciences.org/reviewed-preprints/{n}v{v}",
        "10.7554/eLife.{n}",
        "https://doi.org/10.7554/eLife.{n}.{v}",
        is_revised=True,
    ),
    Journal(
        "Reviewed in Public",
        "f1000",
        "https://f1000research.com/articles/15-{n}/v{v}",
        "10.12688/f1000research.{n}.{v}",
        is_revised=True,
        keeps_old_version=True,
    ),
    Journal("Journal of Tokens", "cnki", "https://kns.example.org/kcms/detail?v={token}", guid=""),
    Journal(
        "Sessions",
        "springer",
        "https://sessions.example.org/read;jsessionid={token}?paper={n}",
        guid="",
    ),
    Journal(
        "Fresh Names Daily",
        "plos",
        "https://fresh.example.org/{token}/paper",
        guid="urn:uuid:{token}",
    ),
    Journal("Undated Notes", "bare", "https://notes.example.org/{n}", is_undated=True),
    Journal(
        "Old Issues Quarterly",
        "ojs rss",
        "https://old.example.org/view/{n}",
        days_back=200,
        guid="oai:old.example.org:{n}",
    ),
    Journal(
        "Proceedings of Learning Valleys",
        "bare",
        "https://proceedings.mlr.press/v300/made{n}.html",
        is_undated=True,
    ),
)
SERVERS = (
    Journal(
        "bioRxiv",
        "biorxiv",
        "http://biorxiv.org/cgi/content/short/2026.04.20.7{n}v{v}",
        "10.1101/2026.04.20.7{n}",
        is_revised=True,
    ),
    Journal(
        "Research Square",
        "springer",
        "https://www.researchsquare.com/article/rs-9{n}/v{v}",
        "10.21203/rs.3.rs-9{n}/v{v}",
        is_revised=True,
        keeps_old_version=True,
    ),
    Journal(
        "ChemRxiv",
        "ojs rss",
        "https://chemrxiv.org/engage/chemrxiv/article-details/60c74{n}567f4b00123456-v{v}",
        "10.26434/chemrxiv-2026-{n}-v{v}",
        is_revised=True,
    ),
    Journal(
        "OSF Preprints",
        "ojs atom",
        "https://osf.io/preprints/socarxiv/{n}_v{v}",
        "10.31235/osf.io/{n}_v{v}",
        is_revised=True,
    ),
    Journal(
        "arXiv",
        "arxiv",
        "https://arxiv.org/abs/2604.{n}",
        guid="2604.{n}",
        is_revised=True,
        kind=Source.Kind.ARXIV,
    ),
)


@dataclass(frozen=True)
class Listing:
    """A work in a journal: from when on, and under which relation to another one."""

    journal: Journal
    work: Work
    day: int  # negative for what was there before
    relation: str = ""

    @property
    def is_news(self) -> bool:
        """Whether the journal shows it as news: not at first, or at first with a new date."""
        printed = self.day - self.journal.days_back
        return self.day > 0 or (self.day == 0 and not self.journal.is_undated and printed > -3)

    def list_items(self, day: int, fetch: int) -> Iterator[Item]:
        """How the journal lists it on a day; nothing before it appeared."""
        journal, age = self.journal, day - self.day
        if age < 0:
            return
        is_revised = journal.is_revised and self.day >= 0 and age >= REVISED_AFTER
        if not is_revised or journal.keeps_old_version:
            yield self._make_item(
                1, fetch, is_reissued=journal.is_reissued and age >= REISSUED_AFTER
            )
        if is_revised:
            yield self._make_item(2, fetch, is_reissued=False)

    def _make_item(self, version: int, fetch: int, *, is_reissued: bool) -> Item:
        journal, work = self.journal, self.work
        token = hashlib.sha256(f"{journal.name} {work.number} {fetch}".encode()).hexdigest()[:20]
        words = {"n": f"{10_000 + work.number}", "v": version, "token": token}
        words["doi"] = journal.doi.format_map(words)
        words["link"] = journal.link.format_map(words)
        guid, link = journal.guid.format_map(words), str(words["link"])
        days = self.day - journal.days_back + REVISED_AFTER * (version - 1)
        date = START + days * DAY - timedelta(hours=2)
        if is_reissued:
            guid, link, date = f"{guid}/issue", f"{link}&amp=issue", date - 30 * DAY
        return Item(work, link, guid, str(words["doi"]), date, version, self.relation)


@dataclass
class Press:
    """All listings of all journals, made from one seed."""

    seed: int
    journals: tuple[Journal, ...]
    servers: tuple[Journal, ...]
    days: int
    listings: list[Listing] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._maker, self._dice = Maker(self.seed), random.Random(f"press {self.seed}")
        for journal in self.journals:
            self._fill_journal(journal)
        self._list_twins()
        self._index_others()

    def write_feed(self, journal: Journal, day: int, fetch: int) -> tuple[bytes, str]:
        """The feed as the journal serves it on a day, and its media type."""
        own = [listing for listing in self.listings if listing.journal.name == journal.name]
        own.sort(key=lambda listing: -listing.day)
        items = [item for listing in own for item in listing.list_items(day, fetch)][:WINDOW]
        now, site = START + day * DAY, f"https://{journal.path[1:]}.example.org/"
        if journal.shape == "json feed":
            return write_json_feed(journal.name, site, items), "application/feed+json"
        shape = SHAPES[journal.shape]
        return shape.write(journal.name, site, items, now), shape.media_type

    def _fill_journal(self, journal: Journal) -> None:
        """Works from before, one on most days, and some that were, or become, preprints too."""
        for _ in range(BACKLOG):
            self._list(journal, self._maker.make_work(), -self._dice.randint(30, 300))
        for day in range(self.days):
            if self._dice.random() < 0.6:
                self._list(journal, self._maker.make_work(), day)
        for number, gap in enumerate((0, 1, 4, -2)):
            self._pair(journal, number, gap)

    def _pair(self, journal: Journal, number: int, gap: int) -> None:
        """A preprint, and `gap` days later the same work in the journal, perhaps by another title.

        With another title nothing but the relation in the feed tells that the two are one.
        """
        server = self._dice.choice(self.servers)
        first = self._dice.randint(0, max(self.days - 1 - abs(gap), 0))
        day, later = (first, first + gap) if gap >= 0 else (first - gap, first)
        work, relation = self._maker.make_work(), ""
        preprint = Listing(server, work, min(day, self.days - 1))
        shape = SHAPES.get(journal.shape)
        is_related = shape is not None and "{identifier}" in shape.item and server.doi
        if number == 1 and is_related and gap >= 0:
            relation = next(preprint.list_items(preprint.day, 0)).doi
            work = replace(work, title=work.rename())
        self.listings.append(preprint)
        self._list(journal, work, min(later, self.days - 1), relation)

    def _list(self, journal: Journal, work: Work, day: int, relation: str = "") -> None:
        self.listings.append(Listing(journal, work, day, relation))

    def _list_twins(self) -> None:
        """Works that share a title and nothing else, and a headline that comes every week."""
        if len(self.journals) < 3:
            return
        signed = [one for one in self.journals if "{token}" not in one.link + one.guid]
        one, other, weekly = signed[0], signed[1], signed[2]
        title = "Reply to the comments on glacier melt as seen from far above"
        for journal, day in ((one, 1), (other, 2)):
            self._list(journal, self._maker.make_work(title), min(day, self.days - 1))
        headline = "Highlights of the week in protein folding and what comes next"
        for day in range(1, self.days, 7):
            self._list(weekly, self._maker.make_work(headline, is_signed=False), day)

    def _index_others(self) -> None:
        """The index lists every third work of the others that has a DOI, a day or two later."""
        index = next((one for one in self.journals if one.shape == "pubmed"), None)
        others = [one for one in self.listings if one.journal.doi and one.journal in self.journals]
        for listing in others[::3] if index else ():
            if 0 <= listing.day < self.days - 2:
                doi = next(listing.list_items(listing.day, 0)).doi
                indexed = replace(index, doi=doi)  # type: ignore[type-var]
                self._list(indexed, listing.work, listing.day + self._dice.randint(1, 2))
