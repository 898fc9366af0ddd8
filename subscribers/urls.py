from django.urls import path

from subscribers.web import account_views, confirm_views, views

app_name = "subscribers"
urlpatterns = [
    path("subscribe/", views.subscribe, name="subscribe"),
    path("confirm/<str:token>/", confirm_views.confirm, name="confirm"),
    path("preferences/", account_views.lost_link, name="lost-link"),
    path("account/<str:token>/", account_views.account_page, name="account"),
    path("move/<str:token>/", account_views.move, name="move"),
    path("move-back/<str:token>/", account_views.move_back, name="move-back"),
    path("preferences/<str:token>/", views.preferences, name="preferences"),
    path("unsubscribe/<str:token>/", views.unsubscribe, name="unsubscribe"),
]
