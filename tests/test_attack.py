"""The short form of `make attack`: the costliest request known of each page, in this process.

Counted is the CPU time of this thread, generously: a machine that is busy takes longer for the
same. What the limits promise is counted in words and rows elsewhere.
"""

from __future__ import annotations

import threading
import time
from typing import Any
from urllib.parse import urlencode

import pytest
from django.core.wsgi import get_wsgi_application
from django.test import Client
from waitress import create_server, wasyncore

from config.body_sizes import find_most_bytes
from digest.management import patient_channels
from digest.match import match_papers
from tests.campaigns.attack.costly import list_costly
from tests.campaigns.attack.floods import Flood
from tests.campaigns.attack.odd import find_faults
from tests.campaigns.attack.site import FORM
from tests.factories import NOW, make_paper, make_topic

MOST_SECONDS = 10.0


@pytest.mark.django_db
def test_no_page_answers_the_costliest_requests_with_an_error_or_endless_work(
    client: Client,
) -> None:
    make_topic("model")
    paper = make_paper(title="A language model for video")
    match_papers(NOW)
    day = f"/papers/{NOW.date()}/"
    pages = {"today": "/", "day": day, "topic": "/topics/model/", "topics": "/topics/"}
    pages["paper"] = f"/paper/{paper.identifier}/"
    client.raise_request_exception = False
    for request in list_costly(pages, share=0.2):
        began_at = time.thread_time()
        if request.method == "POST":
            answer = client.post(request.path, urlencode(request.fields), content_type=FORM)
        else:
            answer = client.get(request.path)
        assert answer.status_code in request.answers, request.name
        assert time.thread_time() - began_at < MOST_SECONDS, request.name


def test_each_request_is_as_long_as_its_page_takes_but_the_one_that_is_too_long() -> None:
    pages = {"today": "/", "day": "/papers/2026-04-22/", "topics": "/topics/"}
    pages |= {"topic": "/topics/model/", "paper": "/paper/url:1/"}
    for request in list_costly(pages):
        is_refused = len(urlencode(request.fields)) > find_most_bytes(request.path)
        assert is_refused == (request.answers == (413,)), request.name


@pytest.mark.django_db(transaction=True)
def test_odd_requests_are_no_fault_of_the_site_as_make_run_serves_it() -> None:
    channels: dict[int, Any] = {}
    options = patient_channels.OPTIONS | {"map": channels, "ident": None}
    server = create_server(get_wsgi_application(), host="127.0.0.1", port=0, threads=1, **options)
    server.channel_class = patient_channels.PlainChannel
    is_over = threading.Event()

    def serve() -> None:
        while not is_over.is_set():
            wasyncore.poll2(0.02, channels)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        assert find_faults(int(server.effective_port)) == []
    finally:
        is_over.set()
        thread.join()
        server.task_dispatcher.shutdown(timeout=1)
        wasyncore.close_all(channels)


def test_a_flood_is_described_with_what_others_saw() -> None:
    flood = Flood("8 clients", health=[0.01, 0.02, 0.03], visits=[0.1, 0.2], failed_visits=1)
    flood.statuses.update([200, 503, 503])
    said = flood.describe()
    assert "20 / 20 / 30 ms" in said
    assert said.endswith("1 × 200, 2 × 503")
