"""The words of papers that are read otherwise now: NF-kB is NF-κB, larvae are of a larva.

Every paper is read again, some 0.3 ms each, and written where it changed.
"""

from django.db import migrations

AT_ONCE = 1_000


def read_texts_again(apps, _editor):
    from digest.match.word_index import make_words
    from subscribers.topics import Text, read_text

    Paper, PaperWords = apps.get_model("digest", "Paper"), apps.get_model("digest", "PaperWords")
    papers, last = Paper.objects.exclude(normal_form="").order_by("pk"), 0
    columns = ("title", "abstract", "normal_form", "authors", "organization", "categories")
    while rows := list(papers.filter(pk__gt=last).only("pk", *columns)[:AT_ONCE]):
        last, changed = rows[-1].pk, []
        for row in rows:
            read = read_text(Text(row.title, row.abstract)).normal_form
            if read != row.normal_form:
                row.normal_form = read
                changed.append(row)
        Paper.objects.bulk_update(changed, ["normal_form"], batch_size=100)
        for row in changed:
            words = make_words(row.normal_form, row.authors, row.organization, row.categories)
            PaperWords.objects.filter(paper_id=row.pk).update(**words)


class Migration(migrations.Migration):

    dependencies = [
        ("digest", "0019_source_read_whole"),
    ]

    operations = [
        migrations.RunPython(read_texts_again, migrations.RunPython.noop),
    ]
