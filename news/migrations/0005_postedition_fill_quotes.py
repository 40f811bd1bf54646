"""Editions cut before quotes were kept apart: read them from their documents, once."""

from django.db import migrations

from imagine_site.documents import quotes


def fill(apps, schema_editor):
    editions = apps.get_model("news", "PostEdition").objects
    researchers = apps.get_model("people", "Researcher").objects
    for edition in editions.filter(body__contains="<blockquote", quotes=[]).iterator():
        found = quotes(edition.body)
        edition.quotes = [quote.as_json() for quote in found]
        edition.save(update_fields=["quotes"])
        kinds = [quote.record.partition(":") for quote in found]
        keys = [int(key) for kind, _colon, key in kinds if kind == "researcher" and key.isdecimal()]
        edition.speakers.set(researchers.filter(pk__in=keys))


class Migration(migrations.Migration):
    dependencies = [("news", "0004_topics_corrections_dois_and_quotes")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop, elidable=True)]
