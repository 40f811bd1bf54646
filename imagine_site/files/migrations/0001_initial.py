import django.db.models.deletion
import simple_history.models
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('auth', '__first__'),
    ]

    operations = [
        migrations.CreateModel(
            name='HistoricalFile',
            fields=[
                ('id', models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name='ID')),
                ('version', models.PositiveIntegerField(default=0, editable=False)),
                ('companions', models.JSONField(blank=True, default=dict, editable=False)),
                ('created_at', models.DateTimeField(blank=True, editable=False, verbose_name='created')),
                ('updated_at', models.DateTimeField(blank=True, editable=False, verbose_name='last saved')),
                ('title_en', models.CharField(blank=True, help_text='For colleagues who look for it, and the name under which readers keep it. Empty: from the name of the file.', max_length=200, verbose_name='title')),
                ('title_fr', models.CharField(blank=True, help_text='For colleagues who look for it, and the name under which readers keep it. Empty: from the name of the file.', max_length=200, verbose_name='title')),
                ('language', models.CharField(blank=True, choices=[('', 'several languages, or none'), ('en', 'English'), ('fr', 'French')], default='', help_text='Links on pages in another language say it.', max_length=5, verbose_name='language of the file')),
                ('accessible', models.CharField(choices=[('unknown', 'nobody has checked yet'), ('yes', 'yes'), ('no', 'no')], default='unknown', help_text='Whether people who cannot see it can read it: real text, headings, descriptions of pictures, a language. The law asks for it (RGAA 13.3).', max_length=10, verbose_name='accessible')),
                ('credit', models.CharField(blank=True, help_text="Whose document it is, where it is not the institute's own.", max_length=200, verbose_name='author or source')),
                ('name', models.SlugField(editable=False, max_length=80, verbose_name='name in the address')),
                ('original', models.CharField(editable=False, max_length=100, verbose_name='original')),
                ('media_type', models.CharField(editable=False, max_length=100, verbose_name='media type')),
                ('size', models.PositiveBigIntegerField(editable=False, verbose_name='size in bytes')),
                ('digest', models.CharField(db_index=True, editable=False, error_messages={'unique': 'This file is already in the library.'}, max_length=64, verbose_name='digest')),
                ('history_id', models.AutoField(primary_key=True, serialize=False)),
                ('history_date', models.DateTimeField(db_index=True)),
                ('history_change_reason', models.CharField(max_length=100, null=True)),
                ('history_type', models.CharField(choices=[('+', 'Created'), ('~', 'Changed'), ('-', 'Deleted')], max_length=1)),
                ('created_by', models.ForeignKey(blank=True, db_constraint=False, editable=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='added by')),
                ('history_user', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'historical file',
                'verbose_name_plural': 'historical files',
                'ordering': ('-history_date', '-history_id'),
                'get_latest_by': ('history_date', 'history_id'),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name='File',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('version', models.PositiveIntegerField(default=0, editable=False)),
                ('companions', models.JSONField(blank=True, default=dict, editable=False)),
                ('created_at', models.DateTimeField(auto_now_add=True, verbose_name='created')),
                ('updated_at', models.DateTimeField(auto_now=True, verbose_name='last saved')),
                ('title_en', models.CharField(blank=True, help_text='For colleagues who look for it, and the name under which readers keep it. Empty: from the name of the file.', max_length=200, verbose_name='title')),
                ('title_fr', models.CharField(blank=True, help_text='For colleagues who look for it, and the name under which readers keep it. Empty: from the name of the file.', max_length=200, verbose_name='title')),
                ('language', models.CharField(blank=True, choices=[('', 'several languages, or none'), ('en', 'English'), ('fr', 'French')], default='', help_text='Links on pages in another language say it.', max_length=5, verbose_name='language of the file')),
                ('accessible', models.CharField(choices=[('unknown', 'nobody has checked yet'), ('yes', 'yes'), ('no', 'no')], default='unknown', help_text='Whether people who cannot see it can read it: real text, headings, descriptions of pictures, a language. The law asks for it (RGAA 13.3).', max_length=10, verbose_name='accessible')),
                ('credit', models.CharField(blank=True, help_text="Whose document it is, where it is not the institute's own.", max_length=200, verbose_name='author or source')),
                ('name', models.SlugField(editable=False, max_length=80, verbose_name='name in the address')),
                ('original', models.CharField(editable=False, max_length=100, verbose_name='original')),
                ('media_type', models.CharField(editable=False, max_length=100, verbose_name='media type')),
                ('size', models.PositiveBigIntegerField(editable=False, verbose_name='size in bytes')),
                ('digest', models.CharField(editable=False, error_messages={'unique': 'This file is already in the library.'}, max_length=64, unique=True, verbose_name='digest')),
                ('created_by', models.ForeignKey(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='added by')),
            ],
            options={
                'verbose_name': 'file',
                'verbose_name_plural': 'files',
                'ordering': ['-created_at', '-pk'],
                'constraints': [models.CheckConstraint(condition=models.Q(('size__gt', 0)), name='file_has_content'), models.CheckConstraint(condition=models.Q(models.Q(('title_en', ''), _negated=True), models.Q(('title_fr', ''), _negated=True), _connector='OR'), name='file_has_a_title', violation_error_message='Give the file a title.')],
            },
        ),
    ]
