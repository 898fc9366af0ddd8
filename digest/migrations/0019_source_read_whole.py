"""When the whole of a source's list was read for the first time: until then it shows its backlog."""

from django.db import migrations, models
from django.db.models import F


def count_read_sources_as_seen(apps, _editor):
    apps.get_model("digest", "Source").objects.update(read_whole_at=F("last_fetched_at"))


class Migration(migrations.Migration):

    dependencies = [
        ("digest", "0018_source_days"),
    ]

    operations = [
        migrations.AddField(
            model_name='source',
            name='read_whole_at',
            field=models.DateTimeField(blank=True, editable=False, null=True),
        ),
        migrations.RunPython(count_read_sources_as_seen, migrations.RunPython.noop),
    ]
