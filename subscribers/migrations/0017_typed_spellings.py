"""What each reader typed for a topic; until now only what the first of them typed was known."""

from django.db import migrations, models


def copy_spellings(apps, _editor):
    Interest, Topic = (apps.get_model("subscribers", name) for name in ("Interest", "Topic"))
    query = Topic.objects.filter(pk=models.OuterRef("topic_id")).values("query")
    Interest.objects.update(typed=models.Subquery(query))


class Migration(migrations.Migration):
    dependencies = [("subscribers", "0016_acronyms_of_several_forms")]
    operations = [
        migrations.AddField(
            model_name="interest",
            name="typed",
            field=models.CharField(
                blank=True, db_default="", default="", editable=False, max_length=200
            ),
        ),
        migrations.AlterField(
            model_name="topic",
            name="query",
            field=models.CharField(
                help_text="As its followers type it most plainly.", max_length=200, unique=True
            ),
        ),
        migrations.RunPython(copy_spellings, migrations.RunPython.noop),
    ]
