from datetime import UTC, datetime

from django.core.mail import EmailMultiAlternatives

from digest.deliver.outbox import OutboxBackend, read_mail, read_outbox


def letter(key: str = "", subject: str = "Today · 3 papers") -> EmailMultiAlternatives:
    message = EmailMultiAlternatives(subject, "Plain β", "o@example.org", ["r@example.org"])
    message.attach_alternative("<p>Rich β</p>", "text/html")
    message.metadata = {"delivery": key} if key else {}
    return message


def test_a_mail_can_be_read_back_whole(settings):
    OutboxBackend().send_messages([letter()])
    [found] = read_outbox(settings.OUTBOX_DIR)
    assert (found.to, found.subject) == ("r@example.org", "Today · 3 papers")
    assert abs((datetime.now(UTC) - found.date).total_seconds()) < 3600
    parts = read_mail(settings.OUTBOX_DIR, found.name)
    assert (parts.text.strip(), parts.html.strip()) == ("Plain β", "<p>Rich β</p>")
    assert ("Subject", "Today · 3 papers") in parts.headers


def test_the_same_delivery_handed_over_twice_is_one_mail(settings):
    OutboxBackend().send_messages([letter("abc-1"), letter("abc-1"), letter("abc-2")])
    assert {found.name for found in read_outbox(settings.OUTBOX_DIR)} == {"abc-1.eml", "abc-2.eml"}


def test_the_newest_mail_comes_first(settings):
    for key in ("first", "second", "third"):
        OutboxBackend().send_messages([letter(key)])
    assert read_outbox(settings.OUTBOX_DIR)[0].name == "third.eml"


def test_names_that_lead_out_of_the_folder_find_nothing(settings):
    OutboxBackend().send_messages([letter("inside")])
    (settings.OUTBOX_DIR.parent / "secret.eml").write_text("Subject: no\n\nno")
    assert read_mail(settings.OUTBOX_DIR, "../secret.eml") is None
    assert read_mail(settings.OUTBOX_DIR, "missing.eml") is None


def test_an_outbox_that_was_never_written_is_empty(settings):
    assert read_outbox(settings.OUTBOX_DIR) == []
