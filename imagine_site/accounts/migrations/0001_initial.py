import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('auth', '__first__'),
    ]

    operations = [
        migrations.CreateModel(
            name='AccountEvent',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('signed-in', 'signed in'), ('signed-out', 'signed out'), ('failed', 'failed to sign in'), ('locked', 'locked after repeated failures'), ('unlocked', 'unlocked'), ('password', 'password changed'), ('factor-added', 'second factor added'), ('factor-removed', 'second factor removed'), ('factor-reset', 'second factor reset'), ('sessions-ended', 'sessions ended'), ('rights', 'rights changed')], max_length=20, verbose_name='kind')),
                ('at', models.DateTimeField(db_index=True, default=django.utils.timezone.now, verbose_name='when')),
                ('name', models.CharField(blank=True, help_text='As it was then. Empty: nobody has that name, and what was typed is not kept.', max_length=150, verbose_name='name')),
                ('address', models.GenericIPAddressField(null=True, verbose_name='address')),
                ('device', models.CharField(blank=True, max_length=200, verbose_name='device')),
                ('note', models.CharField(blank=True, max_length=250, verbose_name='note')),
                ('by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='done by')),
                ('user', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='account_events', to=settings.AUTH_USER_MODEL, verbose_name='account')),
            ],
            options={
                'verbose_name': 'sign-in or change of account',
                'verbose_name_plural': 'sign-ins and changes of accounts',
                'ordering': ['-at', '-pk'],
                'default_permissions': ['view'],
            },
        ),
    ]
