from datetime import date

from django.urls import include, path, register_converter

from digest import (
    health,
    letters,
    mail_page,
    paper_page,
    search_page,
    topic_pages,
    try_out,
    views,
)
from digest.spans import Span, read_span


class SpanConverter:
    regex = r"\d{4}-\d{2}-\d{2}|\d{4}-W\d{2}|\d{4}-\d{2}"

    def to_python(self, value: str) -> Span:
        return read_span(value)  # its ValueError means: no such page

    def to_url(self, value: Span | date) -> str:
        return value.name if isinstance(value, Span) else value.isoformat()


register_converter(SpanConverter, "span")

app_name = "digest"
urlpatterns = [
    path("", views.today, name="today"),
    path("papers/<span:span>/", views.span, name="span"),
    path("paper/<path:identifier>/", paper_page.paper, name="paper"),
    path("topics/", topic_pages.topics, name="topics"),
    path("topics/<slug:slug>/", topic_pages.topic, name="topic"),
    path("search", search_page.search_page, name="search"),
    path("search/", search_page.search_page),
    path("preview/", try_out.preview, name="preview"),
    path("preview/mail/", try_out.mail, name="preview-mail"),
    path("mail/<str:token>/", mail_page.mail, name="mail"),
    path("outbox/", letters.outbox, name="outbox"),
    path("outbox/<str:name>/", letters.outbox, name="letter"),
    path("outbox/<str:name>/html/", letters.letter_html, name="letter-html"),
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("robots.txt", views.robots, name="robots"),
    path("", include("digest.reader_urls")),
]
