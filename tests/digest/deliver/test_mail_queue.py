"""What is claimed together is rendered call by call, and as much is claimed as soon leaves."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import OperationalError

from digest.deliver import RunOptions, mail_queue
from digest.deliver.mail_queue import ClaimSize, MailQueue
from digest.models import Delivery
from digest.render import Typesetter
from digest.render.digest_mail import DigestMail
from tests.factories import make_delivery, make_paper


def make_rows(count: int) -> list[Delivery]:
    items = [{"id": make_paper().pk, "section": "new", "topics": []}]
    return [make_delivery(contents={"papers": items}) for _ in range(count)]


@pytest.mark.django_db
def test_a_mail_is_rendered_when_its_call_is_next(monkeypatch: pytest.MonkeyPatch) -> None:
    rendered: list[int] = []
    render = Typesetter._render_one

    def note(self: Typesetter, delivery: Delivery) -> Any:
        rendered.append(delivery.pk)
        return render(self, delivery)

    monkeypatch.setattr(Typesetter, "_render_one", note)
    queue, rows = MailQueue(Typesetter()), make_rows(5)
    queue.add(rows)
    first = queue.take(2)
    assert rendered == [row.pk for row in rows[:2]]
    assert [row for row, _ in first] == rows[:2]
    assert [mail.to for _, mail in first if mail] == [[row.subscriber.email] for row in rows[:2]]
    assert queue.clear() == rows[2:]
    assert not queue
    queue.add(rows[3:])  # what was given back comes again
    assert [row for row, _ in queue.take(9)] == rows[3:]


@pytest.mark.django_db
def test_a_call_is_full_where_its_bodies_have_so_many_bytes() -> None:
    queue, rows = MailQueue(Typesetter(is_quoted=True)), make_rows(4)
    queue.add(rows)
    [(_, mail)] = queue.take(1)
    assert isinstance(mail, DigestMail)
    assert [row for row, _ in queue.take(3, mail.size + 1)] == rows[1:3]
    assert [row for row, _ in queue.take(3)] == rows[3:]


@pytest.mark.django_db
def test_no_row_is_lost_where_the_database_goes_away(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: Any) -> None:
        raise OperationalError

    queue, rows = MailQueue(Typesetter()), make_rows(2)
    queue.add(rows)
    monkeypatch.setattr(Typesetter, "_read_papers", fail)
    with pytest.raises(OperationalError):
        queue.take(1)
    assert queue.clear() == rows


def test_a_quick_run_claims_more_and_a_slow_one_as_many_as_at_first(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    now = 100.0
    monkeypatch.setattr(mail_queue.time, "monotonic", lambda: now)
    size, chosen = ClaimSize(100, RunOptions().most), []
    for seconds in (0.0, 0.1, 0.4, 0.4, 0.4, 0.8, 3.0, 0.1):
        now += seconds
        chosen.append(size.choose())
    assert chosen == [100, 200, 400, 500, 500, 500, 100, 200]
    assert RunOptions(size=1).most == 1
