"""Topics for authors find more spellings of a name now, and are looked for anew by its one key.

Where two of them mean the same now, the second keeps its row: both are found alike.
"""

from django.db import migrations


def read_author_topics_again(apps, _editor):
    from subscribers.topics import TopicError, choose_anchor, parse_topic

    Topic = apps.get_model("subscribers", "Topic")
    forms = set(Topic.objects.values_list("normal_form", flat=True))
    for topic in Topic.objects.filter(normal_form__contains="author:").order_by("pk").iterator():
        try:
            parsed = parse_topic(topic.query)
        except TopicError:
            continue  # nobody finds anything by it; its next reader is told what to type
        if parsed.normal_form not in forms:
            forms.add(parsed.normal_form)
            topic.normal_form = parsed.normal_form
        topic.anchor, topic.matched_at = choose_anchor(parsed), None
        topic.save(update_fields=["normal_form", "anchor", "matched_at"])


class Migration(migrations.Migration):

    dependencies = [
        ("subscribers", "0003_text_rules"),
    ]

    operations = [
        migrations.RunPython(read_author_topics_again, migrations.RunPython.noop),
    ]
