"""The words of papers whose text is read otherwise now: TNFα is TNF-α, footnote² a word and a 2."""

import re

from django.db import migrations

AT_ONCE = 1_000
# What the new rules can change: raised and lowered digits, Greek beside Latin, TNFalpha, Łukasz.
READ_OTHERWISE = re.compile(
    "[⁰¹²³⁴-⁹₀-₉Ͱ-Ͽµ\u2126\U0001d6a8-\U0001d7cb]"
    "|[łŁøØđĐðÐħĦıþÞæÆœŒ]"
    "|[A-Z](?:alpha|beta|gamma|delta|epsilon|theta|kappa|lambda|sigma|omega)"
    "|(?:alpha|beta|gamma|delta|epsilon|theta|kappa|lambda|sigma|omega)[A-Z]"
)


def read_texts_again(apps, _editor):
    from digest.match.word_index import make_words
    from subscribers.topics import Text, read_text

    Paper, PaperWords = apps.get_model("digest", "Paper"), apps.get_model("digest", "PaperWords")
    papers, last = Paper.objects.exclude(normal_form="").order_by("pk"), 0
    columns = ("title", "abstract", "normal_form", "authors", "organization", "categories")
    while rows := list(papers.filter(pk__gt=last).only("pk", *columns)[:AT_ONCE]):
        last, changed = rows[-1].pk, []
        for row in rows:
            if READ_OTHERWISE.search(f"{row.title}\n{row.abstract}\n{row.authors}{row.organization}"):
                row.normal_form = read_text(Text(row.title, row.abstract)).normal_form
                changed.append(row)
        Paper.objects.bulk_update(changed, ["normal_form"], batch_size=100)
        for row in changed:
            words = make_words(row.normal_form, row.authors, row.organization, row.categories)
            PaperWords.objects.filter(paper_id=row.pk).update(**words)


class Migration(migrations.Migration):

    dependencies = [
        ("digest", "0014_paper_names"),
    ]

    operations = [
        migrations.RunPython(read_texts_again, migrations.RunPython.noop),
    ]
