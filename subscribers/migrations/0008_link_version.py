from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("subscribers", "0007_spelling_variants")]

    operations = [
        migrations.AddField(
            model_name="subscriber",
            name="link_version",
            field=models.PositiveIntegerField(db_default=0, default=0, editable=False),
        )
    ]
