from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("", include("digest.urls")),
    path("", include("subscribers.urls")),
    path("admin/", admin.site.urls),
]
