"""The one public address of this room: the renditions. Included below `MEDIA_URL`."""

from django.urls import path

from imagine_site.images import views

app_name = "images"
urlpatterns = [path("<path:path>", views.media, name="media")]
