"""What papers teach of variants of spelling. The next matching fills the table."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("subscribers", "0006_near_and_passing"),
    ]

    operations = [
        migrations.CreateModel(
            name='SpellingVariant',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('compound', 'compound'), ('hyphen', 'hyphen'), ('ending', 'ending'), ('name', 'name'), ('order', 'order')], max_length=8)),
                ('form', models.CharField(max_length=250)),
                ('other', models.CharField(max_length=250)),
                ('spelled', models.CharField(max_length=250)),
                ('other_spelled', models.CharField(max_length=250)),
                ('papers', models.PositiveIntegerField(help_text='How many papers use the first form.')),
                ('other_papers', models.PositiveIntegerField(help_text='How many use the other one.')),
                ('learned_on', models.DateField(help_text='The day whose matching it was learned for.')),
            ],
            options={
                'ordering': ['kind', 'form', 'other'],
                'indexes': [models.Index(fields=['other'], name='variant_by_other')],
                'constraints': [models.UniqueConstraint(fields=('kind', 'form', 'other'), name='variant_is_unique')],
            },
        ),
    ]
