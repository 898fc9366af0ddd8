"""The pages behind a subscriber's own links, reversed by subscribers/mail/mail_links.py."""

from django.urls import include, path

from digest.feedback import near_switch, reading_list_views, views

FEEDBACK = [
    path("", views.learned, name="feedback"),
    path("near/", near_switch.switch_near, name="feedback-near"),
    path("more/<int:paper_id>/", views.opinion, {"kind": "more"}, "feedback-more"),
    path("less/<int:paper_id>/", views.opinion, {"kind": "less"}, "feedback-less"),
    path("save/<int:paper_id>/", views.save, name="feedback-save"),
    path("mute/<int:paper_id>/", views.mute, name="feedback-mute"),
]
READING_LIST = [
    path("", reading_list_views.papers, name="reading-list"),
    path("atom.xml", reading_list_views.feed, name="reading-list-feed"),
    path("offprint.bib", reading_list_views.bibliography, name="reading-list-bibtex"),
]

urlpatterns = [
    path("feedback/<str:token>/", include(FEEDBACK)),
    path("reading-list/<str:token>/", include(READING_LIST)),
]
