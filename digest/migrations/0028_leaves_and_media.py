"""The words of papers that are read otherwise now: leaves are of a leaf, porous media of a medium.

Every paper is read again, as in 0020_names_and_plurals.
"""

from importlib import import_module

from django.db import migrations

read_texts_again = import_module("digest.migrations.0020_names_and_plurals").read_texts_again


class Migration(migrations.Migration):

    dependencies = [
        ('digest', '0027_paper_vectors'),
    ]

    operations = [
        migrations.RunPython(read_texts_again, migrations.RunPython.noop),
    ]
