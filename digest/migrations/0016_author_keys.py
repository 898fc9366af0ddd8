"""What papers are found by of their authors: one key for Müller and Mueller, Le Cun and LeCun.

And what the rules for names, which grew, call a paper that is there otherwise than before: that
becomes another name of it, so that nothing that was sent comes again as a new paper.
"""

from django.db import migrations

AT_ONCE = 1_000


def name_authors_again(apps, _editor):
    from digest.match.word_index import make_words

    Paper, PaperWords = apps.get_model("digest", "Paper"), apps.get_model("digest", "PaperWords")
    columns = ("normal_form", "authors", "organization", "categories")
    papers, last = Paper.objects.order_by("pk"), 0
    while rows := list(papers.filter(pk__gt=last).only("pk", *columns)[:AT_ONCE]):
        last = rows[-1].pk
        stored = PaperWords.objects.in_bulk([row.pk for row in rows if row.authors])
        changed = []
        for row in rows:
            if row.pk not in stored:
                continue
            words = make_words(row.normal_form, row.authors, row.organization, row.categories)
            if stored[row.pk].names != words["names"]:
                stored[row.pk].names = words["names"]
                changed.append(stored[row.pk])
        PaperWords.objects.bulk_update(changed, ["names"], batch_size=100)


def name_papers_anew(apps, _editor):
    from digest.identifiers import rename

    Paper, PaperAlias = apps.get_model("digest", "Paper"), apps.get_model("digest", "PaperAlias")
    papers, last = Paper.objects.filter(identifier__startswith="url:").order_by("pk"), 0
    while rows := list(papers.filter(pk__gt=last).values_list("pk", "identifier")[:AT_ONCE]):
        last = rows[-1][0]
        named = [(pk, identifier, rename(identifier)) for pk, identifier in rows]
        made = [PaperAlias(paper_id=pk, name=new) for pk, old, new in named if new != old]
        PaperAlias.objects.bulk_create(made, ignore_conflicts=True)


class Migration(migrations.Migration):

    dependencies = [
        ("digest", "0015_text_rules"),
    ]

    operations = [
        migrations.RunPython(name_authors_again, migrations.RunPython.noop),
        migrations.RunPython(name_papers_anew, migrations.RunPython.noop),
    ]
