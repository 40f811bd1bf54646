from django.apps import AppConfig
from django.core.checks import Tags, register


class MachinesConfig(AppConfig):
    name = "imagine_site.machines"
    label = "machines"

    def ready(self):
        from imagine_site.machines import checks

        register(checks.replica_follows)
        register(checks.nothing_is_left_on_one_machine, Tags.security, deploy=True)
