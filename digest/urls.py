from datetime import date

from django.urls import path, register_converter

from digest import health, letters, try_out, views


class DayConverter:
    regex = r"\d{4}-\d{2}-\d{2}"

    def to_python(self, value: str) -> date:
        return date.fromisoformat(value)  # its ValueError means: no such page

    def to_url(self, value: date) -> str:
        return value.isoformat()


register_converter(DayConverter, "day")

app_name = "digest"
urlpatterns = [
    path("", views.today, name="today"),
    path("papers/<day:day>/", views.day, name="day"),
    path("paper/<path:identifier>/", views.paper, name="paper"),
    path("topics/<slug:slug>/", views.topic, name="topic"),
    path("preview/", try_out.preview, name="preview"),
    path("preview/mail/", try_out.mail, name="preview-mail"),
    path("outbox/", letters.outbox, name="outbox"),
    path("outbox/<str:name>/", letters.outbox, name="letter"),
    path("outbox/<str:name>/html/", letters.letter_html, name="letter-html"),
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("robots.txt", views.robots, name="robots"),
]
