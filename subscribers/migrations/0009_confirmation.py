from datetime import datetime

import django.db.models.deletion
from django.db import migrations, models

AT_ONCE = 500


def carry_over_letters(apps, schema_editor):
    """Each letter of a subscriber's JSON becomes a row, and the time of a wish a column.

    `letters` was {"2026-04-22T12:00:00.000000+00:00": wish}, and a wish had its "asked_at".
    """
    Subscriber = apps.get_model("subscribers", "Subscriber")
    Confirmation = apps.get_model("subscribers", "Confirmation")
    asked = Subscriber.objects.exclude(models.Q(wishes={}) & models.Q(letters={}))
    for subscriber in asked.iterator(AT_ONCE):
        asked_at, wishes = part_from_date(subscriber.wishes)
        Subscriber.objects.filter(pk=subscriber.pk).update(
            wishes=wishes, wish_asked_at=asked_at if wishes else None
        )
        letters = {at: part_from_date(wish)[1] for at, wish in subscriber.letters.items()}
        Confirmation.objects.bulk_create(
            [
                Confirmation(
                    subscriber_id=subscriber.pk, sent_at=datetime.fromisoformat(at), wish=wish
                )
                for at, wish in letters.items()
                if wish
            ],
            ignore_conflicts=True,
        )


def part_from_date(wish):
    rest = {name: value for name, value in wish.items() if name != "asked_at"}
    asked_at = wish.get("asked_at")
    return datetime.fromisoformat(asked_at) if asked_at else None, rest


class Migration(migrations.Migration):

    dependencies = [
        ("subscribers", "0008_former_addresses"),
    ]

    operations = [
        migrations.CreateModel(
            name="Confirmation",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("sent_at", models.DateTimeField()),
                ("wish", models.JSONField()),
                ("subscriber", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="confirmations", to="subscribers.subscriber")),
            ],
            options={
                "ordering": ["-sent_at"],
            },
        ),
        migrations.AddConstraint(
            model_name="confirmation",
            constraint=models.UniqueConstraint(fields=("subscriber", "sent_at"), name="confirmation_is_one_per_moment"),
        ),
        migrations.AddConstraint(
            model_name="confirmation",
            constraint=models.CheckConstraint(condition=models.Q(("wish", {}), _negated=True), name="confirmation_is_about_a_wish"),
        ),
        migrations.AddField(
            model_name="subscriber",
            name="wish_asked_at",
            field=models.DateTimeField(blank=True, editable=False, null=True),
        ),
        migrations.RunPython(carry_over_letters, migrations.RunPython.noop, elidable=True),
        migrations.RemoveField(
            model_name="subscriber",
            name="letters",
        ),
        migrations.AddIndex(
            model_name="subscriber",
            index=models.Index(condition=models.Q(("wish_asked_at__isnull", False)), fields=["wish_asked_at"], name="subscriber_wish_asked"),
        ),
        migrations.AddConstraint(
            model_name="subscriber",
            constraint=models.CheckConstraint(condition=models.Q(("wish_asked_at", None), models.Q(("wishes", {}), _negated=True), _connector="OR"), name="subscriber_who_waits_has_a_wish"),
        ),
    ]
