from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from digest.deliver.outbox import read_outbox
from digest.models import Delivery
from subscribers.models import Suppression
from tests.factories import NOW, make_delivery, make_match, make_paper, make_pause, make_reader

pytestmark = pytest.mark.django_db
AT = "2026-04-22T12:00"
NOTHING = "planned 0 = sent 0 + quiet 0 + suppressed 0 + failed 0 + expired 0 + in doubt 0"


@pytest.fixture(autouse=True)
def outbox(settings):
    settings.EMAIL_BACKEND = settings.OUTBOX_BACKEND
    return settings.OUTBOX_DIR


def news(query="diffusion policy"):
    paper = make_paper(title="On diffusion policy", normal_form=" on diffus polici ")
    make_match(paper, query)
    return paper


def send(*args, now=AT):
    out = StringIO()
    call_command("send_digests", *args, now=now, stdout=out)
    return out.getvalue().splitlines()


def test_the_last_line_says_what_became_of_everybody(outbox):
    news()
    make_reader("diffusion policy")
    make_reader("diffusion policy")
    make_reader()
    lines = send()
    assert lines[-1] == (
        "planned 3 = sent 2 + quiet 1 + suppressed 0 + failed 0 + expired 0 + in doubt 0"
    )
    assert len(read_outbox(outbox)) == 2


def test_a_second_pass_sends_nothing(outbox):
    news()
    make_reader("diffusion policy")
    send()
    assert send()[-1] == NOTHING
    assert len(read_outbox(outbox)) == 1


def test_what_a_dead_worker_left_is_taken_up_without_a_beat(outbox):
    made = NOW - timedelta(hours=1)
    left = make_delivery(status="claimed", claimed_at=made, covers_until=made)
    assert send()[-1].startswith("planned 1 = sent 1 + ")
    left.refresh_from_db()
    assert left.status == "sent"
    assert len(read_outbox(outbox)) == 1


@pytest.mark.django_db(transaction=True)
def test_a_dry_run_says_who_would_get_what_and_leaves_no_trace(outbox, caplog):
    caplog.set_level("INFO", "offprint.activity")
    news()
    reader, idle = make_reader("diffusion policy"), make_reader()
    lines = send("--dry-run")
    assert f"2026-04-22 to {reader}: 1 paper" in lines
    assert f"2026-04-22 to {idle}: quiet, follows no topic yet" in lines
    assert lines[-1].startswith("Nothing was sent. 1 would get a mail, 1 a quiet day")
    assert (read_outbox(outbox), Delivery.objects.count()) == ([], 0)
    reader.refresh_from_db()
    assert reader.next_digest_at is None
    assert "was composed" not in caplog.text
    send()
    assert "was composed for 2" in caplog.text


def test_a_dry_run_shows_no_endless_list(monkeypatch):
    monkeypatch.setattr("digest.management.commands.send_digests.MOST_SHOWN", 1)
    for _ in range(3):
        make_reader()
    assert "… and 2 more" in send("--dry-run")


def test_only_one_subscriber_can_be_served(outbox):
    news()
    mine, other = make_reader("diffusion policy"), make_reader("diffusion policy")
    assert send("--only", mine.email.upper())[-1].startswith("planned 1 = sent 1")
    assert [letter.to for letter in read_outbox(outbox)] == [mine.email]
    assert not other.deliveries.exists()


def test_only_somebody_unknown_is_said_in_a_sentence():
    with pytest.raises(CommandError, match="There is no subscriber nobody"):
        send("--only", "nobody@example.org")


def test_only_somebody_not_due_says_when_they_are():
    later = make_reader(next_digest_at=NOW + timedelta(hours=3))
    pending = make_reader(status="pending", confirmed_at=None)
    assert "is next due at 2026-04-22 15:00 UTC" in send("--only", later.email)[0]
    assert "is pending, so no digest is due" in send("--only", pending.email)[0]


def test_what_was_left_from_before_is_taken_up_and_counted():
    news()
    make_delivery()
    assert send()[-1].startswith("planned 1 = sent 1")


def test_what_waits_for_the_provider_is_said_and_not_counted():
    news()
    make_reader("diffusion policy")
    make_pause()
    lines = send()
    assert lines[-3:] == [
        "The provider asked for a pause. We wait until 12:05 UTC.",
        "1 wait for another try; beat or the next run takes them up.",
        NOTHING,
    ]


def test_suppressed_deliveries_are_named_in_a_dry_run():
    reader = make_reader("diffusion policy")
    Suppression.objects.suppress(reader.email, "bounce")
    assert f"2026-04-22 to {reader}: suppressed" in send("--dry-run")
