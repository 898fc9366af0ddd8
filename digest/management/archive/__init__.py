"""A backup as one file: `manage.py backup` writes it, `manage.py restore` puts it in place.

It is a zip of two: the database, and a manifest that says what it is of and how to check it.
"""
