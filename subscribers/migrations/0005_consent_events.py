"""What happens to a consent is noted, and the log of what staff did names no address any more."""

import django.db.models.deletion
from django.db import migrations, models


def take_addresses_out_of_the_log(apps, _editor):
    LogEntry = apps.get_model("admin", "LogEntry")
    ContentType = apps.get_model("contenttypes", "ContentType")
    kinds = [("subscribers", "subscriber"), ("subscribers", "suppression"), ("digest", "delivery")]
    for app, name in kinds:
        for kind in ContentType.objects.filter(app_label=app, model=name):
            entries = LogEntry.objects.filter(content_type=kind)
            for pk, row in entries.values_list("pk", "object_id"):
                entries.filter(pk=pk).update(object_repr=f"{name} {row}")
            # Lines of Django's own name the rows of the lists on a page, and these the address.
            entries.filter(change_message__startswith="[").update(change_message="")


class Migration(migrations.Migration):

    dependencies = [
        ("subscribers", "0004_author_keys"),
        ('admin', '0003_logentry_add_action_flag_choices'),
        ('contenttypes', '0002_remove_content_type_name'),
    ]

    operations = [
        migrations.CreateModel(
            name='ConsentEvent',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('confirmed', 'confirmed by the link in a mail to the address'), ('elsewhere', 'confirmed elsewhere'), ('left', 'unsubscribed'), ('back', 'took the unsubscription back')], max_length=10)),
                ('happened_at', models.DateTimeField()),
                ('noted_at', models.DateTimeField()),
                ('by', models.CharField(blank=True, max_length=150)),
                ('note', models.CharField(blank=True, max_length=200)),
                ('subscriber', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='consent_events', to='subscribers.subscriber', verbose_name='whose')),
            ],
            options={
                'ordering': ['-happened_at', '-pk'],
                'constraints': [models.CheckConstraint(condition=models.Q(('kind__in', ['confirmed', 'elsewhere', 'left', 'back'])), name='consent_event_kind_is_known'), models.CheckConstraint(condition=models.Q(models.Q(('kind', 'elsewhere'), _negated=True), models.Q(('note', ''), _negated=True), _connector='OR'), name='consent_event_elsewhere_says_where')],
            },
        ),
        migrations.RunPython(take_addresses_out_of_the_log, migrations.RunPython.noop),
    ]
