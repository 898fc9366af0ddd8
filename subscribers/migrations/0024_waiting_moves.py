from django.db import migrations, models

from subscribers.index_migrations import AddIndexUnlocked


class Migration(migrations.Migration):
    atomic = False  # the index is built while others write

    dependencies = [
        ('subscribers', '0023_shown_names'),
    ]

    operations = [
        AddIndexUnlocked(
            model_name='subscriber',
            index=models.Index(condition=models.Q(('new_email', ''), _negated=True), fields=['new_email'], name='subscriber_move'),
        ),
    ]
