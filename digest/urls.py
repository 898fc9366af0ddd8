from datetime import date

from django.urls import include, path, re_path, register_converter
from django.urls.converters import StringConverter

from digest import (
    feeds,
    health,
    interests,
    letters,
    mail_page,
    paper_page,
    search_page,
    sitemap,
    topic_pages,
    try_out,
    views,
)
from digest.api import views as api
from digest.spans import Span, read_span


class SpanConverter:
    regex = r"\d{4}-\d{2}-\d{2}|\d{4}-W\d{2}|\d{4}-\d{2}"

    def to_python(self, value: str) -> Span:
        return read_span(value)  # its ValueError means: no such page

    def to_url(self, value: Span | date) -> str:
        return value.name if isinstance(value, Span) else value.isoformat()


class FormConverter(StringConverter):
    """A feed's two forms."""

    regex = "atom|json"


register_converter(SpanConverter, "span")
register_converter(FormConverter, "form")

FEEDS = [
    path("latest.<form:form>", feeds.latest, name="feed"),
    path("papers/<span:span>.<form:form>", feeds.of_span, name="span-feed"),
    path("topics/<slug:slug>.<form:form>", feeds.of_topic, name="topic-feed"),
    path("search.<form:form>", feeds.of_search, name="search-feed"),
    re_path("", feeds.nothing),
]
API = [
    path("openapi.json", api.document, name="openapi"),
    path("papers", api.papers, name="api-papers"),
    path("papers/<path:identifier>", api.paper, name="api-paper"),
    path("topics", api.topics, name="api-topics"),
    path("topics/<slug:slug>", api.topic, name="api-topic"),
    path("days", api.list_days, name="api-days"),
    path("days/<str:name>", api.day, name="api-day"),
    path("search", api.search_papers, name="api-search"),
    re_path("", api.nothing),
]

app_name = "digest"
urlpatterns = [
    path("", views.today, name="today"),
    path("papers/", views.archive, name="archive"),
    path("papers/<span:span>/", views.span, name="span"),
    path("paper/<path:identifier>/", paper_page.paper, name="paper"),
    path("topics/", topic_pages.topics, name="topics"),
    path("topics/<slug:slug>/", topic_pages.topic, name="topic"),
    path("search", search_page.search_page, name="search"),
    path("search/", search_page.search_page),
    path("feeds/", include(FEEDS)),
    path("api/", api.docs, name="api"),
    path("api/v1/", include(API)),
    path("preview/", try_out.preview, name="preview"),
    path("preview/mail/", try_out.mail, name="preview-mail"),
    path("mail/<str:token>/", mail_page.mail, name="mail"),
    path("interests/", interests.interests, name="interests"),
    path("outbox/", letters.outbox, name="outbox"),
    path("outbox/<str:name>/", letters.outbox, name="letter"),
    path("outbox/<str:name>/html/", letters.letter_html, name="letter-html"),
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("robots.txt", sitemap.robots, name="robots"),
    path("favicon.ico", sitemap.favicon, name="favicon"),
    path("sitemap.xml", sitemap.index, name="sitemap"),
    path("sitemaps/pages.xml", sitemap.pages, name="sitemap-pages"),
    path("sitemaps/<span:span>.xml", sitemap.of_day, name="sitemap-day"),
    path("", include("digest.reader_urls")),
]
