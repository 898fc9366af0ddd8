"""Other names of papers, and of which version a paper's text is.

The rules for names grew: what they call a paper that is there otherwise than before becomes another
name of it, so that nothing that was sent comes again as a new paper.
"""

import django.db.models.deletion
from django.db import migrations, models

AT_ONCE = 1_000


def name_papers_anew(apps, _editor):
    from digest.identifiers import rename

    Paper, PaperAlias = apps.get_model("digest", "Paper"), apps.get_model("digest", "PaperAlias")
    papers, last = Paper.objects.exclude(identifier__startswith="arxiv:").order_by("pk"), 0
    while rows := list(papers.filter(pk__gt=last).values_list("pk", "identifier")[:AT_ONCE]):
        last = rows[-1][0]
        named = [(pk, identifier, rename(identifier)) for pk, identifier in rows]
        made = [PaperAlias(paper_id=pk, name=new) for pk, old, new in named if new != old]
        PaperAlias.objects.bulk_create(made, ignore_conflicts=True)


class Migration(migrations.Migration):

    dependencies = [
        ("digest", "0013_paper_words"),
    ]

    operations = [
        migrations.AddField(
            model_name="paper",
            name="text_version",
            field=models.PositiveSmallIntegerField(db_default=0, default=0, editable=False),
        ),
        migrations.CreateModel(
            name="PaperAlias",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=255)),
                ("paper", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="aliases", to="digest.paper")),
            ],
            options={
                "verbose_name_plural": "paper aliases",
                "constraints": [
                    models.UniqueConstraint(fields=("name", "paper"), name="alias_is_unique"),
                ],
            },
        ),
        migrations.RunPython(name_papers_anew, migrations.RunPython.noop),
    ]
