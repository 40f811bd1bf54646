import django.db.models.deletion
import django.utils.timezone
import imagine_site.publishing.newsroom
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('auth', '__first__'),
        ('contenttypes', '0002_remove_content_type_name'),
    ]

    operations = [
        migrations.CreateModel(
            name='Release',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=150, verbose_name='name')),
                ('at', models.DateTimeField(blank=True, null=True, verbose_name='moment')),
                ('note', models.TextField(blank=True, verbose_name='note')),
                ('made_at', models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name='made')),
                ('made_by', models.ForeignKey(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='made by')),
            ],
            options={
                'verbose_name': 'release',
                'verbose_name_plural': 'releases',
                'ordering': ['-at', '-pk'],
            },
        ),
        migrations.CreateModel(
            name='Comment',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('story_id', models.PositiveBigIntegerField()),
                ('language', models.CharField(blank=True, choices=[('en', 'English'), ('fr', 'French')], max_length=5)),
                ('field', models.CharField(blank=True, max_length=60)),
                ('quote', models.TextField(blank=True)),
                ('prefix', models.CharField(blank=True, max_length=200)),
                ('suffix', models.CharField(blank=True, max_length=200)),
                ('text', models.TextField(verbose_name='comment')),
                ('at', models.DateTimeField(default=django.utils.timezone.now)),
                ('edited_at', models.DateTimeField(blank=True, null=True)),
                ('resolved_at', models.DateTimeField(blank=True, null=True, verbose_name='resolved')),
                ('by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='by')),
                ('parent', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='replies', to='publishing.comment')),
                ('resolved_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='resolved by')),
                ('story_type', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='contenttypes.contenttype')),
            ],
            options={
                'verbose_name': 'comment',
                'verbose_name_plural': 'comments',
                'ordering': ['at', 'pk'],
                'indexes': [models.Index(fields=['story_type', 'story_id', 'at'], name='comment_of_story')],
            },
        ),
        migrations.CreateModel(
            name='DraftLink',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('story_id', models.PositiveBigIntegerField()),
                ('key', models.CharField(default=imagine_site.publishing.newsroom._new_key, editable=False, max_length=40, unique=True)),
                ('language', models.CharField(choices=[('en', 'English'), ('fr', 'French')], max_length=5, verbose_name='language')),
                ('history_id', models.PositiveBigIntegerField()),
                ('story_version', models.PositiveIntegerField(default=0)),
                ('label', models.CharField(blank=True, max_length=150, verbose_name='for whom')),
                ('made_at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='made')),
                ('expires_at', models.DateTimeField(default=imagine_site.publishing.newsroom._in_a_week, verbose_name='until')),
                ('revoked_at', models.DateTimeField(blank=True, null=True, verbose_name='revoked')),
                ('opened', models.PositiveIntegerField(default=0, verbose_name='times opened')),
                ('first_opened_at', models.DateTimeField(blank=True, null=True)),
                ('last_opened_at', models.DateTimeField(blank=True, null=True, verbose_name='last opened')),
                ('made_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='made by')),
                ('story_type', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='contenttypes.contenttype')),
            ],
            options={
                'verbose_name': 'shared draft',
                'verbose_name_plural': 'shared drafts',
                'ordering': ['-made_at', '-pk'],
                'indexes': [models.Index(fields=['story_type', 'story_id'], name='link_of_story')],
            },
        ),
        migrations.CreateModel(
            name='Event',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('story_id', models.PositiveBigIntegerField()),
                ('kind', models.CharField(choices=[('published', 'published'), ('scheduled', 'scheduled'), ('unscheduled', 'schedule cancelled'), ('withdrawn', 'withdrawn'), ('withdrawal-scheduled', 'withdrawal scheduled'), ('restored', 'version restored'), ('review-requested', 'sent for review'), ('review-cancelled', 'taken back from review'), ('changes-requested', 'changes requested'), ('approved', 'approved'), ('link-made', 'draft shared'), ('link-revoked', 'shared draft revoked'), ('release-joined', 'put into a release'), ('release-left', 'taken out of a release')], max_length=30, verbose_name='what')),
                ('language', models.CharField(blank=True, choices=[('en', 'English'), ('fr', 'French')], max_length=5, verbose_name='language')),
                ('at', models.DateTimeField(db_index=True, default=django.utils.timezone.now, verbose_name='when')),
                ('by_name', models.CharField(blank=True, max_length=150, verbose_name='who')),
                ('story_title', models.CharField(blank=True, max_length=250, verbose_name='text')),
                ('note', models.TextField(blank=True, verbose_name='note')),
                ('edition_number', models.PositiveIntegerField(blank=True, null=True, verbose_name='published version')),
                ('story_version', models.PositiveIntegerField(default=0)),
                ('data', models.JSONField(blank=True, default=dict)),
                ('by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='who')),
                ('story_type', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='contenttypes.contenttype')),
            ],
            options={
                'verbose_name': 'journal entry',
                'verbose_name_plural': 'journal',
                'ordering': ['-at', '-pk'],
                'indexes': [models.Index(fields=['story_type', 'story_id', '-at'], name='event_of_story')],
            },
        ),
        migrations.CreateModel(
            name='ReleaseItem',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('story_id', models.PositiveBigIntegerField()),
                ('language', models.CharField(choices=[('en', 'English'), ('fr', 'French')], max_length=5, verbose_name='language')),
                ('edition_number', models.PositiveIntegerField(blank=True, null=True)),
                ('added_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='added by')),
                ('release', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='items', to='publishing.release')),
                ('story_type', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='contenttypes.contenttype')),
            ],
            options={
                'verbose_name': 'text of a release',
                'verbose_name_plural': 'texts of a release',
                'constraints': [models.UniqueConstraint(fields=('release', 'story_type', 'story_id', 'language'), name='a_text_is_once_in_a_release')],
            },
        ),
        migrations.CreateModel(
            name='Review',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('story_id', models.PositiveBigIntegerField()),
                ('state', models.CharField(choices=[('waiting', 'in review'), ('changes', 'changes requested'), ('approved', 'approved')], default='waiting', max_length=20, verbose_name='state')),
                ('story_version', models.PositiveIntegerField(default=0)),
                ('judged_version', models.PositiveIntegerField(blank=True, null=True)),
                ('requested_at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='sent')),
                ('note', models.TextField(blank=True, verbose_name='note')),
                ('judged_at', models.DateTimeField(blank=True, null=True, verbose_name='judged')),
                ('judgement', models.TextField(blank=True, verbose_name='answer')),
                ('closed_at', models.DateTimeField(blank=True, null=True, verbose_name='closed')),
                ('judged_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='judged by')),
                ('requested_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='sent by')),
                ('reviewer', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='for')),
                ('story_type', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='contenttypes.contenttype')),
            ],
            options={
                'verbose_name': 'review',
                'verbose_name_plural': 'reviews',
                'ordering': ['-requested_at', '-pk'],
                'constraints': [models.UniqueConstraint(condition=models.Q(('closed_at', None)), fields=('story_type', 'story_id'), name='one_open_review_per_story')],
            },
        ),
    ]
