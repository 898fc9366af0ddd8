"""Noticing that a backup came back: by the calls this database knows of, and those it does not.

Just before a call to the provider its number goes up in the database and then outside of it, in a
file and in Redis (marks.py). A database that knows of fewer calls than were promised is older than
what was mailed: then nothing is composed or delivered (hold.py) until `manage.py reconcile` has
settled what was mailed since.
"""
