"""Papers and what is known of them: entries, snapshots, matches. Topics gain what papers add."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

from django.contrib import admin
from django.db.models import OuterRef, QuerySet, Subquery
from django.http import HttpRequest
from django.utils import timezone
from django.utils.dateformat import format as date_format
from django.utils.html import format_html_join
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from digest.admin.columns import link
from digest.english import shorten
from digest.models import Entry, Match, Paper, Snapshot
from digest.models.trend_parts import list_stored_parts
from digest.render.paper_lines import write_byline
from digest.score.explain import describe_evidence, is_counted_still
from subscribers.admin.lists import ReadOnlyAdmin, ReadOnlyInline, column, count_rows
from subscribers.admin.topics import TopicAdmin
from subscribers.models import Topic

MATCHES_COUNTED = timedelta(days=28)
CATEGORIES_FROM = 2_000  # the newest papers tell which categories there are
DAYS_OFFERED = 14
TITLE_CHARS = 90
# What was yesterday when it was counted may be long ago.
_PARTS = {"votes_since_yesterday": gettext_lazy("votes in a day, when last counted")}


def _select_last_count(paper: Any) -> QuerySet[Any, Any]:
    """The moment at which its votes were counted last."""
    rows = Snapshot.objects.filter(paper=paper).order_by("-taken_at")
    return rows.values_list("taken_at", flat=True)[:1]


class DayFilter(admin.SimpleListFilter):
    title = gettext_lazy("Day on which it became news")
    parameter_name = "day"

    def lookups(self, request: Any, model_admin: Any) -> list[tuple[str, str]]:  # noqa: ARG002
        today = timezone.now().date()
        days = [today - timedelta(days=n) for n in range(DAYS_OFFERED)]
        return [(day.isoformat(), date_format(day, "l j F")) for day in days]

    def queryset(self, request: Any, queryset: QuerySet[Any]) -> QuerySet[Any]:  # noqa: ARG002
        offered = dict(self.lookup_choices)
        if self.value() not in offered:
            return queryset
        begin = datetime.fromisoformat(str(self.value())).replace(tzinfo=UTC)
        return queryset.filter(news_at__gte=begin, news_at__lt=begin + timedelta(days=1))


class CategoryFilter(admin.SimpleListFilter):
    title = gettext_lazy("Its first category")
    parameter_name = "category"

    def lookups(self, request: Any, model_admin: Any) -> list[tuple[str, str]]:  # noqa: ARG002
        newest = Paper.objects.order_by("-pk").values_list("categories", flat=True)
        found = {str(categories[0]) for categories in newest[:CATEGORIES_FROM] if categories}
        return [(category, category) for category in sorted(found)]

    def queryset(self, request: Any, queryset: QuerySet[Any]) -> QuerySet[Any]:  # noqa: ARG002
        if self.value() in dict(self.lookup_choices):
            return queryset.filter(categories__0=self.value())
        return queryset


class EntryInline(ReadOnlyInline):
    model = Entry
    fields = ["source", "announce_type", "published_at", "seen_at", "guid"]
    ordering = ["seen_at"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Entry]:
        rows: QuerySet[Entry] = super().get_queryset(request)
        return rows.select_related("source", "paper")


class SnapshotInline(ReadOnlyInline):
    model = Snapshot
    fields = ["taken_at", "upvotes", "comments", "stars"]
    ordering = ["-taken_at"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Snapshot]:
        rows: QuerySet[Snapshot] = super().get_queryset(request)
        return rows.select_related("paper")


class MatchInline(ReadOnlyInline):
    model = Match
    fields = ["topic", "where", "strength", "made_at"]
    ordering = ["-strength"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Match]:
        rows: QuerySet[Match] = super().get_queryset(request)
        return rows.select_related("topic", "paper")


@admin.register(Paper)
class PaperAdmin(ReadOnlyAdmin):
    list_display = ["short_title", "primary", "trend_shown", "talk", "news_at", "identifier"]
    list_filter = [DayFilter, CategoryFilter]
    search_fields = ["title", "identifier"]
    search_help_text = gettext_lazy("Part of a title or an identifier, such as arxiv:2401.01234")
    ordering = ("-news_at", "-pk")
    sortable_by = ["trend_shown", "news_at"]
    inlines = [EntryInline, SnapshotInline, MatchInline]
    fieldsets = [
        (None, {"fields": ["title", "written_by", "abstract", "summary"]}),
        (
            gettext_lazy("Where"),
            {"fields": ["identifier", "doi", "page", "code", "all_categories"]},
        ),
        (gettext_lazy("How it trends"), {"fields": ["trend_shown", "talk", "parts"]}),
        (
            gettext_lazy("When"),
            {"fields": [("published_at", "first_seen_at"), ("news_at", "matched_at")]},
        ),
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Paper]:
        rows: QuerySet[Paper] = super().get_queryset(request)
        return rows.defer("normal_form")

    def list_page_columns(self) -> dict[str, Any]:
        return {"counted_at": Subquery(_select_last_count(OuterRef("pk")))}

    def view_on_site(self, paper: Paper) -> str:
        return f"/paper/{quote(paper.identifier, safe=':/.')}/"

    @column(gettext_lazy("Title"), ordering="title")
    def short_title(self, paper: Paper) -> str:
        return shorten(paper.title, TITLE_CHARS)

    @column(gettext_lazy("Category"))
    def primary(self, paper: Paper) -> str:
        return str(paper.categories[0]) if paper.categories else "–"

    @column(gettext_lazy("Categories"))
    def all_categories(self, paper: Paper) -> str:
        return ", ".join(map(str, paper.categories)) or "–"

    @column(gettext_lazy("Trend"), ordering="trend")
    def trend_shown(self, paper: Paper) -> str:
        return f"{paper.trend:.2f}"

    @column(gettext_lazy("Talked about"))
    def talk(self, paper: Any) -> str:
        if not hasattr(paper, "counted_at"):  # on its own page
            paper.counted_at = _select_last_count(paper.pk).first()
        is_counted = is_counted_still(paper.counted_at, timezone.now())
        return describe_evidence(paper.popularity, is_counted=is_counted) or "–"

    @column(gettext_lazy("Parts of the trend"))
    def parts(self, paper: Paper) -> str:
        stored = list_stored_parts(paper.trend_parts)
        said = [(str(_PARTS.get(name, name.replace("_", " "))), part) for name, part in stored]
        return format_html_join("", "{}: {}<br>", said) or _("Not scored yet.")

    @column(gettext_lazy("By"))
    def written_by(self, paper: Paper) -> str:
        return write_byline(paper) or "–"

    @column(gettext_lazy("Page"))
    def page(self, paper: Paper) -> str:
        return link(paper.url, paper.url)

    @column(gettext_lazy("Code"))
    def code(self, paper: Paper) -> str:
        return link(paper.code_url, paper.code_url) if paper.code_url else "–"


@admin.register(Entry)
class EntryAdmin(ReadOnlyAdmin):
    list_display = ["paper", "source", "announce_type", "published_at", "seen_at"]
    list_filter = ["announce_type", "source"]
    filter_titles = {
        "announce_type": gettext_lazy("How the source announced it"),
        "source": gettext_lazy("Which source brought it"),
    }
    list_select_related = ["paper", "source"]
    search_fields = ["guid__startswith"]
    search_help_text = gettext_lazy("The beginning of a guid, such as oai:arXiv.org:2401.01234")
    sortable_by = ["seen_at"]


@admin.register(Snapshot)
class SnapshotAdmin(ReadOnlyAdmin):
    list_display = ["paper", "taken_at", "upvotes", "comments", "stars"]
    list_select_related = ["paper"]
    search_fields = ["paper__identifier__exact"]
    search_help_text = gettext_lazy("A paper's whole identifier, such as arxiv:2401.01234")
    sortable_by = []


@admin.register(Match)
class MatchAdmin(ReadOnlyAdmin):
    list_display = ["topic", "paper", "where", "strength", "made_at"]
    list_select_related = ["topic", "paper"]
    search_fields = ["topic__query__exact", "paper__identifier__exact"]
    search_help_text = gettext_lazy("A whole topic or a paper's whole identifier")
    sortable_by = []


admin.site.unregister(Topic)


@admin.register(Topic)
class TopicWithMatches(TopicAdmin):
    """Subscribers know nothing of papers, so what papers add to a topic is added here."""

    list_display = ["query", "followers", "found", "created_at", "matched_at"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Topic]:
        since = timezone.now() - MATCHES_COUNTED
        matches = Match.objects.filter(topic=OuterRef("pk"), made_at__gt=since)
        return super().get_queryset(request).annotate(match_count=count_rows(matches, "topic"))

    def get_readonly_fields(self, request: Any, obj: Topic | None = None) -> list[str]:
        shown = super().get_readonly_fields(request, obj)
        return [*shown, "found"] if obj else shown

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        """Matches go with their topic: that staff cannot delete one by itself is no veto."""
        rows, counts, missing, protected = super().get_deleted_objects(objs, request)
        return rows, counts, missing - {str(Match._meta.verbose_name)}, protected

    def view_on_site(self, topic: Topic) -> str:
        return f"/topics/{topic.slug}/"

    @column(gettext_lazy("Papers in 28 days"))
    def found(self, topic: Any) -> int:
        return int(topic.match_count)
