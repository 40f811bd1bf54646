import django.core.validators
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
            name='HistoricalImage',
            fields=[
                ('id', models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name='ID')),
                ('version', models.PositiveIntegerField(default=0, editable=False)),
                ('companions', models.JSONField(blank=True, default=dict, editable=False)),
                ('created_at', models.DateTimeField(blank=True, editable=False, verbose_name='created')),
                ('updated_at', models.DateTimeField(blank=True, editable=False, verbose_name='last saved')),
                ('title', models.CharField(blank=True, help_text='For colleagues who look for it. Empty: the name of the file.', max_length=200, verbose_name='name in the library')),
                ('alt_en', models.CharField(blank=True, help_text='What the picture shows, for people who cannot see it: one sentence, without “image of”. It is not the caption.', max_length=500, verbose_name='alternative text in English')),
                ('alt_fr', models.CharField(blank=True, help_text='What the picture shows, for people who cannot see it: one sentence, without “image of”. It is not the caption.', max_length=500, verbose_name='alternative text in French')),
                ('decorative', models.BooleanField(default=False, help_text='Tick only when a reader who cannot see the picture misses nothing. It then needs no alternative text.', verbose_name='decorative')),
                ('credit', models.CharField(blank=True, help_text='Who made it, as it must be printed: “Laurent Attias / Institut Imagine”. The © is added by the site.', max_length=200, verbose_name='credit')),
                ('licence', models.CharField(blank=True, help_text='What we may do with it: “CC BY 4.0”, “assigned, contract 2020-14”.', max_length=200, verbose_name='licence')),
                ('rights_until', models.DateField(blank=True, help_text='The last day on which we may show it. Empty: no limit.', null=True, verbose_name='rights until')),
                ('consent', models.CharField(choices=[('not-needed', 'not needed: nobody can be recognised'), ('given', 'given in writing'), ('missing', 'missing: must not be published')], default='not-needed', help_text='Anyone who can be recognised has to agree; for a minor, both guardians do.', max_length=20, verbose_name='consent of the people shown')),
                ('consent_reference', models.CharField(blank=True, help_text='A file number or a place, never the name of a patient.', max_length=200, verbose_name='where the consent is kept')),
                ('consent_until', models.DateField(blank=True, help_text='The last day the people shown agreed to. Empty: no limit.', null=True, verbose_name='consent until')),
                ('taken_on', models.DateField(blank=True, help_text='The day the picture was made, if it is known.', null=True, verbose_name='taken on')),
                ('description', models.TextField(blank=True, help_text='The caption that came with the file. For colleagues: it is never published.', max_length=2000, verbose_name='what the file says')),
                ('focal_x', models.FloatField(default=0.5, help_text='0 is the left edge, 1 the right one. Crops always keep this point.', validators=[django.core.validators.MinValueValidator(0), django.core.validators.MaxValueValidator(1)], verbose_name='focal point, from the left')),
                ('focal_y', models.FloatField(default=0.5, help_text='0 is the top edge, 1 the bottom one.', validators=[django.core.validators.MinValueValidator(0), django.core.validators.MaxValueValidator(1)], verbose_name='focal point, from the top')),
                ('import_ref', models.CharField(blank=True, db_index=True, editable=False, max_length=200, null=True, verbose_name='imported from')),
                ('history_id', models.AutoField(primary_key=True, serialize=False)),
                ('history_date', models.DateTimeField(db_index=True)),
                ('history_change_reason', models.CharField(max_length=100, null=True)),
                ('history_type', models.CharField(choices=[('+', 'Created'), ('~', 'Changed'), ('-', 'Deleted')], max_length=1)),
                ('created_by', models.ForeignKey(blank=True, db_constraint=False, editable=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='added by')),
                ('history_user', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'historical image',
                'verbose_name_plural': 'historical images',
                'ordering': ('-history_date', '-history_id'),
                'get_latest_by': ('history_date', 'history_id'),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name='Image',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('version', models.PositiveIntegerField(default=0, editable=False)),
                ('companions', models.JSONField(blank=True, default=dict, editable=False)),
                ('created_at', models.DateTimeField(auto_now_add=True, verbose_name='created')),
                ('updated_at', models.DateTimeField(auto_now=True, verbose_name='last saved')),
                ('title', models.CharField(blank=True, help_text='For colleagues who look for it. Empty: the name of the file.', max_length=200, verbose_name='name in the library')),
                ('alt_en', models.CharField(blank=True, help_text='What the picture shows, for people who cannot see it: one sentence, without “image of”. It is not the caption.', max_length=500, verbose_name='alternative text in English')),
                ('alt_fr', models.CharField(blank=True, help_text='What the picture shows, for people who cannot see it: one sentence, without “image of”. It is not the caption.', max_length=500, verbose_name='alternative text in French')),
                ('decorative', models.BooleanField(default=False, help_text='Tick only when a reader who cannot see the picture misses nothing. It then needs no alternative text.', verbose_name='decorative')),
                ('credit', models.CharField(blank=True, help_text='Who made it, as it must be printed: “Laurent Attias / Institut Imagine”. The © is added by the site.', max_length=200, verbose_name='credit')),
                ('licence', models.CharField(blank=True, help_text='What we may do with it: “CC BY 4.0”, “assigned, contract 2020-14”.', max_length=200, verbose_name='licence')),
                ('rights_until', models.DateField(blank=True, help_text='The last day on which we may show it. Empty: no limit.', null=True, verbose_name='rights until')),
                ('consent', models.CharField(choices=[('not-needed', 'not needed: nobody can be recognised'), ('given', 'given in writing'), ('missing', 'missing: must not be published')], default='not-needed', help_text='Anyone who can be recognised has to agree; for a minor, both guardians do.', max_length=20, verbose_name='consent of the people shown')),
                ('consent_reference', models.CharField(blank=True, help_text='A file number or a place, never the name of a patient.', max_length=200, verbose_name='where the consent is kept')),
                ('consent_until', models.DateField(blank=True, help_text='The last day the people shown agreed to. Empty: no limit.', null=True, verbose_name='consent until')),
                ('taken_on', models.DateField(blank=True, help_text='The day the picture was made, if it is known.', null=True, verbose_name='taken on')),
                ('description', models.TextField(blank=True, help_text='The caption that came with the file. For colleagues: it is never published.', max_length=2000, verbose_name='what the file says')),
                ('focal_x', models.FloatField(default=0.5, help_text='0 is the left edge, 1 the right one. Crops always keep this point.', validators=[django.core.validators.MinValueValidator(0), django.core.validators.MaxValueValidator(1)], verbose_name='focal point, from the left')),
                ('focal_y', models.FloatField(default=0.5, help_text='0 is the top edge, 1 the bottom one.', validators=[django.core.validators.MinValueValidator(0), django.core.validators.MaxValueValidator(1)], verbose_name='focal point, from the top')),
                ('original', models.CharField(editable=False, max_length=100, verbose_name='original')),
                ('width', models.PositiveIntegerField(editable=False, verbose_name='width in pixels')),
                ('height', models.PositiveIntegerField(editable=False, verbose_name='height in pixels')),
                ('digest', models.CharField(editable=False, error_messages={'unique': 'This picture is already in the library.'}, max_length=64, unique=True, verbose_name='digest')),
                ('renditions', models.JSONField(default=list, editable=False, verbose_name='renditions')),
                ('retired', models.JSONField(default=list, editable=False, verbose_name='former renditions')),
                ('former', models.JSONField(default=list, editable=False, verbose_name='former pictures')),
                ('incomplete', models.BooleanField(default=False, editable=False, verbose_name='incomplete')),
                ('import_ref', models.CharField(blank=True, editable=False, max_length=200, null=True, unique=True, verbose_name='imported from')),
                ('created_by', models.ForeignKey(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='added by')),
            ],
            options={
                'verbose_name': 'image',
                'verbose_name_plural': 'images',
                'ordering': ['-created_at', '-pk'],
                'constraints': [models.CheckConstraint(condition=models.Q(('height__gt', 0), ('width__gt', 0)), name='image_has_a_size'), models.CheckConstraint(condition=models.Q(('focal_x__gte', 0), ('focal_x__lte', 1), ('focal_y__gte', 0), ('focal_y__lte', 1)), name='image_focal_point_is_inside', violation_error_message='The focal point lies outside the picture.'), models.CheckConstraint(condition=models.Q(('incomplete', True), models.Q(('credit', ''), _negated=True), _connector='OR'), name='image_says_whom_it_is_by', violation_error_message='Say whom the picture is by.'), models.CheckConstraint(condition=models.Q(('incomplete', True), ('decorative', True), models.Q(models.Q(('alt_en', ''), _negated=True), models.Q(('alt_fr', ''), _negated=True)), _connector='OR'), name='image_is_described_in_both_languages_or_decorative', violation_error_message='Describe the picture in both languages, or say that it is decorative.'), models.CheckConstraint(condition=models.Q(models.Q(('consent', 'given'), _negated=True), models.Q(('consent_reference', ''), _negated=True), _connector='OR'), name='image_consent_given_says_where_it_is_kept', violation_error_message='Say where the consent is kept.')],
            },
        ),
        migrations.CreateModel(
            name='Unmade',
            fields=[
                ('image', models.OneToOneField(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, primary_key=True, related_name='+', serialize=False, to='images.image')),
                ('wanted', models.CharField(max_length=120)),
                ('since', models.DateTimeField(auto_now_add=True)),
                ('claimed_until', models.DateTimeField(null=True)),
                ('tries', models.PositiveSmallIntegerField(default=0)),
            ],
            options={
                'verbose_name': 'unmade renditions',
                'verbose_name_plural': 'unmade renditions',
                'ordering': ['since', 'pk'],
            },
        ),
    ]
