from __future__ import annotations

import csv
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from digest.management.commands import import_subscribers
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


@pytest.mark.parametrize(
    ("columns", "cells", "said"),
    [
        ("muted", "robots", ""),
        ("muted", "AND AND", "muted “AND AND”: "),
        (
            "paused_until",
            "soon",
            "paused_until “soon”: Write a date such as 2026-04-22, or nothing.",
        ),
        ("wants_near", "maybe", "wants_near “maybe”: Write yes or no."),
        ("wants_near,wants_passing", "no,", ""),
    ],
)
def test_what_else_an_export_of_ours_knows_is_taken_in_or_refused_in_words(
    bring: Any, columns: str, cells: str, said: str
) -> None:
    lines = f"email,topics,confirmed,{columns}\nada@example.org,RAG,yes,{cells}\n"
    _, rejects = bring(lines, "--confirmed")
    assert [row[-1].startswith(said) for row in rejects[1:]] == [True] * bool(said)
    assert Subscriber.objects.active().exists() is not bool(said)
    if columns == "muted" and not said:
        [muted] = Subscriber.objects.get().interests.mutes()
        assert muted.topic.query == "robots"


def test_a_second_run_changes_nothing(bring: Any) -> None:
    lines = HEADER + "ada@example.org,RAG,,,,,yes\nalan@example.org,RAG,,,,,no\n"
    bring(lines, "--confirmed")
    before = list(Subscriber.objects.order_by("pk").values())
    said, _ = bring(lines, "--confirmed")
    assert said == ["2 lines: 0 confirmed, 0 asked to confirm, 2 known already, 0 rejected."]
    assert list(Subscriber.objects.order_by("pk").values()) == before


def test_nobody_who_left_or_is_suppressed_comes_back(bring: Any) -> None:
    make_subscriber(email="gone@example.org", status="unsubscribed", unsubscribed_at=NOW)
    Suppression.objects.suppress("bounced@example.org", "bounce")
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
        ("", "It is empty."),
        ("address,topic\n", "names no column “email”"),
        (b"\xff\xfea", "is not in utf-16"),
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


MAILCHIMP = (
    '"Email Address","First Name",OPTIN_TIME,CONFIRM_TIME,TIMEZONE,TAGS\n'
    'ada@example.org,Ada,"2024-02-12 18:06:58","2024-02-12 18:06:58",europe/zurich,'
    '"""robots"",""bees"""\n'
)
EXPORTS = {
    "mailchimp": MAILCHIMP,
    "substack": (
        "email,active_subscription,expiry,plan,email_disabled,digest_enabled,created_at\n"
        "ada@example.org,false,,other,false,true,2024-02-12T18:06:58.000Z\n"
        "gone@example.org,false,,other,true,true,2024-02-12T18:06:58.000Z\n"
    ),
    "ghost": (
        "id,email,name,note,subscribed_to_emails,complimentary_plan,created_at,deleted_at,labels\n"
        "1,ada@example.org,Ada,,true,false,2024-02-12T18:06:58.000Z,,robots\n"
        "2,gone@example.org,Bo,,false,false,2024-02-12T18:06:58.000Z,,robots\n"
        "3,left@example.org,Bo,,true,false,2024-02-12T18:06:58.000Z,2024-03-01T00:00:00Z,\n"
    ),
    "buttondown": (
        "id,email_address,notes,tags,type,creation_date,unsubscription_date\n"
        'a,ada@example.org,,"robots, bees",regular,2024-02-12,\n'
        "b,gone@example.org,,,unsubscribed,2024-02-12,2024-03-01\n"
    ),
    "listmonk": (
        "uuid,email,name,attributes,status,created_at,updated_at\n"
        'u-1,ada@example.org,Ada,"{""city"": ""Ulm""}",enabled,2024-02-12,2024-02-12\n'
        "u-2,gone@example.org,Bo,{},blocklisted,2024-02-12,2024-02-12\n"
    ),
    "kit": (
        "id,first_name,email_address,state,created_at,tags\n"
        '1,Ada,ada@example.org,active,"2024-02-12 18:06:58 UTC","robots,bees"\n'
        '2,Bo,gone@example.org,cancelled,"2024-02-12 18:06:58 UTC",\n'
    ),
    "excel": "sep=;\r\nE-Mail;Name\r\nada@example.org;Ada\r\n",
    "tabs": "E-mail address\tName\nada@example.org\tAda\n",
    "addresses": "ada@example.org\n",
}


@pytest.mark.parametrize("export", EXPORTS.values(), ids=EXPORTS)
def test_lists_of_other_services_come_in_without_those_who_left(export: str, bring: Any) -> None:
    said, rejects = bring(export, "--topic", "slow robots")
    [reader] = Subscriber.objects.all()
    assert (reader.email, reader.wishes["topics"]) == ("ada@example.org", ["slow robots"])
    left_out = sum(name in export for name in ("gone@", "left@"))
    assert (f"{left_out} left out" in said[-1]) is bool(left_out)
    assert rejects == []


def test_the_zone_of_an_export_counts_in_whatever_case(bring: Any) -> None:
    said, _ = bring(MAILCHIMP)
    [reader] = Subscriber.objects.all()
    assert (reader.wishes["timezone"], reader.wishes["topics"]) == ("Europe/Zurich", [])
    assert "has no column “topics”" in said[-1]


def test_tags_are_topics_where_that_is_asked_for(bring: Any) -> None:
    bring(MAILCHIMP, "--tags-as-topics", "--topic", "ants")
    assert Subscriber.objects.get().wishes["topics"] == ["robots", "bees", "ants"]
    with pytest.raises(CommandError, match="no column of tags"):
        bring("email\nada@example.org\n", "--tags-as-topics")


@pytest.mark.parametrize("column", ["Contact", "contact", "2"])
def test_the_column_of_addresses_can_be_named(column: str, bring: Any) -> None:
    bring("Name,Contact\nAda,Ada Lunt <ada@example.org>\n", "--email-column", column)
    assert Subscriber.objects.get().email == "ada@example.org"
    with pytest.raises(CommandError, match=r"no column “nobody”. Its columns are: Name, Contact"):
        bring("Name,Contact\nAda,ada@example.org\n", "--email-column", "nobody")


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"])
def test_a_file_is_read_in_its_encoding(encoding: str, bring: Any) -> None:
    said, _ = bring("email,topics\nada@example.org,Schrödinger equation\n".encode(encoding))
    assert Subscriber.objects.get().wishes["topics"] == ["Schrödinger equation"]
    assert ("not in UTF-8 (line 2)" in said[0]) is (encoding == "cp1252")


def test_an_encoding_that_no_rule_finds_is_said(bring: Any) -> None:
    bring("email,topics\nada@example.org,роботы\n".encode("cp1251"), "--encoding", "cp1251")
    assert Subscriber.objects.get().wishes["topics"] == ["роботы"]
    with pytest.raises(CommandError, match="“klingon” is no encoding"):
        bring("email\n", "--encoding", "klingon")


def test_a_trial_says_what_would_be_and_writes_nothing(bring: Any) -> None:
    said, rejects = bring(
        "email,topics,send_hour\nada@example.org,RAG,\nADA@example.org,RAG,\nbo@example.org,RAG,18:30\n",
        "--dry-run",
    )
    assert said == [
        "Line 4: send_hour “18:30”: Digests leave at full hours: write 18 or 19.",
        "Nothing is written; this would be: 3 lines: 0 confirmed, 1 asked to confirm, 1 known "
        "already, 1 rejected.",
    ]
    assert (rejects, Subscriber.objects.count()) == ([], 0)


def test_a_formula_is_refused_and_kept_so_that_no_spreadsheet_runs_it(bring: Any) -> None:
    said, rejects = bring('email,topics\n"=HYPERLINK(""x"")",RAG\n+1@example.org,RAG\n')
    assert "It begins as a formula of a spreadsheet does" in said[0]
    assert "It begins as a formula" in said[1]
    assert rejects[1][0] == '\'=HYPERLINK("x")'
    assert not Subscriber.objects.exists()


def test_how_far_a_long_list_is_read_is_told(bring: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(import_subscribers, "TELL_EVERY", 2)
    said, _ = bring("email,topics\n" + "".join(f"a{n}@example.org,\n" for n in range(5)))
    assert "4 lines of about 6 are done." in said
