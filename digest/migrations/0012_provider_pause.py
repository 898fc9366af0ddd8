from django.db import migrations, models
from django.db.models import F, Q
from django.utils import timezone

# The name under which the provider's pause stood among the hosts of sources.
OLD_HOST = "provider"


def carry_over(apps, _schema_editor):
    """The pause was that of the account to which the last call went."""
    turns = apps.get_model("digest", "HostTurn").objects.filter(host=OLD_HOST)
    called = apps.get_model("digest", "Delivery").objects.exclude(provider="")
    last = called.order_by(F("claimed_at").desc(nulls_last=True), "-pk").first()
    if last:
        for turn in turns:
            paused_at = min(timezone.now(), turn.free_at)
            apps.get_model("digest", "ProviderPause").objects.create(
                provider=last.provider, paused_at=paused_at, until=turn.free_at
            )
    turns.delete()


def carry_back(apps, _schema_editor):
    last = apps.get_model("digest", "ProviderPause").objects.order_by("-until").first()
    if last:
        apps.get_model("digest", "HostTurn").objects.create(host=OLD_HOST, free_at=last.until)


class Migration(migrations.Migration):
    dependencies = [("digest", "0011_matched_index")]

    operations = [
        migrations.CreateModel(
            name="ProviderPause",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("provider", models.CharField(max_length=64, unique=True)),
                ("paused_at", models.DateTimeField()),
                ("until", models.DateTimeField()),
                ("reason", models.CharField(blank=True, max_length=300)),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=Q(until__gte=F("paused_at")),
                        name="provider_pause_ends_after_it_began",
                    )
                ],
            },
        ),
        migrations.RunPython(carry_over, carry_back),
    ]
