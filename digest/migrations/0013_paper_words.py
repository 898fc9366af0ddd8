"""The words of every paper that is there, for the full-text index."""

import django.db.models.deletion
from django.db import migrations, models

AT_ONCE = 1_000


def store_words_of_all(apps, _editor):
    """In the order of their ids; what was matched meanwhile by a newer release is written twice."""
    from digest.match.word_index import make_words

    Paper, PaperWords = apps.get_model("digest", "Paper"), apps.get_model("digest", "PaperWords")
    papers, last = Paper.objects.exclude(normal_form="").order_by("pk"), 0
    columns = ("normal_form", "authors", "organization", "categories")
    while rows := list(papers.filter(pk__gt=last).only("pk", *columns)[:AT_ONCE]):
        last = rows[-1].pk
        made = [
            PaperWords(
                paper_id=row.pk,
                **make_words(row.normal_form, row.authors, row.organization, row.categories),
            )
            for row in rows
        ]
        PaperWords.objects.bulk_create(made, ignore_conflicts=True)


class Migration(migrations.Migration):

    dependencies = [
        ("digest", "0012_page_version"),
    ]

    operations = [
        migrations.CreateModel(
            name="PaperWords",
            fields=[
                ("paper", models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name="words", serialize=False, to="digest.paper")),
                ("title", models.TextField()),
                ("abstract", models.TextField(blank=True)),
                ("names", models.TextField(blank=True)),
            ],
            options={"default_permissions": ()},
        ),
        migrations.RunPython(store_words_of_all, migrations.RunPython.noop),
    ]
