"""Who unsubscribed and was forgotten since leaves a hash, so that no list brings them back."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('subscribers', '0012_consents_by_day'),
    ]

    operations = [
        migrations.CreateModel(
            name='Departure',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('fingerprint', models.CharField(max_length=32, unique=True)),
                ('left_at', models.DateTimeField()),
            ],
            options={
                'ordering': ['-left_at'],
            },
        ),
    ]
