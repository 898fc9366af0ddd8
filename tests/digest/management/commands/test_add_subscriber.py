import re
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from subscribers.models import Subscriber, Topic
from tests.factories import NOW, make_reader

pytestmark = pytest.mark.django_db


def add(*args):
    out = StringIO()
    call_command("add_subscriber", *args, stdout=out)
    return out.getvalue()


def test_a_confirmed_subscriber_is_due_at_once():
    said = add("Ada@Example.org", "--topic", "LLM agents", "--topic", "RAG", "--confirmed",
               "--now", "2026-04-22T12:00")  # fmt: skip
    reader = Subscriber.objects.due(NOW).get()
    assert (reader.email, reader.confirmed_at) == ("ada@example.org", NOW)
    assert [topic.query for topic in reader.topics.order_by("pk")] == ["LLM agents", "RAG"]
    assert "Added ada@example.org, active, 2 topics." in said


def test_the_printed_links_work(client):
    said = add("ada@example.org")
    links = dict(re.findall(r"(Confirm|Preferences|Unsubscribe): +https?://[^/]+(/\S+)", said))
    assert set(links) == {"Confirm", "Preferences", "Unsubscribe"}
    for path in links.values():
        assert client.get(path).status_code == 200
    client.post(links["Confirm"])
    assert Subscriber.objects.get().status == "active"


def test_adding_somebody_again_adds_topics_and_keeps_the_rest():
    make_reader("diffusion policy", email="ada@example.org")
    said = add("ada@example.org", "--topic", "RAG", "--topic", "RAG")
    assert "Updated ada@example.org, active, 2 topics." in said


@pytest.mark.parametrize(
    ("args", "sentence"),
    [
        (["not an address"], "is not an email address"),
        (["ada@example.org", "--topic", '"unclosed'], "quote"),
        (["ada@example.org", *[f"--topic=word{n} tool" for n in range(51)]], "too many"),
    ],
)
def test_bad_input_is_answered_in_a_sentence_and_changes_nothing(args, sentence):
    with pytest.raises(CommandError, match=sentence):
        add(*args)
    assert (Subscriber.objects.count(), Topic.objects.count()) == (0, 0)


def test_nobody_gets_more_topics_than_a_person_can_follow():
    make_reader(*[f"word{n} tool" for n in range(50)], email="ada@example.org")
    with pytest.raises(CommandError, match="at most 50"):
        add("ada@example.org", "--topic", "RAG")
    assert Topic.objects.count() == 50


def test_how_an_and_is_read_is_said():
    said = add("ada@example.org", "--topic", "rag and tool use")
    assert "For papers with both, anywhere in them, type rag + tool use." in said
