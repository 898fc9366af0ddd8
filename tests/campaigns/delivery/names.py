"""The providers of the campaign, and what each is told in its settings."""

from __future__ import annotations

PROVIDERS: dict[str, dict[str, str]] = {
    "postmark": {"POSTMARK_SERVER_TOKEN": "token"},
    "resend": {"RESEND_API_KEY": "key"},
    "brevo": {"BREVO_API_KEY": "key"},
    "mailgun": {"MAILGUN_API_KEY": "key", "MAILGUN_SENDER_DOMAIN": "mail.example.org"},
    "amazon_ses": {},
    "smtp": {},
}
REPORTING = {"amazon_ses"}  # it cannot be asked: what it accepted, it reports with our key
CAN_TELL = {"postmark", "resend", "brevo", "mailgun", *REPORTING}  # whether they have a mail
