import uuid

from django.db import migrations, models


def name_database(apps, schema_editor):
    """From now on this database can be told from every other one."""
    apps.get_model("digest", "Installation").objects.create()


class Migration(migrations.Migration):

    dependencies = [
        ("digest", "0007_clock"),
    ]

    operations = [
        migrations.CreateModel(
            name="CallCount",
            fields=[
                ("slot", models.PositiveSmallIntegerField(primary_key=True, serialize=False)),
                ("number", models.PositiveBigIntegerField(default=0)),
                ("counted_at", models.DateTimeField(blank=True, null=True)),
            ],
        ),
        migrations.CreateModel(
            name="Installation",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
            ],
        ),
        migrations.RunPython(name_database, migrations.RunPython.noop),
    ]
