"""Topics of several terms are looked for by the two rarest of them, not by one.

They find what they found: which papers they are compared with is all that changes.
"""

from django.db import migrations

_AT_ONCE = 2_000


def add_second_anchors(apps, _editor):
    from subscribers.topics import TopicError, choose_anchor, parse_topic

    Topic = apps.get_model("subscribers", "Topic")
    # Several terms have a plus, a field or quotes between them.
    several = Topic.objects.filter(query__regex='[+:"“”„]')
    changed = []
    for topic in several.only("query", "anchor").order_by("pk").iterator(_AT_ONCE):
        try:
            anchor = choose_anchor(parse_topic(topic.query))
        except TopicError:
            continue  # nobody finds anything by it; its next reader is told what to type
        if anchor != topic.anchor:
            topic.anchor = anchor
            changed.append(topic)
    Topic.objects.bulk_update(changed, ["anchor"], batch_size=_AT_ONCE)


class Migration(migrations.Migration):

    dependencies = [
        ("subscribers", "0024_waiting_moves"),
    ]

    operations = [
        migrations.RunPython(add_second_anchors, migrations.RunPython.noop),
    ]
