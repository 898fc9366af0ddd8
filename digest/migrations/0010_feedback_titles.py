from django.db import migrations
from django.db.models import OuterRef, Subquery

MOST_LEANINGS = 12


def fill_titles(apps, schema_editor):
    Feedback, Paper = apps.get_model("digest", "Feedback"), apps.get_model("digest", "Paper")
    title = Paper.objects.filter(pk=OuterRef("paper")).values("title")[:1]
    Feedback.objects.update(title=Subquery(title))


def keep_the_strongest(apps, schema_editor):
    """Of readers with more leanings than there can be now: the next press counts them anew."""
    leanings = {}
    for row in apps.get_model("subscribers", "Leaning").objects.order_by("pk"):
        leanings.setdefault(row.subscriber_id, []).append(row)
    for rows in leanings.values():
        for row in sorted(rows, key=lambda row: -abs(row.steps))[MOST_LEANINGS:]:
            row.delete()


class Migration(migrations.Migration):

    dependencies = [
        ('digest', '0009_feedback_outlives_papers'),
        ('subscribers', '0006_anchors'),
    ]

    operations = [
        migrations.RunPython(fill_titles, migrations.RunPython.noop),
        migrations.RunPython(keep_the_strongest, migrations.RunPython.noop),
    ]
