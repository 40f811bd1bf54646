"""Writer, Editor, Register keeper, Administrator: groups with the rights of their work."""

from django.db import migrations

from imagine_site.home.accounts import make_roles


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("accounts", "0001_initial"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
        ("files", "0001_initial"),
        ("images", "0002_versions_keep_companions"),
        ("labs", "0003_versions_keep_companions"),
        ("news", "0006_versions_keep_companions"),
        ("pages", "0005_versions_keep_companions"),
        ("people", "0003_versions_keep_companions"),
        ("publishing", "0001_newsroom"),
    ]

    # Backwards nothing is taken away: people are in these groups.
    operations = [migrations.RunPython(make_roles, migrations.RunPython.noop)]
