from datetime import date

from django.urls import include, path, re_path, register_converter
from django.urls.converters import StringConverter

from digest.suggest import views
from digest.web import browse, health, outbox, paper, search, sent_mail, topics
from digest.web.api import feeds, sitemap
from digest.web.api import views as api
from digest.web.periods import Span, read_span


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
    path("search", api.search, name="api-search"),
    re_path("", api.nothing),
]

app_name = "digest"
urlpatterns = [
    path("", browse.today, name="today"),
    path("papers/", browse.archive, name="archive"),
    path("papers/<span:span>/", browse.span, name="span"),
    path("paper/<path:identifier>/", paper.paper, name="paper"),
    path("topics/", topics.topics, name="topics"),
    path("topics/<slug:slug>/", topics.topic, name="topic"),
    path("search", search.search_page, name="search"),
    path("search/", search.search_page),
    path("feeds/", include(FEEDS)),
    path("api/", api.docs, name="api"),
    path("api/v1/", include(API)),
    path("preview/", views.preview, name="preview"),
    path("preview/mail/", views.mail, name="preview-mail"),
    path("mail/<str:token>/", sent_mail.mail, name="mail"),
    path("interests/", views.interests, name="interests"),
    path("outbox/", outbox.outbox, name="outbox"),
    path("outbox/<str:name>/", outbox.outbox, name="letter"),
    path("outbox/<str:name>/html/", outbox.letter_html, name="letter-html"),
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("robots.txt", sitemap.robots, name="robots"),
    path("favicon.ico", sitemap.favicon, name="favicon"),
    path("sitemap.xml", sitemap.index, name="sitemap"),
    path("sitemaps/pages.xml", sitemap.pages, name="sitemap-pages"),
    path("sitemaps/<span:span>.xml", sitemap.of_day, name="sitemap-day"),
    path("", include("digest.feedback.urls")),
]
