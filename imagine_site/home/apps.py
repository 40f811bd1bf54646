from django.apps import AppConfig

from imagine_site.pages import roles


class HomeConfig(AppConfig):
    name = "imagine_site.home"
    label = "home"

    def ready(self):
        from imagine_site.home.press import press_room
        from imagine_site.pages.models import Role

        roles.register(Role.PRESS, template="home/_press_room.html", matter=press_room)
