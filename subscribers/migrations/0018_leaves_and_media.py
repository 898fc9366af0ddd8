"""Topics that mean something else now are looked for anew: leaf, midwife, porous media.

As in 0009_names_and_plurals.
"""

from importlib import import_module

from django.db import migrations

read_topics_again = import_module(
    "subscribers.migrations.0009_names_and_plurals"
).read_topics_again


class Migration(migrations.Migration):

    dependencies = [
        ('subscribers', '0017_typed_spellings'),
    ]

    operations = [
        migrations.RunPython(read_topics_again, migrations.RunPython.noop),
    ]
