from datetime import UTC

from django.db import migrations, models


def note_letters_on_their_way(apps, schema_editor):
    """The link of a letter that was sent before goes on confirming what it showed."""
    Subscriber = apps.get_model("subscribers", "Subscriber")
    written = Subscriber.objects.exclude(wishes={}).exclude(confirmation_sent_at=None)
    for subscriber in written.iterator():
        sent_at = subscriber.confirmation_sent_at.astimezone(UTC)
        subscriber.letters = {sent_at.isoformat(timespec="microseconds"): subscriber.wishes}
        subscriber.save(update_fields=["letters"])


class Migration(migrations.Migration):

    dependencies = [
        ("subscribers", "0006_anchors"),
    ]

    operations = [
        migrations.AddField(
            model_name="subscriber",
            name="letters",
            field=models.JSONField(blank=True, db_default={}, default=dict, editable=False),
        ),
        migrations.RunPython(note_letters_on_their_way, migrations.RunPython.noop, elidable=True),
    ]
