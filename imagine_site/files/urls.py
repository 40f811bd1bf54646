"""The one public address of this room, the same in both languages."""

from django.urls import path

from imagine_site.files import views

app_name = "files"
urlpatterns = [path("<int:pk>/<str:file_name>", views.file, name="file")]
