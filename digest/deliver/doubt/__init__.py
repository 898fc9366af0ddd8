"""Mails whose call got no answer: found out about, and ended as sent or mailed again."""
