"""Until now the frame of the site knew these pages by their addresses: give them their roles."""

from django.db import migrations

ADDRESSES = {
    "about": ("about", "about-us", "a-propos", "qui-sommes-nous"),
    "governance": ("governance", "gouvernance"),
    "support": ("support-us", "support", "give", "donate", "nous-soutenir", "donner"),
    "press": ("press", "press-room", "presse", "espace-presse"),
    "contact": ("contact", "contact-us"),
    "legal": ("legal-notice", "mentions-legales"),
    "privacy": ("privacy", "confidentialite"),
    "accessibility": ("accessibility", "accessibilite"),
}


def fill(apps, schema_editor):
    pages = apps.get_model("pages", "Page").objects
    editions = apps.get_model("pages", "PageEdition").objects
    for role, addresses in ADDRESSES.items():
        live = editions.filter(slug__in=addresses, live_until__isnull=True).order_by("pk").first()
        if live and not pages.filter(role=role).exists():
            pages.filter(pk=live.story_id).update(role=role)
            editions.filter(story=live.story_id).update(role=role)


class Migration(migrations.Migration):
    dependencies = [("pages", "0002_roles_of_pages")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop, elidable=True)]
