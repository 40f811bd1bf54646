"""Below the language prefix: people and founding members."""

from django.urls import path
from django.utils.translation import pgettext_lazy

from people import views

app_name = "people"
urlpatterns = [
    path(pgettext_lazy("address", "people/"), views.people, name="people"),
    path(pgettext_lazy("address", "people/<slug:slug>/"), views.person, name="person"),
    path(
        pgettext_lazy("address", "founding-members/"),
        views.founding_members,
        name="founding_members",
    ),
    path(
        pgettext_lazy("address", "founding-members/<slug:slug>/"),
        views.founding_member,
        name="founding_member",
    ),
]
