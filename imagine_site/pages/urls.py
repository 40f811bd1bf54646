"""Institutional pages stand right below the language prefix, so this comes last of all."""

from django.urls import path
from django.utils.translation import pgettext_lazy

from imagine_site.pages import views

app_name = "pages"
urlpatterns = [
    path(pgettext_lazy("address", "history/"), views.history, name="history"),
    path(pgettext_lazy("address", "key-figures/"), views.key_figures, name="key_figures"),
    path("<slug:slug>/", views.page, name="page"),
]
