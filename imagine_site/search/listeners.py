"""What the search does when something it knows changes or goes."""

from django.db import models

from imagine_site.register.models import Record
from imagine_site.search import actions, sources


def record_changed(sender: type[Record], record: Record, **_kwargs) -> None:
    if source := sources.of_model(sender):
        actions.refresh(source, [record.pk])


def deleted(sender: type[models.Model], instance: models.Model, **_kwargs) -> None:
    """By whatever way it was deleted; the signal comes within the same transaction."""
    if sources.of_model(sender):
        actions.forget(instance)
