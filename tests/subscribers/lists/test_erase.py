"""A list that lies there forgets whoever is deleted, and nobody else."""

from __future__ import annotations

import pytest
from django.db import transaction

from subscribers.account.address import delete_subscriber
from subscribers.lists import import_runs
from subscribers.lists.erase import erase_addresses
from subscribers.lists.import_csv import ERASED, find_address
from subscribers.lists.import_file import read_lines
from subscribers.lists.import_runs import run_imports
from subscribers.models import ListImport, RejectedLine, Subscriber
from tests.factories import NOW, make_subscriber
from tests.row_locks import must_wait_for
from tests.subscribers.lists.test_import_runs import go_on, make_list

pytestmark = pytest.mark.django_db
ADDRESS = "ada@example.org"


def erase(*addresses: str) -> None:
    with transaction.atomic():
        erase_addresses(addresses)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("email,name\nADA@Example.org,Ada\n", "email,name\n{e},{e}\n"),
        ("email\r\nAda L. <ada@example.org>\r\nbob@example.org", "email\r\n{e}\r\nbob@example.org"),
        ("ada@example.org\nbob@example.org\n", "{e}\nbob@example.org\n"),
        ("sep=;\nemail;by\nbob@example.org;ada@example.org\n", "sep=;\nemail;by\n{e};{e}\n"),
        ("email\n'ada@example.org'\nO'ada@example.org\n", "email\n{e}\nO'ada@example.org\n"),
        ("email\nby=ada@example.org.\nb@c.example|ada@example.org\n", "email\n{e}\n{e}\n"),
        ('email,note\nada@example.org,"a\nb"\nbob,c\n', 'email,note\n{e},"{e}\n"\nbob,c\n'),
    ],
)
def test_its_lines_are_written_over_where_they_stand(before: str, after: str) -> None:
    row = make_list(before)
    erase(ADDRESS)
    row.refresh_from_db()
    assert (row.text, row.erasures) == (after.format(e=ERASED), 1)


@pytest.mark.parametrize(
    "text",
    [
        "email\nnada@example.org\n",
        "email\nada@example.org.uk\n",
        "email\nx.ada@example.org\n",
        "email\no'ada@example.org\n",
        "email\nO\u2019ADA@example.org\n",
        "email\nx+ada@example.org\nx-ada@example.org\nx_ada@example.org\nx&ada@example.org\n",
        "email\nada@example.organic\nada@example.org-x\n\u00e9ada@example.org\n",
    ],
)
def test_whose_address_only_holds_theirs_stays(text: str) -> None:
    row = make_list(text)
    erase(ADDRESS)
    assert ListImport.objects.get(pk=row.pk).text == text


@pytest.mark.services
@pytest.mark.django_db(transaction=True)
def test_two_who_erase_at_once_lose_nothing_of_each_other() -> None:
    """Each reads the list's text, and writes it: the second waits before it reads."""
    make_list(f"email\n{ADDRESS}\n")
    # Stands in the way of whoever reads the row to change it, and of no UPDATE by itself.
    with must_wait_for("SELECT * FROM subscribers_listimport FOR KEY SHARE"):
        erase(ADDRESS)


def test_an_address_of_more_than_letters_is_found_whole() -> None:
    addresses = ["o'hara@example.org", "a.b+c@example.org", "x&y@example.org"]
    row = make_list("email\n" + "\n".join([*addresses, "hara@example.org", "c@example.org"]) + "\n")
    erase(*addresses)
    row.refresh_from_db()
    kept = ["hara@example.org", "c@example.org"]
    assert row.text.splitlines()[1:] == [*[ERASED] * len(addresses), *kept]


def test_a_domain_is_known_in_its_own_script() -> None:
    row = make_list("email,topics\nAda@BÜCHER.example,RAG\nada@bücher.example,\nbob@b.example,\n")
    other = make_list("email\nbob@b.example\n")
    run_imports(NOW)
    erase("ada@xn--bcher-kva.example")
    row.refresh_from_db()
    erased = f"{ERASED},{ERASED}\n"
    assert row.text == f"email,topics\n{erased}{erased}bob@b.example,\n"
    assert sorted(row.rejects.values_list("cells", flat=True)) == [
        ["bob@b.example", ""],
        [ERASED, ERASED],
    ]
    assert ListImport.objects.get(pk=other.pk).erasures == 0


@pytest.mark.parametrize(
    ("domain", "typed"),
    [
        ("xn--strae-oqa.example", "stra\u00dfe.example"),  # IDNA 2003 takes it for strasse
        ("xn--bcher-kva.example", "bu\u0308cher.example"),  # as a Mac writes it
        ("xn--mxa8ab.example", "\u03c3\u03b1\u03c2.example"),
        ("xn--istanbul-o0e.example", "\u0130stanbul.example"),
        ("example.org", "\uff45xample\u3002org"),
    ],
)
def test_a_domain_is_known_however_it_is_typed(domain: str, typed: str) -> None:
    row = make_list(f"email,topics\nAda@{typed},RAG\nbob@{typed},RAG\nAda@{typed},\n")
    assert find_address(next(iter(read_lines(row.text)))) == f"ada@{domain}"  # so it is read
    run_imports(NOW)
    erase(f"ada@{domain}")
    row.refresh_from_db()
    erased = f"{ERASED},{ERASED}\n"
    assert row.text == f"email,topics\n{erased}bob@{typed},RAG\n{erased}"
    assert row.rejects.get().cells == [ERASED, ERASED]


def test_a_list_that_is_named_for_one_of_many_is_named_so_no_more() -> None:
    row = make_list("email\nbob@example.org\n", name=f"of {ADDRESS}.csv")
    erase("carl@example.org", ADDRESS)
    row.refresh_from_db()
    assert ADDRESS not in row.name


def test_what_was_rejected_of_them_names_them_no_more() -> None:
    row = make_list("email,topics\nada@example.org,\nada,RAG\n", name="of ada@example.org.csv")
    run_imports(NOW)
    erase(ADDRESS)
    assert list(row.rejects.values_list("cells", flat=True)) == [[ERASED, ERASED], ["ada", "RAG"]]
    rows = [*ListImport.objects.values_list("text", "name"), *RejectedLine.objects.values_list()]
    assert ADDRESS not in str(rows)
    assert "It named somebody who was deleted since." in str(rows)


def test_who_is_deleted_between_trial_and_bringing_in_does_not_come_back() -> None:
    reader = make_subscriber(email=ADDRESS)
    row = make_list("email,topics\nada@example.org,RAG\nbob@example.org,RAG\n")
    run_imports(NOW)
    delete_subscriber(reader)
    go_on(row)
    run_imports(NOW)
    row.refresh_from_db()
    assert row.fates == {"left out": 1, "asked to confirm": 1}
    assert list(Subscriber.objects.values_list("email", flat=True)) == ["bob@example.org"]


@pytest.mark.parametrize("is_trial", [True, False])
def test_a_worker_that_is_at_it_reads_it_anew(
    monkeypatch: pytest.MonkeyPatch, is_trial: bool
) -> None:
    monkeypatch.setattr(import_runs, "CHUNK", 1)
    reader = make_subscriber(email=ADDRESS)
    text = "email,topics\nbob@example.org,RAG\nada@example.org,RAG\neve@example.org,RAG\n"
    row = make_list(text, is_trial=is_trial)
    turns = []

    def delete_meanwhile() -> bool:
        turns.append(1)
        if len(turns) == 3:  # one for the list, one for Bob
            delete_subscriber(reader)
        return True

    assert run_imports(NOW, delete_meanwhile) is False
    row.refresh_from_db()
    assert (row.state, row.done) == ("done", 3)
    assert row.fates == {"left out": 1, "asked to confirm": 2}
    assert ADDRESS not in row.text
    assert not Subscriber.objects.filter(email=ADDRESS).exists()
