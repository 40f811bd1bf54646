"""Institutional pages stand right below the language prefix, so this comes last of all."""

from django.urls import path

from imagine_site.pages import views

app_name = "pages"
urlpatterns = [path("<slug:slug>/", views.page, name="page")]
