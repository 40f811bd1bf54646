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
        ("images", "0001_initial"),
        ("labs", "0001_initial"),
        ("news", "0001_initial"),
        ("pages", "0001_initial"),
        ("people", "0001_initial"),
        ("publishing", "0001_initial"),
    ]

    # Backwards nothing is taken away: people are in these groups.
    operations = [migrations.RunPython(make_roles, migrations.RunPython.noop)]
