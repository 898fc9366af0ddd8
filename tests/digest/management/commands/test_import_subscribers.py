from __future__ import annotations

import csv
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from subscribers.models import Subscriber, Suppression
from subscribers.signup.send_confirmation import send_waiting
from tests.factories import NOW, make_reader, make_subscriber

pytestmark = pytest.mark.django_db
HEADER = "email,topics,timezone,send_hour,cadence,max_papers,confirmed\n"


@pytest.fixture
def bring(tmp_path: Path) -> Any:
    """Import a file of these lines; what was said, and the rejects as rows."""

    def bring(text: str | bytes, *options: str) -> tuple[list[str], list[list[str]]]:
        path, out = tmp_path / "people.csv", StringIO()
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        (tmp_path / "people.rejects.csv").unlink(missing_ok=True)
        call_command("import_subscribers", str(path), *options, now=NOW.isoformat(), stdout=out)
        rejects = tmp_path / "people.rejects.csv"
        rows = list(csv.reader(rejects.open(newline=""))) if rejects.exists() else []
        return out.getvalue().splitlines(), rows

    return bring


def status(email: str) -> str:
    return str(Subscriber.objects.get(email=email).status)


def test_people_get_a_confirmation_first_whatever_the_file_says(bring: Any) -> None:
    lines = HEADER + "Ada@Example.org,LLM agents; RAG,Europe/Berlin,07:00,Weekdays,5,yes\n"
    said, rejects = bring(lines)
    reader = Subscriber.objects.get()
    assert (reader.email, reader.status, reader.confirmed_at) == (
        "ada@example.org",
        "pending",
        None,
    )
    assert reader.wishes["topics"] == ["LLM agents", "RAG"]
    assert reader.wishes["send_hour"] == 7
    assert said == [
        "1 line: 0 confirmed, 1 asked to confirm, 0 known already, 0 rejected. 1 said to have "
        "confirmed were asked nevertheless: --confirmed takes their word for it."
    ]
    assert rejects == []


def test_those_who_agreed_elsewhere_are_active_at_once_with_all_their_wishes(bring: Any) -> None:
    said, _ = bring(
        HEADER + "ada@example.org,RAG,Europe/Berlin,7,weekly,5,2026-01-31\n"
        "grace@example.org,RAG,,,,,yes\nalan@example.org,RAG,,,,,\n",
        "--confirmed",
    )
    ada = Subscriber.objects.get(email="ada@example.org")
    assert (ada.status, f"{ada.confirmed_at:%Y-%m-%d}") == ("active", "2026-01-31")
    assert (ada.timezone, ada.send_hour, ada.cadence, ada.max_papers) == (
        "Europe/Berlin", 7, "weekly", 5,
    )  # fmt: skip
    assert [topic.query for topic in ada.topics.all()] == ["RAG"]
    assert (status("grace@example.org"), status("alan@example.org")) == ("active", "pending")
    assert said == ["3 lines: 2 confirmed, 1 asked to confirm, 0 known already, 0 rejected."]


def test_a_second_run_changes_nothing(bring: Any) -> None:
    lines = HEADER + "ada@example.org,RAG,,,,,yes\nalan@example.org,RAG,,,,,no\n"
    bring(lines, "--confirmed")
    before = list(Subscriber.objects.order_by("pk").values())
    said, _ = bring(lines, "--confirmed")
    assert said == ["2 lines: 0 confirmed, 0 asked to confirm, 2 known already, 0 rejected."]
    assert list(Subscriber.objects.order_by("pk").values()) == before


def test_nobody_who_left_or_is_suppressed_comes_back(bring: Any) -> None:
    make_subscriber(email="gone@example.org", status="unsubscribed", unsubscribed_at=NOW)
    Suppression.objects.create(email="bounced@example.org", reason="bounce")
    said, rejects = bring(
        HEADER + "GONE@example.org,RAG,,,,,yes\nbounced@example.org,RAG,,,,,yes\n", "--confirmed"
    )
    assert status("gone@example.org") == "unsubscribed"
    assert not Subscriber.objects.mailable().exists()
    assert [row[-2:] for row in rejects[1:]] == [
        ["2", "They unsubscribed on 2026-04-22: only they themselves can sign up again."],
        ["3", "This address is suppressed (bounce) and stays so."],
    ]
    assert said[-1].startswith("2 lines: 0 confirmed, 0 asked to confirm, 0 known already, 2 rej")


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("not an address,RAG,,,,,", "Check the address"),
        (",RAG,,,,,", "There is no address."),
        ("ada@example.org,,,,,,", "There is no topic."),
        ('ada@example.org,"""unclosed",,,,,', "quot"),
        ("ada@example.org,RAG,Mars/Olympus,,,,", "Mars/Olympus"),
        ("ada@example.org,RAG,,25,,,", "25"),
        ("ada@example.org,RAG,,,hourly,,", "hourly"),
        ("ada@example.org,RAG,,,,500,", "50"),
        ("ada@example.org,RAG,,,,,perhaps", "“perhaps” is neither yes, no nor a date"),
        ("ada@example.org,RAG,,,,,2099-01-01", "which is still to come"),
    ],
)
def test_a_bad_line_is_kept_with_its_number_and_a_sentence_and_the_others_are_in(
    line: str, said: str, bring: Any
) -> None:
    lines, rejects = bring(f"{HEADER}{line}\n\ngrace@example.org,RAG,,,,,\n")
    assert rejects[0] == [*HEADER.strip().split(","), "line", "problem"]
    assert rejects[1][:-2] == next(csv.reader([line]))
    assert rejects[1][-2] == "2"
    assert said in rejects[1][-1]
    assert lines[0] == f"Line 2: {rejects[1][-1]}"
    assert [s.email for s in Subscriber.objects.all()] == ["grace@example.org"]


def test_a_file_as_spreadsheets_write_it_is_read(bring: Any) -> None:
    said, rejects = bring(
        '\ufeffEmail;Topics;Notes\r\nada@example.org;"RAG\r\n""world model""";two lines\r\n'
        "grace@example.org\r\n"
    )
    assert Subscriber.objects.get().wishes["topics"] == ["RAG", '"world model"']
    assert rejects[1] == ["grace@example.org", "", "", "4", "There is no topic."]
    assert said[0] == "Line 4: There is no topic."


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "names no column “email”"),
        ("address,topic\n", "names no column “email”"),
        (HEADER.encode() + "ä".encode("latin-1"), "not in UTF-8"),
        (HEADER + '"' + "x" * 60_000, "cannot be read: field larger than"),
    ],
)
def test_what_is_no_list_of_people_is_refused_in_a_sentence(
    text: str | bytes, said: str, bring: Any
) -> None:
    with pytest.raises(CommandError, match=said):
        bring(text)


def test_a_file_that_breaks_off_says_how_far_it_came(bring: Any) -> None:
    with pytest.raises(CommandError, match=r"Before it, 1 line: 0 confirmed, 1 asked to confirm"):
        bring(HEADER + "ada@example.org,RAG,,,,,\n" + "x" * 60_000)
    assert status("ada@example.org") == "pending"


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match=r"nobody\.csv cannot be opened: No such file"):
        call_command("import_subscribers", str(tmp_path / "nobody.csv"))


def test_those_asked_get_their_confirmation_and_nobody_else(bring: Any, mailoutbox: Any) -> None:
    make_reader("RAG", email="known@example.org")
    bring(HEADER + "known@example.org,agents,,,,,\nada@example.org,RAG,,,,,\n")
    send_waiting(NOW)
    assert [message.to for message in mailoutbox] == [["ada@example.org"]]
