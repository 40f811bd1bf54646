import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('images', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='SearchChange',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('entry_id', models.BigIntegerField()),
                ('gone', models.BooleanField()),
            ],
        ),
        migrations.CreateModel(
            name='SearchWord',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('language', models.CharField(max_length=5)),
                ('word', models.CharField(max_length=40)),
                ('entries', models.PositiveIntegerField(default=1)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('language', 'word'), name='one_search_word')],
            },
        ),
        migrations.CreateModel(
            name='SearchEntry',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(max_length=20)),
                ('object_id', models.PositiveBigIntegerField()),
                ('language', models.CharField(choices=[('en', 'English'), ('fr', 'French')], max_length=5)),
                ('live_from', models.DateTimeField()),
                ('live_until', models.DateTimeField(null=True)),
                ('date', models.DateField(null=True)),
                ('title', models.CharField(max_length=250)),
                ('label', models.CharField(blank=True, max_length=250)),
                ('url', models.CharField(max_length=400)),
                ('summary', models.TextField(blank=True)),
                ('text', models.TextField(blank=True)),
                ('terms', models.TextField()),
                ('picture', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='images.image')),
            ],
            options={
                'indexes': [models.Index(fields=['kind', 'object_id'], name='search_entry_of'), models.Index(condition=models.Q(('live_until__isnull', False)), fields=['live_until'], name='search_entry_ends')],
            },
        ),
    ]
