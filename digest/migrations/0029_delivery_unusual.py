from django.db import migrations, models

from subscribers.index_migrations import AddIndexUnlocked


class Migration(migrations.Migration):
    atomic = False  # the index is built while others write

    dependencies = [
        ('digest', '0028_leaves_and_media'),
        ('subscribers', '0019_list_imports'),
    ]

    operations = [
        AddIndexUnlocked(
            model_name='delivery',
            index=models.Index(condition=models.Q(('status__in', ['suppressed', 'failed', 'expired', 'in_doubt'])), fields=['status', '-id'], name='delivery_unusual'),
        ),
    ]
