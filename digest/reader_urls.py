"""What stands behind a reader's own links; subscribers/emails.py builds them."""

from django.urls import path

from digest import feedback_pages, reading_pages

urlpatterns = [
    path("feedback/<str:token>/", feedback_pages.told),
    path("feedback/<str:token>/more/<int:paper_id>/", feedback_pages.opinion, {"kind": "more"}),
    path("feedback/<str:token>/less/<int:paper_id>/", feedback_pages.opinion, {"kind": "less"}),
    path("feedback/<str:token>/save/<int:paper_id>/", feedback_pages.save),
    path("feedback/<str:token>/mute/<int:paper_id>/", feedback_pages.mute),
    path("reading-list/<str:token>/", reading_pages.papers),
    path("reading-list/<str:token>/atom.xml", reading_pages.feed),
    path("reading-list/<str:token>/offprint.bib", reading_pages.bibliography),
]
