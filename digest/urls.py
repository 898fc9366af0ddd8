from datetime import date

from django.urls import (
    URLPattern,
    URLResolver,
    include,
    path,
    re_path,
    register_converter,
)
from django.urls.converters import StringConverter

from digest.suggest import views
from digest.web import (
    all_papers,
    browse,
    health,
    house_pages,
    look,
    outbox,
    paper,
    past_digests,
    search,
    sent_mail,
    topics,
)
from digest.web.api import feeds, sitemap
from digest.web.api import views as api
from digest.web.periods import Period, parse_period
from digest.web.webhooks import list_webhooks


class PeriodConverter:
    regex = r"\d{4}-\d{2}-\d{2}|\d{4}-W\d{2}|\d{4}-\d{2}"

    def to_python(self, value: str) -> Period:
        return parse_period(value)  # its ValueError means: no such page

    def to_url(self, value: Period | date) -> str:
        return value.name if isinstance(value, Period) else value.isoformat()


class FormConverter(StringConverter):
    """A feed's two forms."""

    regex = "atom|json"


register_converter(PeriodConverter, "period")
register_converter(FormConverter, "form")

FEEDS = [
    path("latest.<form:form>", feeds.serve_latest, name="feed"),
    path("papers/<period:period>.<form:form>", feeds.serve_period, name="span-feed"),
    path("topics/<slug:slug>.<form:form>", feeds.serve_topic, name="topic-feed"),
    path("search.<form:form>", feeds.serve_search, name="search-feed"),
    re_path("", feeds.refuse_unknown),
]
API: list[URLPattern | URLResolver] = [
    path("openapi.json", api.serve_document, name="openapi"),
    path("papers", api.list_papers, name="api-papers"),
    path("papers/<path:identifier>", api.show_paper, name="api-paper"),
    path("topics", api.list_topics, name="api-topics"),
    path("topics/<slug:slug>", api.show_topic, name="api-topic"),
    path("days", api.list_days, name="api-days"),
    path("days/<str:name>", api.show_day, name="api-day"),
    path("search", api.list_search_results, name="api-search"),
    path("manage/", include("digest.web.api.manage.urls")),
    re_path("", api.refuse_unknown),
]

app_name = "digest"
urlpatterns = [
    path("", browse.show_today, name="today"),
    path("papers/", browse.redirect_to_archive, name="archive"),
    path("papers/<period:period>/", browse.show_period, name="span"),
    path("paper/<path:identifier>/", paper.show_paper, name="paper"),
    path("topics/", topics.list_topics, name="topics"),
    path("topics/<slug:slug>/", topics.show_topic, name="topic"),
    path("search", search.show_search, name="search"),
    path("search/", search.show_search),
    path("feeds/", include(FEEDS)),
    path("api/", api.show_docs, name="api"),
    path("api/v1/", include(API)),
    path("preview/", views.show_preview, name="preview"),
    path("preview/mail/", views.show_mail, name="preview-mail"),
    path("mail/<str:token>/", sent_mail.show_sent_mail, name="mail"),
    path("digests/<str:token>/", past_digests.show_past_digests, name="past-digests"),
    path("all/<str:token>/", all_papers.show_all_papers, name="all-papers"),
    path("all/<str:token>/<period:day>/", all_papers.show_all_papers),
    path("all/<str:token>/<int:delivery_id>/", all_papers.show_all_papers),  # of 0.2 and before
    path("interests/", views.show_interests, name="interests"),
    re_path(r"^look/(?P<stamp>\w{1,20})\.(?P<form>css|png)$", look.serve_look, name="look"),
    path("outbox/", outbox.show_outbox, name="outbox"),
    path("outbox/<str:name>/", outbox.show_outbox, name="letter"),
    path("outbox/<str:name>/html/", outbox.show_mail_html, name="letter-html"),
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("privacy/", house_pages.show_privacy, name="privacy"),
    path("imprint/", house_pages.show_imprint, name="imprint"),
    path("contact/", house_pages.show_contact, name="contact"),
    path(".well-known/security.txt", house_pages.serve_security, name="security"),
    path("robots.txt", sitemap.serve_robots, name="robots"),
    path("favicon.ico", sitemap.redirect_favicon, name="favicon"),
    path("sitemap.xml", sitemap.serve_index, name="sitemap"),
    path("sitemaps/pages.xml", sitemap.serve_pages, name="sitemap-pages"),
    path("sitemaps/<period:period>.xml", sitemap.serve_day, name="sitemap-day"),
    path("anymail/", include(list_webhooks())),
    path("", include("digest.feedback.urls")),
]
