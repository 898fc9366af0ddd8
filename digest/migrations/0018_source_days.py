"""Which sources were asked and read on which days, and a reason of its own where none could be read."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("digest", "0017_topic_sense"),
    ]

    operations = [
        migrations.AddField(
            model_name='source',
            name='last_asked_at',
            field=models.DateTimeField(blank=True, editable=False, null=True),
        ),
        migrations.AlterField(
            model_name='delivery',
            name='quiet_reason',
            field=models.CharField(blank=True, choices=[('no_topics', 'follows no topic yet'), ('nothing_new', 'no source announced anything new'), ('not_read', 'no source could be read since the digest before'), ('no_match', 'none of the new papers is in their topics'), ('passing', 'their topics are only mentioned in passing'), ('muted', 'all that matched is muted'), ('sent_before', 'all that matched was sent before'), ('paused', 'paused by the subscriber')], max_length=12),
        ),
        migrations.CreateModel(
            name='SourceDay',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('date', models.DateField(db_index=True)),
                ('asked', models.PositiveIntegerField(default=0)),
                ('read', models.PositiveIntegerField(default=0)),
                ('source', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='days', to='digest.source')),
            ],
            options={
                'ordering': ['-date', 'source_id'],
                'constraints': [models.UniqueConstraint(fields=('source', 'date'), name='source_day_is_once'), models.CheckConstraint(condition=models.Q(('read__lte', models.F('asked'))), name='source_day_read_was_asked')],
            },
        ),
    ]
