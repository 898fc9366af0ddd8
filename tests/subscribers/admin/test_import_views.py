"""Staff bring in a list in the admin, tried first, and send lists out as files."""

from __future__ import annotations

import csv
import json
from io import StringIO
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from subscribers.lists.import_file import COLUMNS
from subscribers.lists.import_runs import run_imports
from subscribers.models import ListImport, Subscriber
from tests.factories import make_reader

pytestmark = pytest.mark.django_db
UPLOAD = "admin:subscribers_subscriber_import"
PEOPLE = "email,topics\nada@example.org,RAG\n=cmd,RAG\nbob@example.org,-x\n"


@pytest.fixture
def staff(client: Client) -> Client:
    client.force_login(User.objects.create(username="noether", is_staff=True, is_superuser=True))
    return client


def upload(
    staff: Client, text: str | bytes = PEOPLE, name: str = "people.csv", **fields: Any
) -> Any:
    body = text if isinstance(text, bytes) else text.encode()
    file = SimpleUploadedFile(name, body)
    return staff.post(reverse(UPLOAD), {"file": file, "consent": "ask"} | fields)


def read(answer: Any) -> str:
    parts = answer.streaming_content if answer.streaming else [answer.content]
    return b"".join(parts).decode()


def test_a_list_is_tried_shown_brought_in_and_its_rejects_can_be_mended(staff: Client) -> None:
    page = upload(staff)["Location"]
    waiting = staff.get(page)
    assert waiting["Refresh"]
    assert "ada@example.org" in read(waiting)
    assert "What would become of the lines" not in read(waiting)  # nothing is counted yet
    assert "It begins as a formula" in read(waiting)
    run_imports(timezone.now())
    tried = staff.get(page)
    assert "Refresh" not in tried
    assert "What would become of the lines" in read(tried)
    assert "Line 3: email “=cmd”: It begins as a formula" in read(tried)
    assert not Subscriber.objects.exists()
    assert "Bring in 3 lines" in read(tried)
    staff.post(page, {"go": "1"})
    run_imports(timezone.now())
    done = read(staff.get(page))
    assert "This list is brought in." in done
    assert "Bring in 3 lines" not in done
    assert Subscriber.objects.get().status == "pending"
    rejects = list(csv.reader(StringIO(read(staff.get(f"{page}rejects.csv")))))
    assert rejects[0] == ["email", "topics", "line", "problem"]
    assert [row[:3] for row in rejects[1:]] == [
        ["'=cmd", "RAG", "3"],
        ["bob@example.org", "'-x", "4"],
    ]
    said = LogEntry.objects.order_by("pk").values_list("change_message", flat=True)
    assert list(said) == ["Tried a list of 3 lines.", "Brought in a list of 3 lines."]


def test_a_file_keeps_its_name_whatever_its_letters(staff: Client) -> None:
    page = upload(staff, name="Люди.csv")["Location"]
    run_imports(timezone.now())
    told = staff.get(f"{page}rejects.csv")["Content-Disposition"]
    assert told == "attachment; filename*=utf-8''%D0%9B%D1%8E%D0%B4%D0%B8.rejects.csv"


@pytest.mark.parametrize(
    ("text", "fields", "said"),
    [
        (b"", {}, "The file is empty"),
        ("name\nAda\n", {}, "say which one holds the addresses, or begin the file"),
        (PEOPLE, {"uses_tags": "on"}, "no column of tags, labels or groups"),
        (b"PK\x03\x04" + b"\0" * 40, {}, "a spreadsheet as Excel keeps it"),
        (b"\x89PNG\r\n\x1a\n\0\0", {}, "It is a picture: save the list as “CSV UTF-8”"),
        (b"\x01\0\xd8\xdf\0\xd8" * 9, {}, "It is no text file"),
        ("email,topics\n", {}, "nobody below them"),
        ('email\n"ada\n', {"encoding": "klingon"}, "is no encoding"),
        (PEOPLE, {"topics": "-x"}, "x"),
        (PEOPLE, {"consent": "maybe"}, "Select a valid choice"),
    ],
)
def test_what_is_no_list_comes_back_as_a_sentence(
    staff: Client, text: Any, fields: dict[str, str], said: str
) -> None:
    answer = upload(staff, text, **fields)
    assert answer.status_code == 422
    assert said in read(answer)
    assert "codec" not in read(answer)
    assert not ListImport.objects.exists()


def test_what_is_under_way_can_be_stopped_and_a_trial_brought_in_later(staff: Client) -> None:
    page = upload(staff)["Location"]
    staff.post(page, {"stop": "1"})
    run_imports(timezone.now())
    row = ListImport.objects.get()
    assert (row.state, row.done) == ("stopped", 0)
    staff.post(page, {"stop": "1"})
    assert "look again" in read(staff.post(page, {"stop": "1"}, follow=True))
    staff.post(page, {"go": "1"})
    run_imports(timezone.now())
    assert Subscriber.objects.count() == 1


def test_lists_go_out_as_files_that_no_spreadsheet_runs_and_come_in_again(staff: Client) -> None:
    make_reader("RAG", email="ada@example.org")
    left = make_reader("RAG", email="=cmd@example.org")
    export = "admin:subscribers_subscriber_export"
    text = read(staff.post(reverse(export, args=["csv"])))
    assert "<=cmd@example.org>" in text
    left.unsubscribe(timezone.now())
    text = read(staff.post(reverse(export, args=["csv"])))
    assert "cmd" not in text
    lines = read(staff.post(reverse(export, args=["json"]), {"all": "1"})).splitlines()
    assert {json.loads(line)["status"] for line in lines} == {"active", "unsubscribed"}
    assert staff.get(reverse(export, args=["csv"])).status_code == 405
    assert LogEntry.objects.filter(change_message__startswith="Exported").count() == 3
    page = upload(staff, text)["Location"]
    run_imports(timezone.now())
    assert ListImport.objects.get().fates == {"known already": 1}
    assert "Bring in a list" in read(staff.get(reverse("admin:subscribers_subscriber_changelist")))
    assert page


def test_the_example_has_each_column_that_is_explained_and_comes_in_as_it_stands(
    staff: Client,
) -> None:
    page = read(staff.get(reverse(UPLOAD)))
    example = reverse("admin:subscribers_subscriber_example")
    assert f'href="{example}"' in page
    text = read(staff.get(example))
    head, *rows = csv.reader(StringIO(text))
    assert [name for name in head if f"<code>{name}</code>" not in page] == []
    assert set(head) == set(COLUMNS)
    assert len(rows) == 3
    list_page = upload(staff, text)["Location"]
    run_imports(timezone.now())
    row = ListImport.objects.get()
    assert not row.rejects.exists()
    staff.post(list_page, {"go": "1"})
    run_imports(timezone.now())
    assert Subscriber.objects.filter(status="pending").count() == 3
