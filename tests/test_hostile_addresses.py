"""What visitors put into addresses and forms ends in a page, never in a traceback."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote
from xml.etree import ElementTree

import pytest

from subscribers.models import Topic
from subscribers.topics import TopicError
from tests.attacks import MARKUP

TYPED = ["a\x00b", "\ud800\u2028\r\nX: 1", "../../etc/passwd%00' OR 1=1 --", "𝕏" * 500]
PLACES = [
    "/search?q={}",
    "/search?q=x&page={}",
    "/paper/{}/",
    "/topics/{}/",
    "/papers/{}/",
    "/confirm/{}/",
    "/preferences/{}/",
    "/unsubscribe/{}/",
    "/account/{}/",
    "/mail/{}/",
    "/outbox/{}/",
    "/outbox/{}/html/",
    "/feeds/search.atom?q={}",
    "/feeds/search.json?q={}",
    "/feeds/topics/{}.atom",
    "/feeds/papers/{}.json",
    "/api/v1/search?q={}",
    "/api/v1/papers/{}",
    "/api/v1/papers?cursor={}",
    "/api/v1/topics/{}",
    "/api/v1/days/{}",
    "/preview/?topics={}",
    "/interests/?q={}",
    "/?page={}",
]


@pytest.mark.django_db
@pytest.mark.parametrize("place", PLACES)
def test_whatever_stands_in_an_address_is_answered(place: str, client: Any, settings: Any) -> None:
    settings.EMAIL_BACKEND = settings.OUTBOX_BACKEND
    for typed in TYPED:
        response = client.get(place.format(quote(typed, errors="surrogatepass", safe="")))
        assert response.status_code in (200, 301, 302, 400, 404, 410, 422), typed
        if response.status_code == 200:
            _is_well_formed(response)
        assert not [v for v in response.headers.values() if "\n" in str(v) or "\r" in str(v)]


def _is_well_formed(response: Any) -> None:
    body = response.getvalue().decode()
    if "xml" in response["Content-Type"]:
        ElementTree.fromstring(body)
    elif "json" in response["Content-Type"]:
        json.loads(body)


@pytest.mark.django_db
def test_a_topic_of_odd_characters_has_feeds_that_programs_can_read(client: Any) -> None:
    for typed in ("robots\x0b\x00 ai", "robots\ufffe ai", "\ud800 robots", "robots & <b> ]]>"):
        try:
            [topic] = Topic.objects.get_or_create_topics([typed])
        except TopicError:
            continue
        for form in ("atom", "json"):
            response = client.get(f"/feeds/topics/{topic.slug}.{form}")
            assert response.status_code == 200
            _is_well_formed(response)


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/subscribe/", "/preview/", "/interests/", "/preferences/"])
def test_whatever_stands_in_a_form_is_answered(path: str, client: Any) -> None:
    for text in ("a\x00b", "\ud800\u2028\r\nX: 1", MARKUP[0]):
        typed = text.encode(errors="surrogatepass")
        fields = ("email", "topics", "timezone", "cadence", "send_hour", "text", "query", "website")
        response = client.post(path, dict.fromkeys(fields, typed.decode(errors="replace")))
        assert response.status_code < 500, text
