"""The generation: how often anything visitors may see has changed. One row, moved by triggers."""

from django.db import models


class Generation(models.Model):
    """Never written by hand: see `imagine_site.pagecache.triggers`."""

    number = models.PositiveBigIntegerField(default=0)

    def __str__(self) -> str:
        return str(self.number)
