"""What stands behind a reader's own links; subscribers/emails.py builds them."""

from django.urls import path

from digest.feedback import reading_list_views, views

urlpatterns = [
    path("feedback/<str:token>/", views.told),
    path("feedback/<str:token>/more/<int:paper_id>/", views.opinion, {"kind": "more"}),
    path("feedback/<str:token>/less/<int:paper_id>/", views.opinion, {"kind": "less"}),
    path("feedback/<str:token>/save/<int:paper_id>/", views.save),
    path("feedback/<str:token>/mute/<int:paper_id>/", views.mute),
    path("reading-list/<str:token>/", reading_list_views.papers),
    path("reading-list/<str:token>/atom.xml", reading_list_views.feed),
    path("reading-list/<str:token>/offprint.bib", reading_list_views.bibliography),
]
