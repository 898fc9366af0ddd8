"""Suppressions follow the mailbox and hold no address; owners have a quota of links of their own.

Of several spellings of one mailbox the first suppression stays, or the complaint among them.
"""

import django.db.models.functions.datetime
import subscribers.models.addresses
from django.db import migrations, models

AT_ONCE = 2000


def hash_subscribers(apps, _editor):
    from subscribers.models.addresses import hash_own_mailbox, hash_own_spelling

    Subscriber = apps.get_model("subscribers", "Subscriber")
    last = 0
    while True:
        rows = Subscriber.objects.filter(pk__gt=last).order_by("pk").only("pk", "email")[:AT_ONCE]
        chunk = list(rows)
        if not chunk:
            return
        for row in chunk:
            row.mailbox, row.spelling = hash_own_mailbox(row.email), hash_own_spelling(row.email)
        Subscriber.objects.bulk_update(chunk, ["mailbox", "spelling"], batch_size=500)
        last = chunk[-1].pk


def hash_suppressions(apps, _editor):
    from subscribers import mailboxes

    Suppression = apps.get_model("subscribers", "Suppression")
    known = {}
    # Complaints first: nothing but their owner's wish lifts them.
    for row in sorted(
        Suppression.objects.iterator(), key=lambda row: (row.reason != "complaint", row.created_at)
    ):
        is_bounce = row.reason == "bounce"
        hashed = (mailboxes.hash_bounced if is_bounce else mailboxes.hash_mailbox)(row.email)
        if hashed in known:
            row.delete()
            continue
        known[hashed] = row
        row.fingerprint = hashed
        row.save(update_fields=["fingerprint"])


def count_again(apps, _editor):
    """Mails without an answer are counted for the mailbox as it is folded now."""
    from subscribers import mailboxes

    Subscriber = apps.get_model("subscribers", "Subscriber")
    Mailbox = apps.get_model("subscribers", "Mailbox")
    if not Mailbox.objects.exists():
        return
    for email in Subscriber.objects.values_list("email", flat=True).iterator():
        now = mailboxes.hash_for_quota(email)
        before = mailboxes.hash_text_for_quota(_fold_as_before(email))
        if now == before:
            continue
        for row in Mailbox.objects.filter(fingerprint=before):
            same = Mailbox.objects.filter(fingerprint=now).first()
            if same is None:
                row.fingerprint = now
                row.save(update_fields=["fingerprint"])
                continue
            same.letters_sent += row.letters_sent
            same.letter_sent_at = max(same.letter_sent_at, row.letter_sent_at)
            same.save(update_fields=["letters_sent", "letter_sent_at"])
            row.delete()


def _fold_as_before(email):
    """As addresses were folded until now, where their domain is in ASCII."""
    local, _, domain = email.rpartition("@")
    tagless = local.partition("+")[0] or local
    if domain in ("gmail.com", "googlemail.com"):
        return f"{tagless.replace('.', '')}@gmail.com"
    return f"{tagless}@{domain}"


class Migration(migrations.Migration):

    dependencies = [
        ("subscribers", "0009_names_and_plurals"),
    ]

    operations = [
        migrations.AddField(
            "subscriber",
            "mailbox",
            subscribers.models.addresses.MailboxField(default="", editable=False, max_length=32),
            preserve_default=False,
        ),
        migrations.AddField(
            "subscriber",
            "spelling",
            subscribers.models.addresses.SpellingField(
                blank=True, default="", editable=False, max_length=32
            ),
            preserve_default=False,
        ),
        migrations.AddField(
            "suppression", "fingerprint", models.CharField(default="", max_length=32),
        ),
        migrations.RunPython(hash_subscribers, migrations.RunPython.noop),
        migrations.RunPython(hash_suppressions, migrations.RunPython.noop),
        migrations.RunPython(count_again, migrations.RunPython.noop),
    ]
