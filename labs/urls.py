"""Below the language prefix: laboratories and start-ups."""

from django.urls import path
from django.utils.translation import pgettext_lazy

from labs import views

app_name = "labs"
urlpatterns = [
    path(pgettext_lazy("address", "laboratories/"), views.laboratories, name="laboratories"),
    path(
        pgettext_lazy("address", "laboratories/<slug:slug>/"), views.laboratory, name="laboratory"
    ),
    path(pgettext_lazy("address", "start-ups/"), views.startups, name="startups"),
    path(pgettext_lazy("address", "start-ups/<slug:slug>/"), views.startup, name="startup"),
]
