"""Suppressions are of mailboxes, and owners ask for links of their own."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('subscribers', '0010_mailboxes'),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='suppression',
            name='suppression_email_is_lowercase',
        ),
        migrations.RemoveIndex(
            model_name='subscriber',
            name='subscriber_asked',
        ),
        migrations.RemoveField(
            model_name='suppression',
            name='email',
        ),
        migrations.AddField(
            model_name='subscriber',
            name='own_link_asked_at',
            field=models.DateTimeField(blank=True, editable=False, null=True),
        ),
        migrations.AddField(
            model_name='subscriber',
            name='own_link_sent_at',
            field=models.DateTimeField(blank=True, editable=False, null=True),
        ),
        migrations.AddField(
            model_name='subscriber',
            name='own_links_sent',
            field=models.PositiveSmallIntegerField(db_default=0, default=0, editable=False),
        ),
        migrations.AlterField(
            model_name='suppression',
            name='fingerprint',
            field=models.CharField(max_length=32, unique=True),
        ),
        migrations.AddIndex(
            model_name='subscriber',
            index=models.Index(condition=models.Q(('link_asked_at__isnull', False), ('own_link_asked_at__isnull', False), ('move_asked_at__isnull', False), _connector='OR'), fields=['link_asked_at', 'own_link_asked_at', 'move_asked_at'], name='subscriber_asked'),
        ),
        migrations.AddConstraint(
            model_name='subscriber',
            constraint=models.CheckConstraint(condition=models.Q(('mailbox', ''), _negated=True), name='subscriber_mailbox_is_known'),
        ),
        migrations.AddConstraint(
            model_name='suppression',
            constraint=models.CheckConstraint(condition=models.Q(('fingerprint', ''), _negated=True), name='suppression_is_of_a_mailbox'),
        ),
    ]
