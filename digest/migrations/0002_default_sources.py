"""The sources a new installation starts with; an admin may stop or delete them."""

from django.db import migrations

SOURCES = [
    ("huggingface", "https://huggingface.co/api/daily_papers", "Hugging Face Daily Papers"),
    ("arxiv", "https://rss.arxiv.org/rss/cs.AI+cs.CL+cs.CV+cs.LG", "arXiv cs.AI, cs.CL, cs.CV, cs.LG"),
]


def add_sources(apps, schema_editor):
    Source = apps.get_model("digest", "Source")
    for kind, url, title in SOURCES:
        Source.objects.using(schema_editor.connection.alias).get_or_create(
            url=url, defaults={"kind": kind, "title": title}
        )


def remove_unused_sources(apps, schema_editor):
    """Sources that brought entries stay: going back must not take papers along."""
    Source = apps.get_model("digest", "Source")
    urls = [url for _, url, _ in SOURCES]
    rows = Source.objects.using(schema_editor.connection.alias).filter(url__in=urls)
    rows.filter(entries=None).delete()


class Migration(migrations.Migration):
    dependencies = [("digest", "0001_initial")]

    operations = [migrations.RunPython(add_sources, remove_unused_sources)]
