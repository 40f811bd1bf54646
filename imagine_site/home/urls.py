"""Below the language prefix: the front page."""

from django.urls import path

from imagine_site.home import views

app_name = "home"
urlpatterns = [path("", views.home, name="home")]
